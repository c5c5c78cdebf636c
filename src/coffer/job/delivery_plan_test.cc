#include "coffer/job/delivery_plan.h"

#include <gtest/gtest.h>

namespace coffer::job {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

const SteadyTime kStart = SteadyTime() + hours(1);
const Timestamp kDay = FromMicros(1'767'225'600'000'000);

catalog::Event Event(int64_t id, const std::string& key, const std::string& bucket = "bucket") {
    return {.target = "one", .id = id, .bucket = bucket, .key = key, .queued = kDay};
}

int64_t Take(DeliveryPlan& plan, SteadyTime now = kStart) {
    const auto event = plan.Take(now);
    return event ? event->id : 0;
}

TEST(DeliveryPlan, GivesTheOldestFirstAndEachOnce) {
    DeliveryPlan plan({});
    plan.Add(Event(7, "b"));
    plan.Add(Event(3, "a"));
    plan.Add(Event(9, "a", "other"));
    EXPECT_EQ(Take(plan), 3);
    EXPECT_EQ(Take(plan), 7);
    EXPECT_EQ(Take(plan), 9);
    EXPECT_EQ(Take(plan), 0);
    EXPECT_EQ(plan.NextTime(kStart), std::nullopt);
}

TEST(DeliveryPlan, KnowsAKeyUntilItsEventHasEnded) {
    DeliveryPlan plan({});
    plan.Add(Event(1, "a"));
    EXPECT_TRUE(plan.KnowsKeyOf(Event(2, "a")));
    EXPECT_FALSE(plan.KnowsKeyOf(Event(2, "a", "other")));
    ASSERT_EQ(Take(plan), 1);
    EXPECT_TRUE(plan.KnowsKeyOf(Event(2, "a")));
    plan.Delivered(1);
    EXPECT_FALSE(plan.KnowsKeyOf(Event(2, "a")));
    EXPECT_TRUE(plan.empty());
}

TEST(DeliveryPlan, HasNoMoreInFlightThanItMay) {
    DeliveryPlan plan({.in_flight = 2});
    for (int i = 1; i <= 3; ++i)
        plan.Add(Event(i, std::to_string(i)));
    EXPECT_EQ(Take(plan), 1);
    EXPECT_EQ(Take(plan), 2);
    EXPECT_EQ(Take(plan), 0);
    plan.Delivered(2);
    EXPECT_EQ(Take(plan), 3);
}

TEST(DeliveryPlan, GivesAgainWhatIsPutBack) {
    DeliveryPlan plan({.in_flight = 1, .first_wait = milliseconds(100)});
    plan.Add(Event(1, "a"));
    plan.Add(Event(2, "b"));
    ASSERT_EQ(Take(plan), 1);
    plan.PutBack(1, kStart);
    EXPECT_EQ(plan.in_flight(), 0U);
    EXPECT_EQ(plan.failures(), 0);
    EXPECT_EQ(Take(plan), 2) << "it keeps nobody else waiting";
    plan.Delivered(2);
    EXPECT_EQ(Take(plan), 0);
    EXPECT_EQ(Take(plan, kStart + milliseconds(100)), 1);
}

TEST(DeliveryPlan, WaitsLongerAfterEachFailure) {
    DeliveryPlan plan({.first_wait = milliseconds(100), .longest_wait = milliseconds(1000)});
    plan.Add(Event(1, "a"));
    SteadyTime now = kStart;
    for (const int most : {100, 200, 400, 800, 1000, 1000}) {
        ASSERT_EQ(Take(plan, now), 1);
        ASSERT_EQ(plan.Failed(1, now, kDay), std::nullopt);
        EXPECT_EQ(Take(plan, now + milliseconds(most / 2 - 1)), 0);
        const auto next = plan.NextTime(now);
        ASSERT_TRUE(next);
        EXPECT_GE(*next, now + milliseconds(most / 2));
        EXPECT_LE(*next, now + milliseconds(most));
        now += milliseconds(most);
    }
}

TEST(DeliveryPlan, ARefusedEventHoldsUpNoOtherKey) {
    DeliveryPlan plan({.in_flight = 1});
    for (int i = 1; i <= 5; ++i)
        plan.Add(Event(i, std::to_string(i)));
    ASSERT_EQ(Take(plan), 1);
    plan.Failed(1, kStart, kDay);
    for (int i = 2; i <= 5; ++i) {
        ASSERT_EQ(Take(plan), i);
        plan.Delivered(i);
    }
}

TEST(DeliveryPlan, ATargetThatFailsAgainAndAgainIsAskedWithOneEventAtATime) {
    DeliveryPlan plan({.in_flight = 4, .first_wait = milliseconds(100)});
    for (int i = 1; i <= 9; ++i)
        plan.Add(Event(i, std::to_string(i)));
    for (int i = 1; i <= 3; ++i)
        ASSERT_EQ(Take(plan), i);
    for (int i = 1; i <= 3; ++i)
        plan.Failed(i, kStart, kDay);
    EXPECT_EQ(Take(plan), 0);  // it waits as a whole
    const SteadyTime later = kStart + milliseconds(100);
    EXPECT_EQ(Take(plan, later), 4);
    EXPECT_EQ(Take(plan, later), 0);
    plan.Delivered(4);
    EXPECT_EQ(Take(plan, later), 5);
    EXPECT_EQ(Take(plan, later), 6);
}

TEST(DeliveryPlan, EventsThatAreRefusedAlwaysTakeNoTurnFromOthers) {
    DeliveryPlan plan({.in_flight = 1, .first_wait = milliseconds(1)});
    plan.Add(Event(1, "refused"));
    plan.Add(Event(2, "refused, too"));
    SteadyTime now = kStart;
    for (int i = 0; i < 20; ++i) {
        now += hours(1);
        const int64_t taken = Take(plan, now);
        ASSERT_NE(taken, 0);
        plan.Failed(taken, now, kDay);
    }
    plan.Add(Event(3, "healthy"));
    EXPECT_EQ(Take(plan, now + hours(1)), 3);
}

TEST(DeliveryPlan, GivesUpWhatIsOldAndHasFailedOften) {
    DeliveryPlan plan({.first_wait = milliseconds(1),
                       .longest_wait = milliseconds(1),
                       .dead_after = hours(1),
                       .fewest_attempts = 3});
    plan.Add(Event(1, "a"));
    const Timestamp old = kDay + hours(1);
    SteadyTime now = kStart;
    const auto fail = [&](Timestamp time) {
        now += milliseconds(1);
        EXPECT_EQ(Take(plan, now), 1);
        return plan.Failed(1, now, time);
    };
    EXPECT_EQ(fail(old), std::nullopt);
    EXPECT_EQ(fail(old), std::nullopt);
    EXPECT_EQ(fail(kDay), std::nullopt);  // often enough, but not old
    EXPECT_EQ(fail(old), 4);
    EXPECT_TRUE(plan.KnowsKeyOf(Event(2, "a")));  // until that is kept
    plan.End(1);
    EXPECT_FALSE(plan.KnowsKeyOf(Event(2, "a")));
    EXPECT_EQ(plan.in_flight(), 0U);
}

}  // namespace
}  // namespace coffer::job
