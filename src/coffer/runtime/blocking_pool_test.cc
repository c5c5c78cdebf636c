#include "coffer/runtime/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "coffer/runtime/executors.h"

#include "tests/support/run_task.h"

namespace coffer::runtime {
namespace {

using testing::RunTask;

Task<Result<int>> Answer(BlockingPool& pool) {
    co_return co_await pool.Run([]() -> Result<int> { return 42; });
}

TEST(BlockingPool, GivesBackWhatTheFunctionReturned) {
    BlockingPool pool("test", 1, 8);
    EXPECT_EQ(RunTask(Answer(pool)).value(), 42);
}

Task<Result<>> Fail(BlockingPool& pool) {
    co_return co_await pool.Run([]() -> Result<> { return Error(ErrorKind::kNoSpace, "full"); });
}

TEST(BlockingPool, GivesBackErrors) {
    BlockingPool pool("test", 1, 8);
    EXPECT_EQ(RunTask(Fail(pool)).error().kind(), ErrorKind::kNoSpace);
}

Task<bool> Throw(BlockingPool& pool) {
    try {
        (void)co_await pool.Run([]() -> Result<> { throw std::runtime_error("edge"); });
    } catch (const std::runtime_error&) {
        co_return true;
    }
    co_return false;
}

TEST(BlockingPool, RaisesAnExceptionWhereItIsAwaited) {
    BlockingPool pool("test", 1, 8);
    EXPECT_TRUE(RunTask(Throw(pool)));
}

Task<bool> ResumesOnOwnThread(BlockingPool& pool) {
    const auto mine = std::this_thread::get_id();
    std::thread::id theirs;
    (void)co_await pool.Run([&]() -> Result<> {
        theirs = std::this_thread::get_id();
        return Ok();
    });
    co_return mine == std::this_thread::get_id() && theirs != mine;
}

TEST(BlockingPool, RunsElsewhereAndResumesWhereItWasCalled) {
    BlockingPool pool("test", 1, 8);
    EXPECT_TRUE(RunTask(ResumesOnOwnThread(pool)));
}

TEST(BlockingPool, RefusesWhatDoesNotFitInTheQueue) {
    std::promise<void> started, go_on;
    std::atomic<int> ran = 0;
    BlockingPool pool("test", 1, 1);
    ASSERT_TRUE(pool.TryPost([&] {
        started.set_value();
        go_on.get_future().wait();
    }));
    started.get_future().wait();
    ASSERT_TRUE(pool.TryPost([&] { ++ran; }));
    EXPECT_EQ(pool.queued(), 1u);
    EXPECT_FALSE(pool.TryPost([&] { ++ran; }));
    EXPECT_EQ(RunTask(Answer(pool)).error().kind(), ErrorKind::kBusy);
    go_on.set_value();
}

TEST(BlockingPool, EndsAfterWhatIsQueued) {
    std::atomic<int> ran = 0;
    {
        BlockingPool pool("test", 2, 100);
        for (int i = 0; i < 100; ++i)
            ASSERT_TRUE(pool.TryPost([&] { ++ran; }));
    }
    EXPECT_EQ(ran, 100);
}

Task<void> CountHops(BlockingPool& pool, int hops, std::atomic<int>& done) {
    for (int i = 0; i < hops; ++i) {
        const Result<int> answer = co_await Answer(pool);
        if (answer && answer.value() == 42) ++done;
    }
}

TEST(BlockingPool, ServesManyCoroutinesOfSeveralExecutors) {
    BlockingPool pool("test", 3, 1000);
    std::atomic<int> done = 0;
    {
        Executors executors(2);
        for (size_t i = 0; i < 64; ++i) {
            boost::asio::co_spawn(executors.at(i % 2).get_executor(), CountHops(pool, 100, done),
                                  boost::asio::detached);
        }
    }
    EXPECT_EQ(done, 6400);
}

}  // namespace
}  // namespace coffer::runtime
