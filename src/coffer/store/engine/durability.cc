#include "coffer/store/engine/durability.h"

#include <fmt/format.h>

#include "coffer/base/check.h"
#include "coffer/os/durable_names.h"

namespace coffer::store::engine {

Error AsStorageError(const Error& error) {
    if (error.kind() == ErrorKind::kNoSpace || error.kind() == ErrorKind::kBusy) return error;
    return Error(ErrorKind::kIo, error.message());
}

Result<> AsStorageResult(Result<> result) {
    if (!result) return AsStorageError(result.error());
    return result;
}

void SyncFile(os::File& file, std::string_view what) {
    const Result<> synced = file.Sync();
    if (!synced)
        COFFER_FATAL(fmt::format("can't make {} durable: {}", what, synced.error().message()));
}

Result<> SyncDirectory(os::FileSystem& file_system, const std::string& path) {
    return AsStorageResult(os::SyncNames(file_system, path));
}

Result<> EnsureDirectory(os::FileSystem& file_system, const std::string& parent,
                         const std::string& path) {
    const Result<> made = file_system.MakeDirectory(path);
    if (!made && made.error().kind() != ErrorKind::kAlreadyExists)
        return AsStorageError(made.error());
    return SyncDirectory(file_system, parent);
}

}  // namespace coffer::store::engine
