#include "bench/loader/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace coffer::bench {

size_t Histogram::BucketOf(uint64_t value) {
    if (value < uint64_t{1} << kBucketBits) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kBucketBits;
    // The value's leading bit is the same for all of a power of two: the bits behind it count.
    const uint64_t within = (value >> shift) - (uint64_t{1} << kBucketBits);
    return ((size_t{shift} + 1) << kBucketBits) + within;
}

uint64_t Histogram::UpperEdge(size_t bucket) {
    if (bucket < size_t{1} << kBucketBits) return bucket;
    const size_t shift = (bucket >> kBucketBits) - 1;
    const uint64_t within = bucket & ((size_t{1} << kBucketBits) - 1);
    const uint64_t lower = ((uint64_t{1} << kBucketBits) + within) << shift;
    return lower + ((uint64_t{1} << shift) - 1);
}

void Histogram::Record(uint64_t value) {
    ++counts_[BucketOf(value)];
    ++count_;
    max_ = std::max(max_, value);
    sum_ += static_cast<double>(value);
}

double Histogram::Mean() const {
    return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

uint64_t Histogram::Quantile(double share) const {
    const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
        seen += counts_[bucket];
        if (seen > 0 && seen >= wanted) return std::min(UpperEdge(bucket), max_);
    }
    return max_;
}

}  // namespace coffer::bench
