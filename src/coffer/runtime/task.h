// A coroutine that runs on one of the executors' threads. Its parameters are values, or references
// to services that outlive the server: the frame may outlast its caller's statement.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/base/result.h"

namespace coffer::runtime {

using Executor = boost::asio::io_context::executor_type;

template <class T>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace coffer::runtime

namespace coffer {
using runtime::Task;
}
