// Time. Wall-clock time is for what people and protocols see (Last-Modified, signatures, expiry);
// order and deadlines never depend on it.
#pragma once

#include <chrono>
#include <cstdint>

namespace coffer {

// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

inline int64_t ToMicros(Timestamp time) {
    return time.time_since_epoch().count();
}
inline Timestamp FromMicros(int64_t micros) {
    return Timestamp(std::chrono::microseconds(micros));
}

// Any thread may call it; it does not block. It outlives whatever holds a reference to it.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Timestamp Now() const = 0;
};

class SystemClock final : public Clock {
  public:
    Timestamp Now() const override {
        return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

// A clock that stands still until it is told otherwise. For tests.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Timestamp start) : now_(start) {}
    Timestamp Now() const override { return now_; }
    void Set(Timestamp now) { now_ = now; }
    void Advance(std::chrono::microseconds by) { now_ += by; }

  private:
    Timestamp now_;
};

}  // namespace coffer
