// Metrics: counters, gauges and histograms that code keeps, and figures that are read when somebody
// asks.
//
// Home of prometheus-cpp, which stays behind this header. What is registered lives as long as its
// Registry. Any thread may call everything but Exposition, which belongs to one scrape. Nothing
// here runs by itself: between scrapes a metric costs its memory.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace coffer::runtime {

using Labels = std::map<std::string, std::string>;

// Only grows. A handle: copies count the same thing.
class Counter {
  public:
    void Add(double amount = 1);

  private:
    friend class Registry;
    explicit Counter(prometheus::Counter* impl) : impl_(impl) {}
    prometheus::Counter* impl_;
};

class Gauge {
  public:
    void Add(double amount);  // below zero takes away
    void Set(double value);

  private:
    friend class Registry;
    explicit Gauge(prometheus::Gauge* impl) : impl_(impl) {}
    prometheus::Gauge* impl_;
};

class Histogram {
  public:
    void Observe(double value);

  private:
    friend class Registry;
    explicit Histogram(prometheus::Histogram* impl) : impl_(impl) {}
    prometheus::Histogram* impl_;
};

enum class SampleKind { kCounter, kGauge };

// What one scrape shows: families of samples.
class Exposition {
  public:
    // Asked for the name of a family; false leaves it out.
    using Filter = std::function<bool(std::string_view name)>;

    // `common`: labels that every sample carries.
    explicit Exposition(Filter wanted = nullptr, Labels common = {});
    ~Exposition();

    bool Wants(std::string_view name) const;

    // Adds a sample to the family of that name. The first sample decides the family's kind and
    // help.
    void Add(SampleKind kind, std::string_view name, std::string_view help, double value,
             const Labels& labels = {});

    // The text format of Prometheus, version 0.0.4, families in the order of their names.
    std::string Render() const;

    static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  private:
    friend class Registry;
    struct State;
    std::unique_ptr<State> state_;
};

class Registry {
  public:
    Registry();
    ~Registry();

    // The metric of that name and those labels: asking again gives the same one. `help` counts the
    // first time. One name is one kind of metric with one set of label names; another use of it is
    // a broken invariant.
    Counter GetCounter(const std::string& name, const std::string& help, const Labels& labels = {});
    Gauge GetGauge(const std::string& name, const std::string& help, const Labels& labels = {});

    // `bounds`: upper bounds of the buckets, growing, without the last, infinite one. Not a name's
    // second set of bounds.
    Histogram GetHistogram(const std::string& name, const std::string& help,
                           const std::vector<double>& bounds, const Labels& labels = {});

    // `collect` is called on every scrape, on the scraper's thread, and must not block for long.
    // What it refers to outlives the registry.
    void AddCollector(std::function<void(Exposition&)> collect);

    // Puts everything into `page`.
    void Collect(Exposition& page) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coffer::runtime
