#include "bench/loader/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace coffer::bench {
namespace {

TEST(Histogram, IsEmptyAtFirst) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0u);
    EXPECT_EQ(histogram.Quantile(0.5), 0u);
    EXPECT_EQ(histogram.Mean(), 0.0);
}

TEST(Histogram, CountsSmallValuesExactly) {
    Histogram histogram;
    for (uint64_t value = 1; value <= 60; ++value)
        histogram.Record(value);
    EXPECT_EQ(histogram.Quantile(0.5), 30u);
    EXPECT_EQ(histogram.Quantile(0.0), 1u);
    EXPECT_EQ(histogram.Quantile(1.0), 60u);
    EXPECT_EQ(histogram.Mean(), 30.5);
}

// Against the sorted values themselves, over eighteen powers of ten.
TEST(Histogram, ErrsByLessThanTwoPercent) {
    constexpr unsigned kSeed = 7;
    std::mt19937_64 random(kSeed);
    std::uniform_real_distribution<double> exponent(0, 18);
    std::vector<uint64_t> values;
    Histogram histogram;
    for (int i = 0; i < 10'000; ++i) {
        values.push_back(static_cast<uint64_t>(std::pow(10.0, exponent(random))));
        histogram.Record(values.back());
    }
    std::ranges::sort(values);
    for (const double share : {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
        const auto rank = static_cast<size_t>(std::ceil(share * 10'000)) - 1;
        const auto exact = static_cast<double>(values[rank]);
        const auto found = static_cast<double>(histogram.Quantile(share));
        EXPECT_GE(found, exact) << share;
        EXPECT_LE(found, exact * 1.016 + 1) << share;
    }
}

TEST(Histogram, TakesTheLargestValueThatThereIs) {
    Histogram histogram;
    histogram.Record(std::numeric_limits<uint64_t>::max());
    histogram.Record(0);
    EXPECT_EQ(histogram.max(), std::numeric_limits<uint64_t>::max());
    EXPECT_EQ(histogram.Quantile(1), std::numeric_limits<uint64_t>::max());
    EXPECT_EQ(histogram.Quantile(0.5), 0u);
}

}  // namespace
}  // namespace coffer::bench
