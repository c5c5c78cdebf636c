#include "coffer/runtime/pace.h"

#include <algorithm>

#include "coffer/runtime/sleep.h"

namespace coffer::runtime {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSlice{100};  // how long Stop may take to be noticed

}  // namespace

Task<void> Pace::Spend(uint64_t bytes) {
    const uint64_t rate = bytes_per_second_;
    if (rate == 0) co_return;
    const std::chrono::duration<double> cost(static_cast<double>(bytes) /
                                             static_cast<double>(rate));
    due_ = std::max(due_, steady_clock::now() - std::chrono::seconds(1)) +
           std::chrono::duration_cast<steady_clock::duration>(cost);
    while (!stopped_) {
        const auto left = std::chrono::floor<milliseconds>(due_ - steady_clock::now());
        if (left <= milliseconds(0)) co_return;
        co_await Sleep(std::min(left, kSlice));
    }
}

}  // namespace coffer::runtime
