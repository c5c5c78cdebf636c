#include "coffer/http/wait_budget.h"

#include <gtest/gtest.h>

namespace coffer::http {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(WaitBudget, IsSpentByWaiting) {
    WaitBudget budget(milliseconds(10));
    budget.Spend(milliseconds(4), 100);
    EXPECT_EQ(budget.left(), milliseconds(6));
    budget.Spend(microseconds(5100), 100);
    EXPECT_EQ(budget.left(), milliseconds(1));
    budget.Spend(milliseconds(7), 100);
    EXPECT_EQ(budget.left(), milliseconds(0));
}

TEST(WaitBudget, IsWholeAgainOnceEnoughHasMoved) {
    WaitBudget budget(milliseconds(10));
    for (int i = 0; i < 3; ++i) {
        budget.Spend(milliseconds(9), WaitBudget::kLeastBytes - 1);
        EXPECT_EQ(budget.left(), milliseconds(1));
        budget.Spend(milliseconds(9), 1);
        EXPECT_EQ(budget.left(), milliseconds(10));
    }
}

TEST(WaitBudget, IsLookedAtSeveralTimes) {
    WaitBudget budget(milliseconds(10));
    EXPECT_EQ(budget.until_look(), milliseconds(2));
    budget.Spend(milliseconds(9), 0);
    EXPECT_EQ(budget.until_look(), milliseconds(1));
    EXPECT_EQ(WaitBudget(milliseconds(1)).until_look(), milliseconds(1));
}

TEST(WaitBudget, IsWholeForAnotherRequest) {
    WaitBudget budget(milliseconds(10));
    budget.Spend(milliseconds(9), WaitBudget::kLeastBytes - 1);
    budget.Renew();
    budget.Spend(milliseconds(9), 1);
    EXPECT_EQ(budget.left(), milliseconds(1));
}

}  // namespace
}  // namespace coffer::http
