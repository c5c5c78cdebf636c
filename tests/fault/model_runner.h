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

class ModelRunner {
  public:
    ModelRunner();

    // Runs the sequence on a new Coffer, and checks at the end, and after each death, that all is
    // as the model has it. Nothing where it is; else what went wrong, and where.
    std::optional<std::string> Run(const std::vector<Operation>& sequence);

    // Since it was made.
    size_t deaths() const { return deaths_; }

  private:
    using Failure = std::optional<std::string>;

    Failure Step(const Operation& operation);
    Failure StepAndDie(const Operation& operation);
    Failure Restart();
    Failure StartOn(std::unique_ptr<os::MemoryFileSystem> memory, const std::vector<Cut>& cuts);
    Failure Check();

    std::unique_ptr<os::MemoryFileSystem> blank_;  // a Coffer with a bucket, ended in good order
    std::unique_ptr<os::MemoryFileSystem> memory_;
    std::unique_ptr<os::FaultFileSystem> calls_;
    std::unique_ptr<Instance> instance_;
    Model model_;
    UploadIds uploads_;
    size_t deaths_ = 0;
};

}  // namespace coffer::testing
