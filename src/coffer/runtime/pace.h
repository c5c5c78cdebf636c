// Work that takes no more than so many bytes a second: for what runs behind the requests.
//
// Used by one coroutine; Stop and SetRate may come from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "coffer/runtime/task.h"

namespace coffer::runtime {

class Pace {
  public:
    // 0: no limit.
    explicit Pace(uint64_t bytes_per_second = 0) : bytes_per_second_(bytes_per_second) {}

    // Undoes Stop, too.
    void SetRate(uint64_t bytes_per_second) {
        bytes_per_second_ = bytes_per_second;
        stopped_ = false;
    }

    // Returns when `bytes` more are due, or soon after Stop. What was not spent for a second or
    // more is lost.
    Task<void> Spend(uint64_t bytes);

    // No Spend waits from now on, until SetRate.
    void Stop() { stopped_ = true; }

  private:
    std::atomic<uint64_t> bytes_per_second_;
    std::atomic<bool> stopped_ = false;
    std::chrono::steady_clock::time_point due_{};
};

}  // namespace coffer::runtime
