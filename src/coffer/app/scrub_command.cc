#include "coffer/app/scrub_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "coffer/app/complain.h"
#include "coffer/app/config.h"
#include "coffer/app/control_client.h"
#include "coffer/app/control_server.h"
#include "coffer/app/exit_codes.h"
#include "coffer/app/storage.h"
#include "coffer/base/log.h"
#include "coffer/job/scrubber.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::app {
namespace {

using Action = ScrubCommand::Action;
using job::ScrubReport;
using job::ScrubStatus;

constexpr std::chrono::milliseconds kLookEvery{200};

// Who scrubs: the server of the directory, or this process.
class Scrubs {
  public:
    virtual ~Scrubs() = default;
    virtual Result<bool> Begin(const job::ScrubRequest& request) = 0;  // as job::Scrubber::Begin
    virtual Result<> Do(Action action) = 0;                            // kPause, kResume, kCancel
    virtual Result<ScrubStatus> Status() = 0;
};

class ServersScrubs final : public Scrubs {
  public:
    explicit ServersScrubs(std::string socket) : socket_(std::move(socket)) {}

    Result<bool> Begin(const job::ScrubRequest& request) override {
        TRY(const http::FetchResult answer,
            Ask("POST",
                fmt::format("/scrub?repair={}&restart={}&rate={}", request.repair ? "on" : "off",
                            request.restart ? "on" : "off", request.bytes_per_second)));
        return answer.status == 202;
    }

    Result<> Do(Action action) override {
        const char* const what = action == Action::kPause    ? "pause"
                                 : action == Action::kResume ? "resume"
                                                             : "cancel";
        TRY(Ask("POST", fmt::format("/scrub/{}", what)));
        return Ok();
    }

    Result<ScrubStatus> Status() override {
        TRY(const http::FetchResult answer, Ask("GET", "/scrub"));
        TRY(const codec::JsonValue json, codec::ParseJson(answer.body));
        return job::ParseScrubStatus(json);
    }

  private:
    Result<http::FetchResult> Ask(const std::string& method, const std::string& target) {
        return AskServer(socket_, method, target);
    }

    const std::string socket_;
};

class OwnScrubs final : public Scrubs {
  public:
    static Result<std::unique_ptr<Scrubs>> Open(const std::string& directory) {
        auto own = std::unique_ptr<OwnScrubs>(new OwnScrubs(os::NewPosixFileSystem()));
        TRY(DataDirectory opened, DataDirectory::Open(*own->files_, directory));
        own->directory_.emplace(std::move(opened));
        TRY(own->storage_, Storage::Open(*own->files_, *own->directory_));
        own->scrubber_.emplace(own->storage_->core, job::ScrubSchedule());
        return std::unique_ptr<Scrubs>(std::move(own));
    }

    ~OwnScrubs() override {
        if (scrubber_) scrubber_->Stop();
        if (!began_) return;
        // What was given up by corrected counts.
        const Result<> reclaimed =
            runtime::RunBlocking(storage_->threads->executors, Reclaim(*storage_));
        if (!reclaimed)
            Log(LogLevel::kWarning, "deleted objects keep their space until a server runs",
                {{"error", reclaimed.error().ToString()}});
    }

    Result<bool> Begin(const job::ScrubRequest& request) override {
        began_ = request.repair;
        const bool begun = scrubber_->Begin(request);
        scrubber_->Start();
        return begun;
    }

    Result<> Do(Action) override {
        return Error(ErrorKind::kUnavailable, "no server runs on this directory");
    }

    Result<ScrubStatus> Status() override { return scrubber_->status(); }

  private:
    explicit OwnScrubs(std::unique_ptr<os::FileSystem> files) : files_(std::move(files)) {}

    static Task<Result<>> Reclaim(Storage& storage) {
        CO_TRY(co_await storage.reclaimer.RunOnce());
        co_return Ok();
    }

