// The data directory: made, checked to be Coffer's to use, and locked against a second process.
#pragma once

#include <memory>
#include <string>

#include "coffer/os/file_system.h"

namespace coffer::app {

class DataDirectory {
  public:
    // Makes `path` and `path`/.coffer where they are missing, durably. `files` outlives it. Blocks.
    // Errors, each saying what to do: kBusy (another process has it), kUnsupported (it is MinIO's),
    // kDenied, kNoSpace, kInvalid (not a directory), kIo.
    static Result<DataDirectory> Open(os::FileSystem& files, const std::string& path);

    const std::string& path() const { return path_; }  // absolute
    std::string own() const { return path_ + "/.coffer"; }

  private:
    DataDirectory(std::string path, std::unique_ptr<os::FileLock> lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::string path_;
    std::unique_ptr<os::FileLock> lock_;
};

// The absolute path of Coffer's own directory in `directory`, for a command that would rather ask
// the server which has it open; nothing is opened or made. kNotFound where it has no catalogue;
// kDenied, kIo where it can't be looked at.
Result<std::string> FindOwnDirectory(const std::string& directory);

}  // namespace coffer::app
