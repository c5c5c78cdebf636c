#include "tests/fault/history.h"

#include <gtest/gtest.h>

namespace coffer::testing {
namespace {

using Kind = Event::Kind;

Event Done(Kind kind, int value, uint64_t begun, uint64_t ended) {
    return {.kind = kind, .value = value, .begun = begun, .ended = ended, .answered = true};
}
Event CutOff(Kind kind, int value, uint64_t begun, uint64_t died) {
    return {.kind = kind, .value = value, .begun = begun, .ended = died, .answered = false};
}

TEST(Linearizability, ReadsSeeTheLastWrite) {
    EXPECT_TRUE(IsLinearizable({Done(Kind::kWrite, 1, 1, 2), Done(Kind::kRead, 1, 3, 4)}));
    EXPECT_FALSE(IsLinearizable({Done(Kind::kWrite, 1, 1, 2), Done(Kind::kRead, kAbsent, 3, 4)}));
    EXPECT_FALSE(IsLinearizable(
        {Done(Kind::kWrite, 1, 1, 2), Done(Kind::kWrite, 2, 3, 4), Done(Kind::kRead, 1, 5, 6)}));
}

TEST(Linearizability, WhatOverlapsMayHappenInEitherOrder) {
    for (const int seen : {1, 2}) {
        EXPECT_TRUE(IsLinearizable({Done(Kind::kWrite, 1, 1, 4), Done(Kind::kWrite, 2, 2, 3),
                                    Done(Kind::kRead, seen, 5, 6)}));
    }
    // But everybody sees the same order.
    EXPECT_FALSE(IsLinearizable({Done(Kind::kWrite, 1, 1, 4), Done(Kind::kWrite, 2, 2, 3),
                                 Done(Kind::kRead, 1, 5, 6), Done(Kind::kRead, 2, 7, 8)}));
}

TEST(Linearizability, OfTwoThatPutWhatIsNotThereOneWins) {
    Event second = Done(Kind::kPutNew, 2, 2, 3);
    EXPECT_FALSE(IsLinearizable({Done(Kind::kPutNew, 1, 1, 4), second}));
    second.refused = true;
    EXPECT_TRUE(IsLinearizable({Done(Kind::kPutNew, 1, 1, 4), second}));
}

TEST(Linearizability, WhatWasCutOffHappenedBeforeTheDeathOrNotAtAll) {
    const Event write = CutOff(Kind::kWrite, 1, 1, 5);
    EXPECT_TRUE(IsLinearizable({write, Done(Kind::kRead, 1, 6, 7)}));
    EXPECT_TRUE(IsLinearizable({write, Done(Kind::kRead, kAbsent, 6, 7)}));
    EXPECT_FALSE(
        IsLinearizable({write, Done(Kind::kRead, kAbsent, 6, 7), Done(Kind::kRead, 1, 8, 9)}));
}

}  // namespace
}  // namespace coffer::testing
