#include "coffer/app/bootstrap_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "coffer/app/complain.h"
#include "coffer/app/control_client.h"
#include "coffer/app/control_server.h"
#include "coffer/app/exit_codes.h"
#include "coffer/app/master_key.h"
#include "coffer/app/services.h"
#include "coffer/app/storage.h"
#include "coffer/base/log.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::app {
namespace {

using codec::JsonValue;
using codec::TextOf;

Result<JsonValue> AskRunningServer(const std::string& socket, const BootstrapCommand& command,
                                   const JsonValue& document) {
    TRY(const http::FetchResult answer,
        AskServer(socket, "POST", command.dry_run ? "/bootstrap?dry_run=on" : "/bootstrap",
                  codec::WriteJson(document)));
    return codec::ParseJson(answer.body);
}

// What it is made of outlives it.
Task<Result<>> Perform(bootstrap::Target& target, const bootstrap::Declaration& declaration,
                       bool dry_run, JsonValue& answer) {
    CO_TRY(answer, co_await bootstrap::Reconcile(target, declaration, dry_run));
    co_return Ok();
}

Result<JsonValue> DoAlone(os::FileSystem& files, const DataDirectory& directory,
                          const BootstrapCommand& command, const Config& config) {
    TRY(const std::unique_ptr<Storage> storage, Storage::Open(files, directory));
    TRY(const codec::Seal seal,
        OpenMasterKey(files, directory.own(), config.master_key, *storage->database));
    Services services(storage->core, config, seal);
    JsonValue answer;
    TRY(runtime::RunBlocking(
        storage->threads->executors,
        Perform(services.bootstrap, config.bootstrap->declaration, command.dry_run, answer)));
    return answer;
}

// What stands behind the XML declaration; anything else as it is.
std::string_view ShownAs(std::string_view document) {
    const size_t line = document.find('\n');
    return document.starts_with("<?xml") && line != std::string_view::npos
               ? document.substr(line + 1)
               : document;
}

// A document is shown as it was and as it is; a word stands behind its name.
void PrintChange(const JsonValue& change) {
    const std::string subject = TextOf(change, "subject");
    const std::string aspect = TextOf(change, "aspect");
    const std::string before = TextOf(change, "before");
    const std::string after = TextOf(change, "after");
    if (aspect.empty()) {
        fmt::print("+ {}\n", subject);
        return;
    }
    const bool document = before.starts_with('<') || before.starts_with('{') ||
                          after.starts_with('<') || after.starts_with('{');
    if (!document) {
        fmt::print("~ {}: {}: {} -> {}\n", subject, aspect, before.empty() ? "(none)" : before,
                   after.empty() ? "(none)" : after);
        return;
    }
    fmt::print("~ {}: {}\n", subject, aspect);
    if (!before.empty()) fmt::print("    - {}\n", ShownAs(before));
    if (!after.empty()) fmt::print("    + {}\n", ShownAs(after));
}

void Print(const JsonValue& answer, bool dry_run) {
    const JsonValue* const changes = answer.Find("changes");
    if (changes == nullptr || changes->AsArray() == nullptr) return;
    for (const JsonValue& change : *changes->AsArray())
        PrintChange(change);
    const size_t count = changes->AsArray()->size();
    if (count == 0)
        fmt::print("Everything is as declared.\n");
    else
        fmt::print("{} {}{}\n", count, count == 1 ? "change" : "changes",
                   dry_run ? ", none of them made: this was a dry run." : " made.");
}

}  // namespace

int RunBootstrap(const BootstrapCommand& command, const Config& config) {
    ConfigureLog(LogFormat::kText, LogLevel::kWarning);
    if (!config.bootstrap)
        return Complain("bootstrap",
                        Error(ErrorKind::kInvalid,
                              "nothing is declared. Name a file: coffer bootstrap DIR FILE; or "
                              "set `bootstrap` in the configuration"),
                        kExitUsage);
    const Result<std::string> own = FindOwnDirectory(command.directory);
    if (!own) return Complain("bootstrap", own.error(), kExitDirectory);
    Result<JsonValue> answer =
        AskRunningServer(ControlSocketPath(own.value()), command, config.bootstrap->document);
    // Nobody listens there: no server has the directory, or the lock says that one does.
    if (!answer && answer.error().kind() == ErrorKind::kUnavailable) {
        const std::unique_ptr<os::FileSystem> files = os::NewPosixFileSystem();
        const auto directory = DataDirectory::Open(*files, command.directory);
        if (!directory) return Complain("bootstrap", directory.error(), kExitDirectory);
        answer = DoAlone(*files, directory.value(), command, config);
    }
    if (!answer) return Complain("bootstrap", answer.error(), kExitFailure);
    if (command.json)
        fmt::print("{}\n", codec::WriteJson(answer.value()));
    else
        Print(answer.value(), command.dry_run);
    return kExitOk;
}

}  // namespace coffer::app
