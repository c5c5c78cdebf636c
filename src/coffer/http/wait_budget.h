// How long the server still waits for a peer that is to send, or to take. A slow one may take its
// time for much, and none can hold the server's memory for as long as it likes, a byte at a time.
#pragma once

#include <algorithm>
#include <chrono>

#include "coffer/base/bytes.h"
#include "coffer/base/clock.h"

namespace coffer::http {

class WaitBudget {
  public:
    // How much has to move in each `timeout` that is spent waiting.
    static constexpr size_t kLeastBytes = 4_KiB;

    explicit WaitBudget(std::chrono::milliseconds timeout) : timeout_(timeout), left_(timeout) {}

    void Renew() {
        left_ = timeout_;
        moved_bytes_ = 0;
    }

    void Spend(std::chrono::nanoseconds waited, uint64_t moved_bytes) {
        left_ -= waited;
        moved_bytes_ += moved_bytes;
        if (moved_bytes_ >= kLeastBytes) Renew();
    }

    // After which time to look how much has moved, where that tells itself to nobody: a part of
    // what is left, so that what moved before the first look is missed for no long time.
    std::chrono::milliseconds until_look() const {
        using std::chrono::milliseconds;
        return std::min(left(), std::max(timeout_ / 4, milliseconds(1)));
    }

    // Rounded up; 0 where it is spent.
    std::chrono::milliseconds left() const {
        using std::chrono::milliseconds;
        return std::max(std::chrono::ceil<milliseconds>(left_), milliseconds(0));
    }

  private:
    const std::chrono::milliseconds timeout_;
    std::chrono::nanoseconds left_;
    uint64_t moved_bytes_ = 0;  // since it was whole
};

}  // namespace coffer::http
