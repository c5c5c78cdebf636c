// The FileSystem of the machine.
#pragma once

#include <cstdint>
#include <memory>

#include "coffer/os/file_system.h"

namespace coffer::os {

enum class TemporaryFiles : uint8_t {
    kUnnamed,  // O_TMPFILE where the file system and /proc allow it, else as kNamed
    kNamed,    // always a ".tmp-" name; for tests of the fallback
};

// Thread-safe, and without state: two of them over one directory behave as one. New files have mode
// 0600, new directories 0700. A named temporary file that a crash left behind is its owner's to
// remove.
std::unique_ptr<FileSystem> NewPosixFileSystem(
    TemporaryFiles temporary_files = TemporaryFiles::kUnnamed);

}  // namespace coffer::os
