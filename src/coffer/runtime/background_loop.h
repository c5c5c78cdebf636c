// Work that goes on behind the requests: a step, a rest, the next step, until it is stopped. Owned
// by what the steps are of, as its last member; a step runs on the loop's executor, one at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "coffer/base/mutex.h"
#include "coffer/runtime/task.h"

namespace coffer::runtime {

class BackgroundLoop {
  public:
    using Duration = std::chrono::steady_clock::duration;

    // A rest that only Wake ends.
    static constexpr Duration kUntilWoken = Duration::max();

    // `step` returns how long to rest after it; zero for not at all. It ends early, if it can, once
    // stopping() is true.
    explicit BackgroundLoop(std::function<Task<Duration>()> step);
    ~BackgroundLoop();  // Stop

    // Begins with a step.
    void Start(Executor executor);

    // Ends the rest, or leaves out the one after the step under way. Any thread, at any time; does
    // nothing where the loop does not run.
    void Wake();

    // Returns when the step under way has ended. Blocks; not for the executor's thread.
    void Stop();

    // From the beginning of Stop to its end. Any thread.
    bool stopping() const { return stopping_; }

  private:
    struct Run;

    Task<void> Loop(std::shared_ptr<Run> run);

    const std::function<Task<Duration>()> step_;
    std::atomic<bool> stopping_ = false;
    Mutex mutex_;
    std::shared_ptr<Run> run_ GUARDED_BY(mutex_);  // null where the loop does not run
};

}  // namespace coffer::runtime
