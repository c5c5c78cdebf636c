#include "coffer/runtime/pace.h"

#include <gtest/gtest.h>

#include "tests/support/run_task.h"

namespace coffer::runtime {
namespace {

using std::chrono::steady_clock;

TEST(Pace, TakesAsLongAsTheBytesAreWorth) {
    Pace pace(1'000'000);
    const auto begin = steady_clock::now();
    // The first second is what was not spent before.
    testing::RunTask(pace.Spend(1'000'000));
    testing::RunTask(pace.Spend(200'000));
    EXPECT_GE(steady_clock::now() - begin, std::chrono::milliseconds(190));
}

TEST(Pace, WithoutALimitNeverWaits) {
    Pace pace;
    testing::RunTask(pace.Spend(UINT64_MAX));
}

TEST(Pace, LetsGoOnceStopped) {
    Pace pace(1);
    pace.Stop();
    testing::RunTask(pace.Spend(1'000'000'000));
}

}  // namespace
}  // namespace coffer::runtime
