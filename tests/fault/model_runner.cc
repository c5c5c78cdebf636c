#include "tests/fault/model_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/log.h"

namespace coffer::testing {
namespace {

// Calls `action`, and returns what a death at `cut` leaves. `made` gets all the calls that it made,
// also after its death.
template <class F>
std::unique_ptr<os::MemoryFileSystem> CutDuring(const os::MemoryFileSystem& memory,
                                                os::FaultFileSystem& calls, const Cut& cut,
                                                std::vector<os::Operation>& made, F action) {
    const auto die = [&] {
        if (!cut.power_loss) return memory.AfterKill();
        return memory.AfterCrash(cut.lot == 0 ? std::nullopt : std::optional(cut.lot));
    };
    std::unique_ptr<os::MemoryFileSystem> left;
    made.clear();  // they come one at a time
    calls.SetObserver([&](os::Operation operation) {
        made.push_back(operation);
        if (made.size() == cut.call) left = die();
    });
    action();
    calls.SetObserver(nullptr);
    return left == nullptr ? die() : std::move(left);
}

// Of the description of a state, what clients see.
std::string WithoutBlobs(const std::string& description) {
    std::string text;
    std::istringstream lines(description);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("blob ")) text += line + "\n";
    }
    return text;
}

}  // namespace

void ForgetAsTold(os::FaultFileSystem& calls) {
    const char* told = std::getenv("COFFER_TEST_FORGET");
    if (told == nullptr) return;
    const std::string text = told;
    const size_t colon = text.find(':');
    const bool directory = text.substr(0, colon) == ToString(os::Operation::kSyncDirectory);
    calls.Forget(directory ? os::Operation::kSyncDirectory : os::Operation::kSync,
                 text.substr(colon + 1));
}

ModelRunner::ModelRunner(const std::vector<Operation>& beginning)
    : beginning_(std::make_unique<os::MemoryFileSystem>()) {
    ConfigureLog(LogFormat::kText, LogLevel::kError);  // it says when it cleans up after a crash
    Instance::MakeDirectories(*beginning_);
    {
        auto instance = Instance::Start(*beginning_).value();
        COFFER_CHECK(MakeModelBucket(*instance).has_value());
        COFFER_CHECK(instance->Stop().has_value());
    }
    if (beginning.empty()) return;
    COFFER_CHECK(!Run(beginning));
    COFFER_CHECK(!Restart());
    COFFER_CHECK(instance_->Stop().has_value());
    instance_.reset();
    beginning_ = std::move(memory_);
    state_at_beginning_ = states_.front();
}

std::optional<std::string> ModelRunner::Run(const std::vector<Operation>& sequence) {
    if (Failure failure = Play(sequence)) return failure;
    return Check();
}

ModelRunner::Failure ModelRunner::Play(const std::vector<Operation>& sequence) {
    instance_.reset();
    states_ = {state_at_beginning_};
    if (Failure failure = StartOn(beginning_->AfterKill(), {})) return failure;
    for (size_t i = 0; i < sequence.size(); ++i) {
        if (Failure failure = Step(sequence[i]))
            return fmt::format("operation {} ({}): {}", i + 1, Format(sequence[i]), *failure);
    }
    return std::nullopt;
}

ModelRunner::Failure ModelRunner::Step(const Operation& operation) {
    instance_->clock.Advance(std::chrono::milliseconds(1));
    if (!operation.cuts.empty()) return StepAndDie(operation);
    if (operation.action == Action::kRestart) return Restart();
    UploadIds uploads = states_.front().uploads;
    const uint64_t moved_before = instance_->moved_copies();
    const std::string answer = Do(*instance_, operation, states_.front().model, uploads);
    moved_copies_ += instance_->moved_copies() - moved_before;
    instance_->Settle();
    std::string expected;
    std::vector<State> after = After(operation, answer, uploads, expected);
    if (after.empty()) return fmt::format("\"{}\" in place of \"{}\"", answer, expected);
    states_ = std::move(after);
    return std::nullopt;
}

ModelRunner::Failure ModelRunner::StepAndDie(const Operation& operation) {
    UploadIds uploads = states_.front().uploads;
    std::string answer;
    auto left = CutDuring(*memory_, *calls_, operation.cuts.front(), made_, [&] {
        answer = Do(*instance_, operation, states_.front().model, uploads);
        if (operation.action == Action::kRestart) (void)instance_->Stop().value();
        instance_->Settle();
    });
    std::string expected;
    std::vector<State> possible = After(operation, answer, uploads, expected);
    if (possible.empty()) return fmt::format("\"{}\" in place of \"{}\"", answer, expected);
    answered_ = operation.cuts.front().call > made_.size();
    instance_.reset();
    ++deaths_;
    if (Failure failure = StartOn(std::move(left), operation.cuts)) return failure;

    // What was answered has happened; what was not, has happened whole or not at all.
    for (State& before : states_) {
        if (!answered_ && std::ranges::find(possible, before) == possible.end())
            possible.push_back(std::move(before));
    }
    Failure failure = KeepThoseThatLook(Describe(*instance_), std::move(possible));
    if (!failure) return std::nullopt;
    return fmt::format("after its death {} the answer {}", answered_ ? "after" : "before",
                       *failure);
}