    std::unique_ptr<os::FileSystem> files_;
    std::optional<DataDirectory> directory_;
    std::unique_ptr<Storage> storage_;
    std::optional<job::Scrubber> scrubber_;
    bool began_ = false;
};

void ShowProgress(const ScrubStatus& status) {
    if (::isatty(STDERR_FILENO) == 0 || !status.now) return;
    const ScrubReport& now = *status.now;
    constexpr double kMiB = 1 << 20;
    fmt::print(stderr, "\r{:<11} {} of {} copies, {:.1f} of {:.1f} MiB{}   ",
               job::ToString(now.phase), now.copies, now.total_copies,
               static_cast<double>(now.bytes) / kMiB, static_cast<double>(now.total_bytes) / kMiB,
               status.paused ? ", paused" : "");
    std::fflush(stderr);
}

// Until the pass that was asked for has come to its end.
Result<ScrubReport> Follow(Scrubs& scrubs) {
    for (;;) {
        TRY(ScrubStatus status, scrubs.Status());
        const bool unfinished = status.now && status.now->asked;
        if (!status.running && !status.failure.empty())
            return Error(ErrorKind::kUnavailable, status.failure);
        if (!status.running && !unfinished) {
            if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{:70}\r", "");
            if (!status.last || !status.last->asked)
                return Error(ErrorKind::kUnavailable, "the scrub was cancelled");
            return *std::move(status.last);
        }
        ShowProgress(status);
        std::this_thread::sleep_for(kLookEvery);
    }
}

int Scrub(Scrubs& scrubs, const ScrubCommand& command) {
    job::ScrubRequest request;
    request.repair = !command.read_only;
    request.restart = command.restart;
    if (!command.rate.empty()) {
        const auto rate = ParseByteSize(command.rate);
        if (!rate) return Complain("scrub", rate.error().Wrap("--rate"), kExitUsage);
        request.bytes_per_second = rate.value();
    }
    const Result<bool> begun = scrubs.Begin(request);
    if (!begun) return Complain("scrub", begun.error(), kExitFailure);
    if (!begun.value())
        fmt::print(stderr,
                   "coffer scrub: going on with one that did not end yet; --restart begins "
                   "again\n");
    const Result<ScrubReport> report = Follow(scrubs);
    if (!report) return Complain("scrub", report.error(), kExitFailure);
    if (command.json)
        fmt::print("{}\n", codec::WriteJson(job::ToJson(report.value())));
    else
        fmt::print("{}", job::ToTable(report.value()));
    return report.value().clean() ? kExitOk : kExitFailure;
}

int ShowStatus(Scrubs& scrubs, bool json) {
    const Result<ScrubStatus> status = scrubs.Status();
    if (!status) return Complain("scrub", status.error(), kExitFailure);
    if (json) {
        fmt::print("{}\n", codec::WriteJson(job::ToJson(status.value())));
        return kExitOk;
    }
    const auto show = [](std::string_view title, const ScrubReport& report) {
        fmt::print("{} ({}):\n{}", title, job::ToString(report.phase), job::ToTable(report));
    };
    if (status.value().now)
        show(status.value().paused ? "under way, paused" : "under way", *status.value().now);
    if (status.value().last) show("last", *status.value().last);
    if (!status.value().now && !status.value().last) fmt::print("there was none yet\n");
    return kExitOk;
}

int Run(Scrubs& scrubs, const ScrubCommand& command) {
    if (command.action == Action::kScrub) return Scrub(scrubs, command);
    if (command.action != Action::kStatus) {
        const Result<> done = scrubs.Do(command.action);
        if (!done) return Complain("scrub", done.error(), kExitFailure);
    }
    return ShowStatus(scrubs, command.json);
}

}  // namespace

int RunScrub(const ScrubCommand& command) {
    ConfigureLog(LogFormat::kText, LogLevel::kWarning);
    const Result<std::string> own = FindOwnDirectory(command.directory);
    if (!own) return Complain("scrub", own.error(), kExitDirectory);
    ServersScrubs server(ControlSocketPath(own.value()));
    const Result<ScrubStatus> answers = server.Status();
    if (answers) return Run(server, command);
    if (answers.error().kind() != ErrorKind::kUnavailable)
        return Complain("scrub", answers.error(), kExitFailure);
    // Nobody listens there: no server has the directory, or the lock says that one does.
    const Result<std::unique_ptr<Scrubs>> opened = OwnScrubs::Open(command.directory);
    if (!opened) return Complain("scrub", opened.error(), kExitDirectory);
    return Run(*opened.value(), command);
}

}  // namespace coffer::app
