// Named threads for what blocks: disk calls, long hashing. Bounded: what does not fit is refused,
// not queued for ever.
//
// A hop costs a few microseconds alone and far more under load, so one hop does all of a request's
// blocking work.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/runtime/task.h"

namespace coffer::runtime {

class BlockingPool {
  public:
    // `name` is what the threads are called in `top -H`; at most 15 characters.
    BlockingPool(std::string name, size_t threads, size_t queue_limit);

    // Waits for what is queued and running.
    ~BlockingPool();

    // Runs `fn` (returning Result<T>) on a thread of the pool, and resumes on the caller's
    // executor. kBusy, with `fn` not run, when the queue is full. It cannot be cancelled: the
    // coroutine resumes only after `fn` has ended, so `fn` may refer to the caller's locals.
    template <class Fn>
    Task<std::invoke_result_t<Fn>> Run(Fn fn) {
        std::optional<std::invoke_result_t<Fn>> result;
        CO_TRY(co_await RunErased([&] { result.emplace(fn()); }));
        COFFER_CHECK(result);
        co_return std::move(*result);
    }

    // Runs `work` on a thread of the pool without waiting; false, and not run, when the queue is
    // full.
    bool TryPost(std::function<void()> work);

    size_t queued() const;

  private:
    Task<Result<>> RunErased(std::function<void()> work);

    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coffer::runtime
