#include "coffer/app/accept_command.h"

#include <fmt/format.h>

#include "coffer/app/complain.h"
#include "coffer/app/data_directory.h"
#include "coffer/app/exit_codes.h"
#include "coffer/catalog/schema.h"
#include "coffer/db/sqlite/sqlite.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::app {
namespace {

Result<> Open(const DataDirectory& directory, bool accept_loss) {
    db::SqliteOptions options;
    options.accept_lost_commits = accept_loss;
    TRY(const auto database, db::OpenSqlite(directory.own() + "/catalogue.db", options));
    return catalog::Prepare(*database);
}

}  // namespace

Error ExplainLostCommits(const Error& error, const std::string& directory) {
    if (error.code() != db::kLostCommits) return error;
    return Error(
        error.kind(), error.code(),
        fmt::format("{}. Bring back what is missing, or restore a backup; or go on without "
                    "it: coffer accept-lost-commits {}",
                    error.message(), directory));
}

int RunAcceptLostCommits(const std::string& path) {
    const std::unique_ptr<os::FileSystem> files = os::NewPosixFileSystem();
    // Where there is nothing, nothing can be lost, and nothing is to be made.
    if (auto there = files->Stat(path + "/.coffer"); !there)
        return Complain("", there.error(), kExitDirectory);
    auto directory = DataDirectory::Open(*files, path);
    if (!directory) return Complain("", directory.error(), kExitDirectory);
    const Result<> whole = Open(directory.value(), false);
    if (whole) {
        fmt::print("Nothing is lost: every transaction that was acknowledged is there.\n");
        return kExitOk;
    }
    if (whole.error().code() != db::kLostCommits) return Complain("", whole.error(), kExitFailure);
    const Result<> accepted = Open(directory.value(), true);
    if (!accepted) return Complain("", accepted.error(), kExitFailure);
    fmt::print("Accepted: {}.\n", whole.error().message());
    return kExitOk;
}

}  // namespace coffer::app
