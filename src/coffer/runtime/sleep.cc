#include "coffer/runtime/sleep.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace coffer::runtime {

Task<void> Sleep(std::chrono::milliseconds time) {
    using Clock = std::chrono::steady_clock;
    boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor> timer(
        co_await boost::asio::this_coro::executor, time);
    co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
}

Task<void> Yield() {
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable_t<Executor>());
}

}  // namespace coffer::runtime
