// Making things durable as the engine promises it, and what failures of the file system are to its
// callers. All calls block; any thread may make them.
#pragma once

#include <string>
#include <string_view>

#include "coffer/os/file_system.h"

namespace coffer::store::engine {

// kNoSpace and kBusy as they are, everything else as kIo: a caller must not take a missing
// directory for a missing blob, nor the system's "denied" for a client that may not.
Error AsStorageError(const Error& error);
Result<> AsStorageResult(Result<> result);

// Syncs a file. A failure ends the process: the kernel may count the lost pages as written, so that
// no later sync would tell. `what`: "a blob", for its last words.
void SyncFile(os::File& file, std::string_view what);

// As os::SyncNames.
Result<> SyncDirectory(os::FileSystem& file_system, const std::string& path);

// Makes `path` durable as a directory of `parent`, there before or not: the process that made it
// may have died before it was durable.
Result<> EnsureDirectory(os::FileSystem& file_system, const std::string& parent,
                         const std::string& path);

}  // namespace coffer::store::engine
