#include "coffer/runtime/background_loop.h"

#include <gtest/gtest.h>

#include <optional>
#include <semaphore>
#include <thread>
#include <utility>

#include "coffer/runtime/executors.h"
#include "coffer/runtime/suspend.h"

namespace coffer::runtime {
namespace {

// Tells of each step, and rests for as long as it is told.
class Counted {
  public:
    explicit Counted(BackgroundLoop::Duration rest) : rest_(rest) {}
    ~Counted() { loop_.Stop(); }

    void Start() { loop_.Start(executors_.at(0).get_executor()); }
    void AwaitStep() { stepped_.acquire(); }

    // Steps that nobody has awaited.
    bool SteppedMore() { return stepped_.try_acquire(); }
    BackgroundLoop& loop() { return loop_; }

  private:
    Task<BackgroundLoop::Duration> Step() {
        stepped_.release();
        co_return rest_;
    }

    const BackgroundLoop::Duration rest_;
    std::counting_semaphore<> stepped_{0};
    Executors executors_{1};
    BackgroundLoop loop_{[this] { return Step(); }};
};

TEST(BackgroundLoop, BeginsWithAStep) {
    Counted counted(BackgroundLoop::kUntilWoken);
    counted.Start();
    counted.AwaitStep();
}

TEST(BackgroundLoop, GoesOnAfterARest) {
    Counted counted(std::chrono::microseconds(1));
    counted.Start();
    for (int i = 0; i < 10; ++i)
        counted.AwaitStep();
}

TEST(BackgroundLoop, GoesOnAtOnceWithoutARest) {
    Counted counted(BackgroundLoop::Duration::zero());
    counted.Start();
    for (int i = 0; i < 10; ++i)
        counted.AwaitStep();
}

TEST(BackgroundLoop, RestsUntilItIsWoken) {
    Counted counted(BackgroundLoop::kUntilWoken);
    counted.Start();
    counted.AwaitStep();
    for (int i = 0; i < 10; ++i) {
        counted.loop().Wake();
        counted.AwaitStep();
    }
    counted.loop().Stop();
    EXPECT_FALSE(counted.SteppedMore());
}

TEST(BackgroundLoop, TakesNoStepAfterStop) {
    Counted counted(BackgroundLoop::Duration::zero());
    counted.Start();
    counted.AwaitStep();
    counted.loop().Stop();
    while (counted.SteppedMore()) {
    }
    counted.loop().Wake();
    EXPECT_FALSE(counted.SteppedMore());
    EXPECT_FALSE(counted.loop().stopping());
}

TEST(BackgroundLoop, CanBeStartedAgain) {
    Counted counted(BackgroundLoop::kUntilWoken);
    for (int i = 0; i < 3; ++i) {
        counted.Start();
        counted.AwaitStep();
        counted.loop().Stop();
    }
}

TEST(BackgroundLoop, WakeAndStopDoNothingBeforeTheStart) {
    Counted counted(BackgroundLoop::kUntilWoken);
    counted.loop().Wake();
    counted.loop().Stop();
    EXPECT_FALSE(counted.SteppedMore());
}

// One whose step waits for the test, and notes whether it was told to stop.
class Slow {
  public:
    ~Slow() { loop_.Stop(); }

    void Start() { loop_.Start(executors_.at(0).get_executor()); }
    void AwaitBeginOfStep() { began_.acquire(); }
    void EndStep() { (*std::exchange(waker_, std::nullopt))(); }
    BackgroundLoop& loop() { return loop_; }

    int steps = 0;
    bool told = false;

  private:
    Task<BackgroundLoop::Duration> Step() {
        ++steps;
        co_await Suspend([this](Waker wake) {
            waker_ = std::move(wake);
            began_.release();
        });
        told = loop_.stopping();
        co_return BackgroundLoop::kUntilWoken;
    }

    std::optional<Waker> waker_;
    std::binary_semaphore began_{0};
    Executors executors_{1};
    BackgroundLoop loop_{[this] { return Step(); }};
};

TEST(BackgroundLoop, AWakeDuringAStepLeavesOutTheRest) {
    Slow slow;
    slow.Start();
    slow.AwaitBeginOfStep();
    slow.loop().Wake();
    slow.EndStep();
    slow.AwaitBeginOfStep();
    EXPECT_EQ(slow.steps, 2);
    slow.EndStep();
}

TEST(BackgroundLoop, StopAwaitsTheStepUnderWayAndTellsIt) {
    Slow slow;
    slow.Start();
    slow.AwaitBeginOfStep();
    std::thread stopper([&] { slow.loop().Stop(); });
    while (!slow.loop().stopping())
        std::this_thread::yield();
    slow.EndStep();
    stopper.join();
    EXPECT_TRUE(slow.told);
    EXPECT_EQ(slow.steps, 1);
}

}  // namespace
}  // namespace coffer::runtime
