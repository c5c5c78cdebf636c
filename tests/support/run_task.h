// Runs a coroutine to its end on the test's own thread.
#pragma once

#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/runtime/task.h"

namespace coffer::testing {

template <class T>
Task<void> StoreResult(Task<T> task, std::optional<T>* out) {
    out->emplace(co_await std::move(task));
}

template <class T>
T RunTask(Task<T> task) {
    boost::asio::io_context context(1);
    std::optional<T> result;
    boost::asio::co_spawn(context.get_executor(), StoreResult(std::move(task), &result),
                          boost::asio::detached);
    context.run();
    return std::move(*result);
}

inline void RunTask(Task<void> task) {
    boost::asio::io_context context(1);
    boost::asio::co_spawn(context.get_executor(), std::move(task), boost::asio::detached);
    context.run();
}

}  // namespace coffer::testing
