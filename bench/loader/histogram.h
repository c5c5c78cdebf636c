// Latencies, counted in buckets that are as wide as a fixed share of their value.
//
// As HdrHistogram has it: 64 buckets for each power of two, so that a quantile is at most 1.6 %
// above the value that was recorded, whatever its size. 30 KiB, no allocation when recording. Used
// by one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace coffer::bench {

class Histogram {
  public:
    // A value in any unit; the loader records nanoseconds.
    void Record(uint64_t value);

    uint64_t count() const { return count_; }
    uint64_t max() const { return max_; }
    double Mean() const;  // 0 when nothing was recorded

    // The least value that at least `share` (0 to 1) of what was recorded does not exceed: the
    // upper edge of its bucket, and never more than max(). 0 when nothing was recorded.
    uint64_t Quantile(double share) const;

  private:
    static constexpr unsigned kBucketBits = 6;
    static constexpr size_t kBuckets = (64 - kBucketBits + 1) << kBucketBits;

    static size_t BucketOf(uint64_t value);
    static uint64_t UpperEdge(size_t bucket);

    std::array<uint64_t, kBuckets> counts_{};
    uint64_t count_ = 0;
    uint64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace coffer::bench
