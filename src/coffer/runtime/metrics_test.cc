#include "coffer/runtime/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::runtime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Scrape(const Registry& registry, Exposition::Filter wanted = nullptr,
                   Labels common = {}) {
    Exposition page(std::move(wanted), std::move(common));
    registry.Collect(page);
    return page.Render();
}

TEST(Metrics, CountersGaugesAndHistogramsAreRendered) {
    Registry registry;
    registry.GetCounter("jobs_total", "Jobs", {{"kind", "scrub"}}).Add(3);
    Gauge depth = registry.GetGauge("depth", "Depth");
    depth.Set(5);
    depth.Add(-2);
    Histogram seconds = registry.GetHistogram("wait_seconds", "Wait", {0.1, 1});
    seconds.Observe(0.05);
    seconds.Observe(20);

    const std::string text = Scrape(registry);
    EXPECT_THAT(text, HasSubstr("# HELP jobs_total Jobs\n# TYPE jobs_total counter\n"));
    EXPECT_THAT(text, HasSubstr("jobs_total{kind=\"scrub\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("depth 3\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"0.1\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_bucket{le=\"+Inf\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("wait_seconds_count 2\n"));
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameMetric) {
    Registry registry;
    registry.GetCounter("n_total", "N").Add();
    registry.GetCounter("n_total", "N").Add();
    EXPECT_THAT(Scrape(registry), HasSubstr("n_total 2\n"));
}

TEST(Metrics, CollectorsAreReadAtEveryScrape) {
    Registry registry;
    int calls = 0;
    registry.AddCollector([&](Exposition& page) {
        page.Add(SampleKind::kGauge, "calls", "Calls", ++calls, {{"a", "x"}});
        page.Add(SampleKind::kGauge, "calls", "Calls", 7, {{"a", "y"}});
    });
    EXPECT_THAT(Scrape(registry), HasSubstr("calls{a=\"x\"} 1\ncalls{a=\"y\"} 7\n"));
    EXPECT_THAT(Scrape(registry), HasSubstr("calls{a=\"x\"} 2\n"));
}

TEST(Metrics, AFilterLeavesFamiliesOutAndCommonLabelsAreOnEverySample) {
    Registry registry;
    registry.GetCounter("a_total", "A").Add();
    registry.GetCounter("b_total", "B").Add();
    const std::string text =
        Scrape(registry, [](std::string_view name) { return name.starts_with("a_"); },
               {{"server", "here"}});
    EXPECT_THAT(text, HasSubstr("a_total{server=\"here\"} 1\n"));
    EXPECT_THAT(text, Not(HasSubstr("b_total")));
}

TEST(Metrics, LabelValuesAreEscaped) {
    Registry registry;
    registry.GetGauge("g", "G", {{"path", "a\"b\\c\nd"}}).Set(1);
    EXPECT_THAT(Scrape(registry), HasSubstr("g{path=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

}  // namespace
}  // namespace coffer::runtime
