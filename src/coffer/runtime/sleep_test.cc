#include "coffer/runtime/sleep.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace coffer::runtime {
namespace {

Task<void> Append(std::string& order, char name) {
    for (int i = 0; i < 3; ++i) {
        order += name;
        co_await Yield();
    }
}

TEST(Yield, LetsOthersGoFirst) {
    boost::asio::io_context context(1);
    std::string order;
    boost::asio::co_spawn(context, Append(order, 'a'), boost::asio::detached);
    boost::asio::co_spawn(context, Append(order, 'b'), boost::asio::detached);
    context.run();
    EXPECT_EQ(order, "ababab");
}

Task<void> SleepThenSet(bool& woken) {
    const auto start = std::chrono::steady_clock::now();
    co_await Sleep(std::chrono::milliseconds(2));
    woken = std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(2);
}

TEST(Sleep, DoesNotWakeTooEarly) {
    boost::asio::io_context context(1);
    bool woken = false;
    boost::asio::co_spawn(context, SleepThenSet(woken), boost::asio::detached);
    context.run();
    EXPECT_TRUE(woken);
}

}  // namespace
}  // namespace coffer::runtime
