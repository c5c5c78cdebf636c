// Names that are durable, or a process that ends.
#pragma once

#include <string>

#include "coffer/os/file_system.h"

namespace coffer::os {

// Syncs a directory, so that the names in it, and those that are gone from it, are durable. A sync
// that fails ends the process: the kernel may count as written what it has lost, so that no later
// sync would tell. An error here says that nothing was tried.
Result<> SyncNames(FileSystem& files, const std::string& directory);

}  // namespace coffer::os
