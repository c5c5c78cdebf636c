// Random operations against a model, with deaths among them and inside them: the same answers, the
// same bytes, and after every death what was answered, whole, and nothing else: no orphan, no row
// without bytes, no reference that is counted wrongly.
//
// COFFER_TEST_SEQUENCES says how many sequences, COFFER_TEST_SEED which; COFFER_TEST_SEQUENCE gives
// one as text.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/fault/model_runner.h"
#include "tests/fault/operation.h"
#include "tests/support/scale.h"
#include "tests/support/seed.h"

namespace coffer::testing {
namespace {

constexpr size_t kOperations = 50;

// What runs now, for the case that the process aborts: a broken invariant is a finding, too.
std::string running;

void TellOnAbort(int signal) {
    (void)!write(STDERR_FILENO, running.data(), running.size());
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

std::optional<std::string> RunSequence(ModelRunner& runner,
                                       const std::vector<Operation>& sequence) {
    running = "while this sequence ran:\n" + Format(sequence);
    return runner.Run(sequence);
}

// The shortest sequence found that fails, with what goes wrong in it.
std::string Explain(const std::vector<Operation>& sequence) {
    ModelRunner runner;
    const auto shortest = Shrink(sequence, [&](const std::vector<Operation>& candidate) {
        return RunSequence(runner, candidate).has_value();
    });
    return "COFFER_TEST_SEQUENCE='" + Format(shortest) + "'\n\n" +
           RunSequence(runner, shortest).value_or("(it does not fail every time)");
}

TEST(Model, RandomSequencesWithDeathsAnswerAsItDoes) {
    std::signal(SIGABRT, TellOnAbort);
    ModelRunner runner;
    if (const char* given = std::getenv("COFFER_TEST_SEQUENCE")) {
        const auto failure = RunSequence(runner, ParseSequence(given).value());
        EXPECT_FALSE(failure) << *failure;
        return;
    }
    const uint64_t first_seed = TestSeed();
    const uint64_t count = TestScale("COFFER_TEST_SEQUENCES", 1000);
    for (uint64_t i = 0; i < count; ++i) {
        const auto sequence = DrawSequence(first_seed + i, kOperations);
        if (const auto failure = RunSequence(runner, sequence)) {
            FAIL() << "COFFER_TEST_SEED=" << first_seed + i << " fails: " << *failure
                   << "\nwhat is left of it when all is left out that does not matter:\n"
                   << Explain(sequence);
        }
    }
    std::cout << count << " sequences of " << kOperations << " operations, " << runner.deaths()
              << " deaths, " << runner.moved_copies() << " copies moved" << std::endl;
    EXPECT_GT(runner.deaths(), count);
    EXPECT_GT(runner.moved_copies(), 0u);
    std::signal(SIGABRT, SIG_DFL);
}

// Sequences that failed once.
void ExpectToPass(std::string_view text) {
    ModelRunner runner;
    const auto failure = RunSequence(runner, ParseSequence(text).value());
    EXPECT_FALSE(failure) << *failure;
}

TEST(Model, ARemovedBlobDoesNotComeBackAfterAnEndInGoodOrder) {
    ExpectToPass(R"(put 8 0 0 0
delete 2 0 0 0
restart 0 0 0 0
restart 0 0 0 0 | power 6 28094909
)");
}

// Whether the copy was made before the kill, nobody can see; but the completion of an upload can be
// repeated only where it was not.
TEST(Model, KeepsInMindWhatADeathLeavesOpen) {
    ExpectToPass(R"(put 7 11 0 0
create_upload 5 0 0 0
create_upload 4 0 0 0
copy_part 9 0 1 0
copy_part 0 0 7 0
complete 0 0 0 0
complete 3 0 0 0
copy 5 10 0 0 | kill 1
complete 5 0 0 0
)");
}

TEST(Model, ACompactionEndsBesideWhatIsNotReclaimedYet) {
    ExpectToPass(R"(put 9 3 0 0
create_upload 0 0 0 0
put 9 0 0 0
put 11 9 0 0
put_part 0 0 6 0
reclaim 0 0 0 0
put 11 0 0 0
compact 0 0 0 0
)");
}

TEST(Model, ABlobThatAKilledProcessRemovedDoesNotComeBackEither) {
    ExpectToPass(R"(put_if_absent 2 0 0 0
put 8 7 0 0
reclaim 0 0 0 0
put 0 0 0 0 | kill 2
restart 0 0 0 0 | power 39 0
)");
}

}  // namespace
}  // namespace coffer::testing
