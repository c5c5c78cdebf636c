#include "coffer/runtime/suspend.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tests/support/run_task.h"

namespace coffer::runtime {
namespace {

using testing::RunTask;

Task<void> WakeAtOnce(bool& resumed) {
    co_await Suspend([](const Waker& wake) { wake(); });
    resumed = true;
}

TEST(Suspend, MayBeWokenBeforeStartReturns) {
    bool resumed = false;
    RunTask(WakeAtOnce(resumed));
    EXPECT_TRUE(resumed);
}

Task<void> WakeElsewhere(std::thread& thread, std::thread::id& resumed_on) {
    co_await Suspend([&](Waker wake) { thread = std::thread(std::move(wake)); });
    resumed_on = std::this_thread::get_id();
}

TEST(Suspend, GoesOnOnTheCallersOwnThread) {
    std::thread thread;
    std::thread::id resumed_on;
    RunTask(WakeElsewhere(thread, resumed_on));
    thread.join();
    EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

Task<void> KeepWaker(std::optional<Waker>& kept, bool& resumed) {
    co_await Suspend([&](Waker wake) { kept = std::move(wake); });
    resumed = true;
}

TEST(Suspend, WaitsForTheWaker) {
    boost::asio::io_context context(1);
    std::optional<Waker> kept;
    bool resumed = false;
    boost::asio::co_spawn(context, KeepWaker(kept, resumed), boost::asio::detached);
    context.poll();
    EXPECT_FALSE(context.stopped());
    ASSERT_TRUE(kept);
    EXPECT_FALSE(resumed);
    (*kept)();
    kept.reset();
    context.run();
    EXPECT_TRUE(resumed);
}

}  // namespace
}  // namespace coffer::runtime
