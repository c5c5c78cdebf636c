// Runs a sequence of operations on the services and on the model, side by side, over a file system
// that dies when the sequence says so.
//
// A process that dies is modelled by what it leaves: at the call before which it is to die, the
// file system is copied as a kill or a power loss would leave it, and the next process starts on
// the copy. What the doomed one does after that call is played to its end and forgotten.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"

#include "tests/fault/model.h"
#include "tests/fault/operation.h"
#include "tests/fault/subject.h"
#include "tests/support/instance.h"

namespace coffer::testing {

// COFFER_TEST_FORGET=Sync:PART or SyncDirectory:PART: the mutant without the syncs of paths that
// contain PART (tools/mutants).
void ForgetAsTold(os::FaultFileSystem& calls);

class ModelRunner {
  public:
    // `beginning`: what every run finds, left by a process that ended in good order.
    explicit ModelRunner(const std::vector<Operation>& beginning = {});

    // Runs the sequence on a new Coffer, and checks at the end, and after each death, that all is
    // as the model has it. Nothing where it is; else what went wrong, and where.
    std::optional<std::string> Run(const std::vector<Operation>& sequence);

    // Runs `before`, then `operation` while a call of the file system fails. What is answered must
    // be true; what fails must have happened whole or not at all, and must leave nothing: not now,
    // not for the next process, however this one ends.
    std::optional<std::string> RunWithFault(const std::vector<Operation>& before,
                                            const Operation& operation, os::Fault fault);

    // Runs `before`, kills the process, and starts the next one while a call fails: it starts or it
    // does not, and the one after it has all.
    std::optional<std::string> RunStartWithFault(const std::vector<Operation>& before,
                                                 os::Fault fault);

    // Since it was made.
    size_t deaths() const { return deaths_; }

    // By compactions in which nobody died, since then.
    uint64_t moved_copies() const { return moved_copies_; }

    // Whether the last operation with a death in it had been answered by then.
    bool answered() const { return answered_; }

    // The calls of the file system that the last operation made, or the last start after it died.
    const std::vector<os::Operation>& calls() const { return made_; }

    // The call that the fault hit first, if it did and the process went on.
    std::optional<os::Operation> struck() const { return struck_; }

  private:
    using Failure = std::optional<std::string>;

    struct State {
        Model model;
        UploadIds uploads;
        bool operator==(const State&) const = default;
    };

    Failure Play(const std::vector<Operation>& sequence);
    Failure Step(const Operation& operation);
    // The states after it, of those in which it answers so; `expected`: what the first one answers.
    std::vector<State> After(const Operation& operation, const std::string& answer,
                             const UploadIds& uploads, std::string& expected) const;
    // Keeps the states that look so.
    Failure KeepThoseThatLook(const std::string& seen, std::vector<State> states);
    Failure StepAndDie(const Operation& operation);
    Failure Restart();
    Failure StartOn(std::unique_ptr<os::MemoryFileSystem> memory, const std::vector<Cut>& cuts);
    Failure Check();
    // `ended`: in good order; then it is asked for nothing more.
    Failure CheckAfterwards(const std::vector<const Model*>& allowed, bool ended);

    std::unique_ptr<os::MemoryFileSystem> beginning_;
    State state_at_beginning_;
    std::unique_ptr<os::MemoryFileSystem> memory_;
    std::unique_ptr<os::FaultFileSystem> calls_;
    std::unique_ptr<Instance> instance_;
    std::vector<State>
        states_;  // more than one where a death left it open, and nobody can see which
    size_t deaths_ = 0;
    uint64_t moved_copies_ = 0;
    bool answered_ = false;
    std::optional<os::Operation> struck_;
    std::vector<os::Operation> made_;
};

}  // namespace coffer::testing
