// How a coroutine waits for what ends on another thread.
#pragma once

#include <functional>
#include <memory>

#include "coffer/runtime/task.h"

namespace coffer::runtime {

// What has a suspended coroutine go on, on its own executor. Called once, on any thread; never
// blocks. Until the last Waker of a coroutine is gone its executor's run() does not end.
class Waker {
  public:
    void operator()() const;

  private:
    friend Task<void> Suspend(std::function<void(Waker)> start);
    struct State;
    explicit Waker(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

// Suspends the caller, then calls `start` on its thread with what wakes it, which may be called
// before `start` returns. What `start` refers to need not outlive that, but for what is still the
// waiting caller's own.
Task<void> Suspend(std::function<void(Waker)> start);

}  // namespace coffer::runtime
