// One operation at a time, over catalogue and store: the process dies before each call that the
// operation makes of the file system, and inside the recovery after that; and each call fails, once
// and for ever, with each error.
//
// COFFER_TEST_FAULTS: one in how many of them is run (1: all).
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "tests/fault/model_runner.h"
#include "tests/fault/operation.h"
#include "tests/support/scale.h"
#include "tests/support/seed.h"

namespace coffer::testing {
namespace {

// What is there: objects that share a blob, one of several chunks, an upload with a part; and a
// pack that is mostly empty.
constexpr std::string_view kBeginning = R"(put 0 0 0 0
put 1 0 0 0
put 2 7 0 0
put 3 3 0 0
create_upload 4 0 0 0
put_part 0 0 5 0
put 4 8 0 0
put 5 6 0 0
put 5 9 0 0
delete 5 0 0 0
)";

// What each process does first: bytes are to be removed.
constexpr std::string_view kBefore = "delete 3 0 0 0";

constexpr std::string_view kOperations = R"(put 5 9 0 0
put 5 7 0 0
put 5 0 0 0
put 5 9 0 1
put 5 7 0 1
put 0 9 0 0
put 2 9 0 0
put_if_match 0 9 0 0
delete 2 0 0 0
delete 0 0 0 0
delete_many 0 3 0 0
get 2 0 0 0
get_range 2 4 2 0
list 0 1 1 0
copy 2 0 0 0
copy 2 0 0 1
create_upload 0 0 0 0
put_part 0 0 9 0
put_part 0 1 7 0
copy_part 0 1 2 1
complete 0 1 0 0
abort 0 0 0 0
reclaim 0 0 0 0
compact 0 0 0 0
scrub 0 0 0 0
expire 0 0 0 0
restart 0 0 0 0
)";

const std::vector<Operation>& Before() {
    static const auto before = ParseSequence(kBefore).value();
    return before;
}
ModelRunner NewRunner() {
    return ModelRunner(ParseSequence(kBeginning).value());
}
const std::vector<Operation>& Operations() {
    static const auto operations = ParseSequence(kOperations).value();
    return operations;
}

// Every so many of the cases; which ones differs from run to run.
class Sample {
  public:
    // Where all are not run, `usual` is for those that are many.
    explicit Sample(uint64_t usual) : step_(TestStride("COFFER_TEST_FAULTS", usual)) {}
    ~Sample() { std::cout << taken_ << " of " << seen_ << " cases" << std::endl; }
    bool Take() {
        const bool take = (seen_++ + seed_) % step_ == 0;
        if (take) ++taken_;
        return take;
    }

  private:
    const uint64_t seed_ = TestSeed();
    const uint64_t step_;
    uint64_t seen_ = 0;
    uint64_t taken_ = 0;
};

std::vector<os::Operation> CallsOf(const Operation& operation) {
    ModelRunner runner = NewRunner();
    std::vector<Operation> sequence = Before();
    sequence.push_back(operation);
    sequence.back().cuts = {{.call = UINT32_MAX}};
    const auto failure = runner.Run(sequence);
    EXPECT_FALSE(failure) << *failure;
    return runner.calls();
}

std::vector<os::Operation> CallsOfStart() {
    ModelRunner runner = NewRunner();
    std::vector<Operation> sequence = Before();
    sequence.push_back({.action = Action::kNothing, .cuts = {{.call = 1}, {.call = UINT32_MAX}}});
    const auto failure = runner.Run(sequence);
    EXPECT_FALSE(failure) << *failure;
    return runner.calls();
}

TEST(ServiceSweep, BeginsWithSomethingToCompact) {
    ModelRunner runner = NewRunner();
    std::vector<Operation> sequence = Before();
    sequence.push_back({.action = Action::kCompact});
    const auto failure = runner.Run(sequence);
    EXPECT_FALSE(failure) << *failure;
    EXPECT_GT(runner.moved_copies(), 1u);
}

TEST(ServiceSweep, ADeathAtAnyCallLosesAndLeavesNothing) {
    Sample sample(5);
    ModelRunner runner = NewRunner();
    for (const Operation& operation : Operations()) {
        const auto calls = static_cast<uint32_t>(CallsOf(operation).size());
        for (uint32_t call = 1; call <= calls + 1; ++call) {
            for (const Cut cut : {Cut{call, false, 0}, Cut{call, true, 0}, Cut{call, true, call},
                                  Cut{call, true, 1000 + call}}) {
                if (!sample.Take()) continue;
                std::vector<Operation> sequence = Before();
                sequence.push_back(operation);
                sequence.back().cuts = {cut};
                const auto failure = runner.Run(sequence);
                ASSERT_FALSE(failure) << *failure;
            }
        }
    }
}

TEST(ServiceSweep, ADeathInsideTheRecoveryFromADeathLosesAndLeavesNothing) {
    Sample sample(97);
    ModelRunner runner = NewRunner();
    const auto calls_of_start = static_cast<uint32_t>(CallsOfStart().size());
    for (const Operation& operation : Operations()) {
        const auto calls = static_cast<uint32_t>(CallsOf(operation).size());
        for (uint32_t call = 1; call <= calls + 1; ++call) {
            for (uint32_t second = 1; second <= calls_of_start + 1; ++second) {
                if (!sample.Take()) continue;
                std::vector<Operation> sequence = Before();
                sequence.push_back(operation);
                sequence.back().cuts = {{call, (call + second) % 2 == 0, second},
                                        {second, (call + second) % 3 != 0, call}};
                const auto failure = runner.Run(sequence);
                ASSERT_FALSE(failure) << *failure;
            }
        }
    }
}

