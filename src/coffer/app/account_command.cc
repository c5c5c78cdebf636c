#include "coffer/app/account_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "coffer/app/complain.h"
#include "coffer/app/control_client.h"
#include "coffer/app/control_server.h"
#include "coffer/app/exit_codes.h"
#include "coffer/app/master_key.h"
#include "coffer/app/storage.h"
#include "coffer/base/log.h"
#include "coffer/codec/uri.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::app {
namespace {

using codec::JsonValue;
using codec::TextOf;

Result<JsonValue> AskRunningServer(const std::string& socket, const AccountCommand& command) {
    std::string target = "/accounts";
    if (!command.name.empty()) target += "?name=" + codec::PercentEncode(command.name);
    TRY(const http::FetchResult answer,
        AskServer(socket, std::string(AccountMethod(command.action)), target));
    return codec::ParseJson(answer.body);
}

// What it is made of outlives it.
Task<Result<>> Perform(service::Accounts& accounts, const AccountCommand& command,
                       JsonValue& answer) {
    CO_TRY(answer, co_await PerformAccountRequest(accounts, command.action, command.name));
    co_return Ok();
}

Result<JsonValue> DoAlone(os::FileSystem& files, const DataDirectory& directory,
                          const AccountCommand& command, const Secret& master_key) {
    TRY(const std::unique_ptr<Storage> storage, Storage::Open(files, directory));
    TRY(const codec::Seal seal,
        OpenMasterKey(files, directory.own(), master_key, *storage->database));
    service::Credentials credentials("", Secret(), *storage->database, seal);
    service::Accounts accounts(*storage->database, storage->clock, credentials);
    TRY(accounts.Load());
    JsonValue answer;
    TRY(runtime::RunBlocking(storage->threads->executors, Perform(accounts, command, answer)));
    return answer;
}

void Print(const AccountCommand& command, const JsonValue& answer) {
    if (command.json) {
        fmt::print("{}\n", codec::WriteJson(answer));
        return;
    }
    if (command.action == AccountAction::kRemove) {
        fmt::print("removed the account {}\n", command.name);
        return;
    }
    if (command.action == AccountAction::kCreate) {
        for (const char* field : {"id", "name", "canonical_id", "access_key", "secret_key"})
            fmt::print("{:<13} {}\n", field, TextOf(answer, field));
        fmt::print("The secret key is not shown again.\n");
        return;
    }
    const JsonValue* const accounts = answer.Find("accounts");
    if (accounts == nullptr || accounts->AsArray() == nullptr) return;
    for (const JsonValue& account : *accounts->AsArray())
        fmt::print("{}  {:<24} {}\n", TextOf(account, "id"), TextOf(account, "name"),
                   TextOf(account, "canonical_id"));
}

}  // namespace

int RunAccount(const AccountCommand& command, const Secret& master_key) {
    ConfigureLog(LogFormat::kText, LogLevel::kWarning);
    const Result<std::string> own = FindOwnDirectory(command.directory);
    if (!own) return Complain("account", own.error(), kExitDirectory);
    Result<JsonValue> answer = AskRunningServer(ControlSocketPath(own.value()), command);
    // Nobody listens there: no server has the directory, or the lock says that one does.
    if (!answer && answer.error().kind() == ErrorKind::kUnavailable) {
        const std::unique_ptr<os::FileSystem> files = os::NewPosixFileSystem();
        const auto directory = DataDirectory::Open(*files, command.directory);
        if (!directory) return Complain("account", directory.error(), kExitDirectory);
        answer = DoAlone(*files, directory.value(), command, master_key);
    }
    if (!answer) return Complain("account", answer.error(), kExitFailure);
    Print(command, answer.value());
    return kExitOk;
}

}  // namespace coffer::app
