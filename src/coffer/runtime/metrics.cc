#include "coffer/runtime/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <sstream>
#include <utility>

#include "coffer/base/mutex.h"

namespace coffer::runtime {

void Counter::Add(double amount) {
    impl_->Increment(amount);
}
void Gauge::Add(double amount) {
    impl_->Increment(amount);
}
void Gauge::Set(double value) {
    impl_->Set(value);
}
void Histogram::Observe(double value) {
    impl_->Observe(value);
}

struct Exposition::State {
    Filter wanted;
    Labels common;
    std::map<std::string, prometheus::MetricFamily, std::less<>> families;

    void AppendCommon(std::vector<prometheus::ClientMetric::Label>& labels) const {
        for (const auto& [name, value] : common)
            labels.push_back({name, value});
    }
};

Exposition::Exposition(Filter wanted, Labels common)
    : state_(std::make_unique<State>(State{std::move(wanted), std::move(common), {}})) {}

Exposition::~Exposition() = default;

bool Exposition::Wants(std::string_view name) const {
    return state_->wanted == nullptr || state_->wanted(name);
}

void Exposition::Add(SampleKind kind, std::string_view name, std::string_view help, double value,
                     const Labels& labels) {
    if (!Wants(name)) return;
    auto found = state_->families.find(name);
    if (found == state_->families.end()) {
        prometheus::MetricFamily family;
        family.name = name;
        family.help = help;
        family.type = kind == SampleKind::kCounter ? prometheus::MetricType::Counter
                                                   : prometheus::MetricType::Gauge;
        found = state_->families.emplace(name, std::move(family)).first;
    }
    prometheus::ClientMetric metric;
    for (const auto& [label, text] : labels)
        metric.label.push_back({label, text});
    state_->AppendCommon(metric.label);
    if (found->second.type == prometheus::MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    found->second.metric.push_back(std::move(metric));
}

std::string Exposition::Render() const {
    std::vector<prometheus::MetricFamily> families;
    families.reserve(state_->families.size());
    for (const auto& [name, family] : state_->families)
        families.push_back(family);
    return prometheus::TextSerializer().Serialize(families);
}

struct Registry::State {
    prometheus::Registry metrics{prometheus::Registry::InsertBehavior::Merge};
    Mutex mutex;
    std::vector<std::function<void(Exposition&)>> collectors GUARDED_BY(mutex);
};

Registry::Registry() : state_(std::make_unique<State>()) {}
Registry::~Registry() = default;

Counter Registry::GetCounter(const std::string& name, const std::string& help,
                             const Labels& labels) {
    auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->metrics);
    return Counter(&family.Add(labels));
}

Gauge Registry::GetGauge(const std::string& name, const std::string& help, const Labels& labels) {
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->metrics);
    return Gauge(&family.Add(labels));
}

Histogram Registry::GetHistogram(const std::string& name, const std::string& help,
                                 const std::vector<double>& bounds, const Labels& labels) {
    auto& family = prometheus::BuildHistogram().Name(name).Help(help).Register(state_->metrics);
    return Histogram(&family.Add(labels, bounds));
}

void Registry::AddCollector(std::function<void(Exposition&)> collect) {
    MutexLock lock(state_->mutex);
    state_->collectors.push_back(std::move(collect));
}

void Registry::Collect(Exposition& page) const {
    for (prometheus::MetricFamily& family : state_->metrics.Collect()) {
        if (family.metric.empty() || !page.Wants(family.name)) continue;
        for (prometheus::ClientMetric& metric : family.metric)
            page.state_->AppendCommon(metric.label);
        std::string name = family.name;
        page.state_->families.insert_or_assign(std::move(name), std::move(family));
    }
    std::vector<std::function<void(Exposition&)>> collectors;
    {
        MutexLock lock(state_->mutex);
        collectors = state_->collectors;
    }
    for (const auto& collect : collectors)
        collect(page);
}

}  // namespace coffer::runtime