// Descriptors run out where one is asked for.
bool CanFailWith(os::Operation operation, int errno_value) {
    using enum os::Operation;
    if (errno_value != EMFILE) return operation != kReadCachedAt && operation != kOpenCached;
    return operation == kOpen || operation == kOpenCached || operation == kCreateTemporary ||
           operation == kList || operation == kSyncDirectory || operation == kReadCachedAt;
}

bool IsSync(os::Operation operation, int errno_value) {
    return operation == os::Operation::kSync ||
           (operation == os::Operation::kSyncDirectory && errno_value != EMFILE);
}

// It aborted, or had nothing to complain about.
bool DiedOrIsWell(int status) {
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGABRT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// What one says that has nothing to complain about, or that died of a sync. Where threads work side
// by side the n-th call may be a sync in one run, and not in the next.
constexpr char kWellOrDiedOfSync[] = "well\n|Sync \\(call|fsync failed";

// What comes to the end, with a sync of a file that failed, has a complaint.
[[noreturn]] void RunAndExit(bool sync_may_fail,
                             const std::function<std::optional<std::string>(ModelRunner&)>& run) {
    ModelRunner runner = NewRunner();
    auto failure = run(runner);
    if (runner.struck() == os::Operation::kSync && !sync_may_fail)
        failure = "it lives on after a sync that failed";
    std::fprintf(stderr, "%s\n", failure ? failure->c_str() : "well");
    _exit(failure ? 1 : 0);
}

// Runs what `run` does with every fault in every call. `sync_may_fail`: where nobody has been told
// of anything yet, or is told that it failed.
void Sweep(const std::string& what, const std::vector<os::Operation>& calls, Sample& sample,
           const std::function<std::optional<std::string>(ModelRunner&, os::Fault)>& run,
           bool sync_may_fail = false) {
    for (size_t n = 0; n < calls.size(); ++n) {
        for (const int errno_value : {EIO, ENOSPC, EMFILE}) {
            for (const bool for_ever : {false, true}) {
                if (!CanFailWith(calls[n], errno_value) || !sample.Take()) continue;
                SCOPED_TRACE(what + ", call " + std::to_string(n + 1) + " (" +
                             std::string(ToString(calls[n])) + "), errno " +
                             std::to_string(errno_value) + (for_ever ? ", for ever" : ""));
                const os::Fault fault{std::nullopt, n + 1, errno_value, for_ever};
                const bool sync = IsSync(calls[n], errno_value);
                // What fails for ever may come to a sync, or end before it. A directory whose sync
                // fails is passed over by SQLite, and nobody else.
                const bool of_sync = !sync && !for_ever && !sync_may_fail;
                EXPECT_EXIT(RunAndExit(sync_may_fail,
                                       [&](ModelRunner& runner) { return run(runner, fault); }),
                            DiedOrIsWell, of_sync ? kWellOrDiedOfSync : "");
            }
        }
    }
}

TEST(ServiceSweepDeathTest, EveryCallOfAnOperationFailsOnceOrForEver) {
    Sample sample(5);
    for (const Operation& operation : Operations()) {
        Sweep(Format(operation), CallsOf(operation), sample,
              [&](ModelRunner& runner, os::Fault fault) {
                  return runner.RunWithFault(Before(), operation, fault);
              });
    }
}

TEST(ServiceSweepDeathTest, EveryCallOfARecoveryFailsOnceOrForEver) {
    Sample sample(5);
    Sweep("start", CallsOfStart(), sample, [&](ModelRunner& runner, os::Fault fault) {
        return runner.RunStartWithFault(Before(), fault);
    });
}

// A data directory that nobody has used yet: the first start, the first bucket, the first object.
// Then the power goes off. What was answered is there, and the next start does not mind the rest.
class FirstStart {
  public:
    FirstStart() {
        Instance::MakeDirectories(memory_);
        ForgetAsTold(calls_);
    }

    std::optional<std::string> Run(std::optional<os::Fault> fault) {
        calls_.SetObserver([this](os::Operation operation) { made_.push_back(operation); });
        if (fault) calls_.Inject(*fault);
        const Operation put{.action = Action::kPut};
        const Model nothing;
        UploadIds uploads;
        bool answered = false;
        if (auto instance = Instance::Start(calls_); instance) {
            answered = MakeModelBucket(*instance.value()) &&
                       Do(*instance.value(), put, nothing, uploads).starts_with("ok");
            left_ = memory_.AfterCrash(std::nullopt);
            calls_.Clear();
        } else {
            left_ = memory_.AfterCrash(std::nullopt);
        }
        auto next = Instance::Start(*left_);
        if (!next) return "start: " + next.error().ToString();
        Model model;
        (void)model.Do(put);
        const std::string seen = Describe(*next.value());
        if (answered && seen != model.Describe()) return "it was answered, and there is\n" + seen;
        return std::nullopt;
    }

    const std::vector<os::Operation>& calls() const { return made_; }

  private:
    os::MemoryFileSystem memory_;
    os::FaultFileSystem calls_{memory_};
    std::unique_ptr<os::MemoryFileSystem> left_;
    std::vector<os::Operation> made_;
};

TEST(ServiceSweepDeathTest, EveryCallOfTheFirstStartFailsOnceOrForEver) {
    Sample sample(5);
    FirstStart first;
    ASSERT_FALSE(first.Run(std::nullopt));
    const std::vector<os::Operation> calls = first.calls();
    Sweep(
        "first start", calls, sample,
        [](ModelRunner&, os::Fault fault) { return FirstStart().Run(fault); }, true);
}

}  // namespace
}  // namespace coffer::testing
