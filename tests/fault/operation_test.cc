#include "tests/fault/operation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace coffer::testing {
namespace {

TEST(Sequence, IsTheSameForTheSameSeed) {
    EXPECT_EQ(DrawSequence(1, 50), DrawSequence(1, 50));
    EXPECT_NE(DrawSequence(1, 50), DrawSequence(2, 50));
}

TEST(Sequence, ReadsBackWhatItWrote) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
        const auto sequence = DrawSequence(seed, 50);
        EXPECT_EQ(ParseSequence(Format(sequence)).value(), sequence);
    }
    EXPECT_FALSE(ParseSequence("put 1 2 3"));
    EXPECT_FALSE(ParseSequence("pat 1 2 3 4"));
    EXPECT_FALSE(ParseSequence("put 1 2 3 4 | power 1"));
}

TEST(Sequence, ShrinksToWhatFails) {
    // Fails where a delete comes after a put of the same key, whatever else there is.
    const auto fails = [](const std::vector<Operation>& sequence) {
        for (size_t i = 0; i < sequence.size(); ++i) {
            for (size_t k = i + 1; k < sequence.size(); ++k) {
                if (sequence[i].action == Action::kPut && sequence[k].action == Action::kDelete &&
                    sequence[i].a == sequence[k].a)
                    return true;
            }
        }
        return false;
    };
    for (uint64_t seed = 0; seed < 20; ++seed) {
        auto sequence = DrawSequence(seed, 200);
        ASSERT_TRUE(fails(sequence)) << seed;
        sequence = Shrink(std::move(sequence), fails);
        ASSERT_EQ(sequence.size(), 2u) << Format(sequence);
        EXPECT_TRUE(sequence[0].cuts.empty());
        EXPECT_EQ(sequence[0].b, 0u);
    }
}

}  // namespace
}  // namespace coffer::testing
