// Ends what takes too long. One Deadline serves all operations of a connection, one after the
// other:
//
//     Deadline deadline(executor, [&] { stream.Close(true); });
//     deadline.Set(60s);
//     auto result = co_await stream.Read(buffer);  // the expiry closes the stream: it fails
//     if (!result && deadline.expired()) …         // it was too slow
//     deadline.Clear();
//
// Owned by the coroutine whose operations it watches, and used on that coroutine's executor only.
// Setting it costs one reading of the clock: the timer behind it is moved only when it has to fire
// earlier.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "coffer/runtime/task.h"

namespace coffer::runtime {

class Deadline {
  public:
    // `on_expiry` runs on `executor`, once for each Set that was not followed by another or by
    // Clear in time.
    Deadline(Executor executor, std::function<void()> on_expiry);

    // `on_expiry` does not run any more.
    ~Deadline();
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    // From now; in place of what was set before.
    void Set(std::chrono::milliseconds timeout);
    void Clear();

    // True from the expiry until the next Set or Clear.
    bool expired() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace coffer::runtime
