#include "tests/fault/model_runner.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/log.h"

namespace coffer::testing {
namespace {

// Calls `action`, and returns what a death at `cut` leaves; `answered` tells whether the action had
// returned by then.
template <class F>
std::unique_ptr<os::MemoryFileSystem> CutDuring(const os::MemoryFileSystem& memory,
                                                os::FaultFileSystem& calls, const Cut& cut,
                                                bool& answered, F action) {
    const auto die = [&] {
        if (!cut.power_loss) return memory.AfterKill();
        return memory.AfterCrash(cut.lot == 0 ? std::nullopt : std::optional(cut.lot));
    };
    std::unique_ptr<os::MemoryFileSystem> left;
    uint32_t call = 0;  // they come one at a time
    calls.SetObserver([&](os::Operation) {
        if (++call == cut.call) left = die();
    });
    action();
    calls.SetObserver(nullptr);
    answered = left == nullptr;
    if (answered) left = die();
    return left;
}

}  // namespace

ModelRunner::ModelRunner() : blank_(std::make_unique<os::MemoryFileSystem>()) {
    ConfigureLog(LogFormat::kText, LogLevel::kError);  // it says when it cleans up after a crash
    Instance::MakeDirectories(*blank_);
    auto instance = Instance::Start(*blank_).value();
    COFFER_CHECK(MakeModelBucket(*instance).has_value());
    COFFER_CHECK(instance->Stop().has_value());
}

std::optional<std::string> ModelRunner::Run(const std::vector<Operation>& sequence) {
    instance_.reset();
    model_ = Model();
    uploads_.clear();
    if (Failure failure = StartOn(blank_->AfterKill(), {})) return failure;
    for (size_t i = 0; i < sequence.size(); ++i) {
        if (Failure failure = Step(sequence[i]))
            return fmt::format("operation {} ({}): {}", i + 1, Format(sequence[i]), *failure);
    }
    return Check();
}

ModelRunner::Failure ModelRunner::Step(const Operation& operation) {
    instance_->clock.Advance(std::chrono::milliseconds(1));
    if (!operation.cuts.empty()) return StepAndDie(operation);
    if (operation.action == Action::kRestart) return Restart();
    Model after = model_;
    const std::string expected = after.Do(operation);
    const std::string answer = Do(*instance_, operation, model_, uploads_);
    instance_->Settle();
    if (answer != expected) return fmt::format("\"{}\" in place of \"{}\"", answer, expected);
    model_ = std::move(after);
    return std::nullopt;
}

ModelRunner::Failure ModelRunner::StepAndDie(const Operation& operation) {
    Model after = model_;
    const std::string expected = after.Do(operation);
    UploadIds uploads_after = uploads_;
    std::string answer;
    bool answered = false;
    auto left = CutDuring(*memory_, *calls_, operation.cuts.front(), answered, [&] {
        answer = Do(*instance_, operation, model_, uploads_after);
        if (operation.action == Action::kRestart) (void)instance_->Stop().value();
        instance_->Settle();
    });
    if (answer != expected) return fmt::format("\"{}\" in place of \"{}\"", answer, expected);
    instance_.reset();
    ++deaths_;
    if (Failure failure = StartOn(std::move(left), operation.cuts)) return failure;

    // What was answered has happened; what was not, has happened whole or not at all.
    const std::string seen = Describe(*instance_);
    if (seen == after.Describe()) {
        model_ = std::move(after);
        uploads_ = std::move(uploads_after);
        return std::nullopt;
    }
    if (!answered && seen == model_.Describe()) return std::nullopt;
    return fmt::format("after its death {} the answer there is\n{}in place of\n{}{}{}",
                       answered ? "after" : "before", seen, after.Describe(),
                       answered ? "" : "or\n", answered ? "" : model_.Describe());
}

ModelRunner::Failure ModelRunner::Restart() {
    if (const auto stopped = instance_->Stop(); !stopped)
        return "stop: " + stopped.error().ToString();
    instance_.reset();
    if (Failure failure = StartOn(std::move(memory_), {})) return failure;
    if (instance_->recovered()) return "it recovered after an end in good order";
    return std::nullopt;
}

// All cuts but the first, which was the operation's, hit a start each.
ModelRunner::Failure ModelRunner::StartOn(std::unique_ptr<os::MemoryFileSystem> memory,
                                          const std::vector<Cut>& cuts) {
    for (size_t i = 1; i < cuts.size(); ++i) {
        os::FaultFileSystem calls(*memory);
        std::unique_ptr<Instance> doomed;
        Failure failure;
        bool answered = false;
        auto left = CutDuring(*memory, calls, cuts[i], answered, [&] {
            auto started = Instance::Start(calls);
            if (started)
                doomed = std::move(started).value();
            else
                failure = "start: " + started.error().ToString();
        });
        if (failure) return failure;
        doomed.reset();
        memory = std::move(left);
        ++deaths_;
    }
    memory_ = std::move(memory);
    calls_ = std::make_unique<os::FaultFileSystem>(*memory_);
    auto started = Instance::Start(*calls_);
    if (!started) return "start: " + started.error().ToString();
    instance_ = std::move(started).value();
    return std::nullopt;
}

ModelRunner::Failure ModelRunner::Check() {
    const std::string seen = Describe(*instance_);
    if (seen == model_.Describe()) return std::nullopt;
    return fmt::format("there is\n{}in place of\n{}", seen, model_.Describe());
}

}  // namespace coffer::testing
