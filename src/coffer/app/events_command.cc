#include "coffer/app/events_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "coffer/app/complain.h"
#include "coffer/app/control_client.h"
#include "coffer/app/control_server.h"
#include "coffer/app/exit_codes.h"
#include "coffer/app/storage.h"
#include "coffer/base/log.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::app {
namespace {

using Action = EventsRequest::Action;
using codec::JsonValue;
using codec::TextOf;

// A directory that this process opens itself.
struct Opened {
    std::unique_ptr<os::FileSystem> files;
    std::optional<DataDirectory> directory;
    std::unique_ptr<Storage> storage;
};

Result<Opened> Open(const std::string& directory) {
    Opened opened{.files = os::NewPosixFileSystem()};
    TRY(DataDirectory own, DataDirectory::Open(*opened.files, directory));
    opened.directory.emplace(std::move(own));
    TRY(opened.storage, Storage::Open(*opened.files, *opened.directory));
    return opened;
}

Task<Result<>> Perform(Storage& storage, EventsRequest request, JsonValue& answer) {
    CO_TRY(answer,
           co_await PerformEvents(*storage.database, storage.clock, std::move(request), nullptr));
    co_return Ok();
}

// Asks whoever has the directory.
class Events {
  public:
    Events(std::string socket, std::optional<Opened> opened)
        : socket_(std::move(socket)), opened_(std::move(opened)) {}

    Result<JsonValue> Ask(const EventsRequest& request) {
        if (!opened_) {
            TRY(const http::FetchResult told,
                AskServer(socket_, request.method(), request.target()));
            return codec::ParseJson(told.body, {.max_values = 1'000'000});
        }
        JsonValue answer;
        TRY(runtime::RunBlocking(opened_->storage->threads->executors,
                                 Perform(*opened_->storage, request, answer)));
        return answer;
    }

  private:
    const std::string socket_;
    std::optional<Opened> opened_;
};

int64_t NumberOf(const JsonValue& json, std::string_view name) {
    const JsonValue* found = json.Find(name);
    return found == nullptr ? 0 : found->AsInt().value_or(0);
}

const JsonValue::Array& ArrayOf(const JsonValue& json, std::string_view name) {
    static const JsonValue::Array kNone;
    const JsonValue* found = json.Find(name);
    return found == nullptr || found->AsArray() == nullptr ? kNone : *found->AsArray();
}

void PrintStatus(const JsonValue& answer) {
    fmt::print("{:<20} {:>9} {:>9} {:>9}  {}\n", "TARGET", "WAITING", "DELIVERED", "FAILED",
               "LAST ERROR");
    for (const JsonValue& target : ArrayOf(answer, "targets")) {
        const bool known = target.Find("delivered") != nullptr;
        fmt::print("{:<20} {:>9} {:>9} {:>9}  {}\n", TextOf(target, "target"),
                   NumberOf(target, "waiting"), NumberOf(target, "delivered"),
                   NumberOf(target, "failed"),
                   known ? TextOf(target, "error") : "nobody tells it: no such target is running");
    }
    fmt::print("given up: {}\n", NumberOf(answer, "dead"));
}

void PrintDead(const JsonValue& answer) {
    for (const JsonValue& event : ArrayOf(answer, "dead"))
        fmt::print("{:>10}  {:<12} {:<32} {}/{}  given up {} after {} attempts: {}\n",
                   NumberOf(event, "id"), TextOf(event, "target"), TextOf(event, "event"),
                   TextOf(event, "bucket"), TextOf(event, "key"), TextOf(event, "died"),
                   NumberOf(event, "attempts"), TextOf(event, "error"));
}

// Page by page; as JSON an event a line.
Result<> List(Events& events, EventsRequest request, bool json) {
    do {
        TRY(const JsonValue answer, events.Ask(request));
        if (json) {
            for (const JsonValue& event : ArrayOf(answer, "dead"))
                fmt::print("{}\n", codec::WriteJson(event));
        } else {
            PrintDead(answer);
        }
        request.after = NumberOf(answer, "next");
    } while (request.after != 0);
    return Ok();
}

int Run(Events& events, const EventsCommand& command) {
    if (command.request.action == Action::kList) {
        const Result<> listed = List(events, command.request, command.json);
        return listed ? kExitOk : Complain("events", listed.error(), kExitFailure);
    }
    const Result<JsonValue> answer = events.Ask(command.request);
    if (!answer) return Complain("events", answer.error(), kExitFailure);
    if (command.json)
        fmt::print("{}\n", codec::WriteJson(answer.value()));
    else if (command.request.action == Action::kStatus)
        PrintStatus(answer.value());
    else if (command.request.action == Action::kReplay)
        fmt::print("sent again: {}\n", NumberOf(answer.value(), "replayed"));
    else
        fmt::print("dropped: {}\n", NumberOf(answer.value(), "dropped"));
    return kExitOk;
}

}  // namespace

int RunEvents(const EventsCommand& command) {
    ConfigureLog(LogFormat::kText, LogLevel::kWarning);
    const Result<std::string> own = FindOwnDirectory(command.directory);
    if (!own) return Complain("events", own.error(), kExitDirectory);
    const std::string socket = ControlSocketPath(own.value());
    Events server(socket, std::nullopt);
    const auto answers = server.Ask(EventsRequest());
    if (answers) return Run(server, command);
    if (answers.error().kind() != ErrorKind::kUnavailable)
        return Complain("events", answers.error(), kExitFailure);
    // Nobody listens there: no server has the directory, or the lock says that one does.
    Result<Opened> opened = Open(command.directory);
    if (!opened) return Complain("events", opened.error(), kExitDirectory);
    Events own_events(socket, std::move(opened).value());
    return Run(own_events, command);
}

}  // namespace coffer::app