std::vector<ModelRunner::State> ModelRunner::After(const Operation& operation,
                                                   const std::string& answer,
                                                   const UploadIds& uploads,
                                                   std::string& expected) const {
    std::vector<State> after;
    for (const State& state : states_) {
        Model model = state.model;
        const std::string told = model.Do(operation);
        if (expected.empty()) expected = told;
        if (told == answer) after.push_back({std::move(model), uploads});
    }
    return after;
}

ModelRunner::Failure ModelRunner::KeepThoseThatLook(const std::string& seen,
                                                    std::vector<State> states) {
    const std::string first = states.front().model.Describe();
    const std::string last = states.back().model.Describe();
    std::erase_if(states, [&](const State& state) { return state.model.Describe() != seen; });
    if (states.empty())
        return fmt::format("there is\n{}in place of\n{}{}{}", seen, first,
                           first == last ? "" : "or\n", first == last ? "" : last);
    states_ = std::move(states);
    return std::nullopt;
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
        ForgetAsTold(calls);
        std::unique_ptr<Instance> doomed;
        Failure failure;
        auto left = CutDuring(*memory, calls, cuts[i], made_, [&] {
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
    ForgetAsTold(*calls_);
    auto started = Instance::Start(*calls_);
    if (!started) return "start: " + started.error().ToString();
    instance_ = std::move(started).value();
    return std::nullopt;
}

ModelRunner::Failure ModelRunner::Check() {
    return KeepThoseThatLook(Describe(*instance_), states_);
}

std::optional<std::string> ModelRunner::RunWithFault(const std::vector<Operation>& before,
                                                     const Operation& operation, os::Fault fault) {
    if (Failure failure = Play(before)) return failure;
    auto [before_it, uploads] = states_.front();
    Model after = before_it;
    const std::string expected = after.Do(operation);
    calls_->Inject(fault);
    std::string answer = Do(*instance_, operation, before_it, uploads);
    if (operation.action == Action::kRestart) {
        const auto stopped = instance_->Stop();
        if (!stopped) answer = "error: " + stopped.error().ToString();
    }
    instance_->Settle();
    struck_ = calls_->struck();
    calls_->Clear();

    const bool ended = operation.action == Action::kRestart;
    if (answer == expected) return CheckAfterwards({&after}, ended);
    // A scrub tells what it could not read, and that is no answer to a client.
    if (!answer.starts_with("error: ") && operation.action != Action::kScrub)
        return fmt::format("\"{}\" in place of \"{}\" or of an error", answer, expected);
    return CheckAfterwards({&after, &before_it}, ended);
}

std::optional<std::string> ModelRunner::RunStartWithFault(const std::vector<Operation>& before,
                                                          os::Fault fault) {
    if (Failure failure = Play(before)) return failure;
    auto left = memory_->AfterKill();
    instance_.reset();
    memory_ = std::move(left);
    calls_ = std::make_unique<os::FaultFileSystem>(*memory_);
    ForgetAsTold(*calls_);
    calls_->Inject(fault);
    if (auto started = Instance::Start(*calls_)) instance_ = std::move(started).value();
    struck_ = calls_->struck();
    calls_->Clear();
    if (instance_ == nullptr) {
        struck_.reset();  // a start that is refused is an end, too
        if (Failure failure = StartOn(std::move(memory_), {})) return failure;
    }
    return CheckAfterwards({&states_.front().model}, false);
}

// Clients see one of the states now; and so does the next process, after every end of this one,
// with not a byte too many on the disk.
ModelRunner::Failure ModelRunner::CheckAfterwards(const std::vector<const Model*>& allowed,
                                                  bool ended) {
    const auto check = [&](const std::string& when, Instance& instance, bool all) -> Failure {
        const auto shown = [&](const std::string& text) { return all ? text : WithoutBlobs(text); };
        const std::string seen = shown(Describe(instance));
        for (const Model* model : allowed) {
            if (seen == shown(model->Describe())) return std::nullopt;
        }
        return fmt::format("{} there is\n{}in place of\n{}", when, seen,
                           shown(allowed.front()->Describe()));
    };
    if (!ended) {
        if (Failure failure = check("after the fault", *instance_, false)) return failure;
    }
    const auto check_on = [&](const std::string& when, os::FileSystem& files) -> Failure {
        auto next = Instance::Start(files);
        if (!next) return "start " + when + ": " + next.error().ToString();
        return check(when, *next.value(), true);
    };
    const auto after_crash = memory_->AfterCrash(std::nullopt);
    if (Failure failure = check_on("after a power loss", *after_crash)) return failure;
    const auto after_kill = memory_->AfterKill();
    if (Failure failure = check_on("after a kill", *after_kill)) return failure;
    if (!ended) (void)instance_->Stop();
    instance_.reset();
    return check_on("after an end in good order", *memory_);
}

}  // namespace coffer::testing
