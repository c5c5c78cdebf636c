#include "coffer/os/durable_names.h"

#include "coffer/base/check.h"

namespace coffer::os {

Result<> SyncNames(FileSystem& files, const std::string& directory) {
    const Result<> synced = files.SyncDirectory(directory);
    if (!synced && synced.error().kind() == ErrorKind::kIo)
        COFFER_FATAL("can't make names durable: " + synced.error().message());
    return synced;
}

}  // namespace coffer::os
