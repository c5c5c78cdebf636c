// SQLite on an os::FileSystem, so that in tests the catalogue lies beside the blobs: one power loss
// takes from both, and every call of both can be made to fail.
//
// It does what SQLite's own VFS does on Linux, call for call, as far as a FileSystem shows it: a
// new log's name is synced with its first sync, and a failure of that is passed over. Shared memory
// is on the heap and locks are in the process; both end with this object, as they do with a
// process.
#pragma once

#include <memory>
#include <string>

#include "coffer/db/sqlite/sqlite.h"
#include "coffer/os/file_system.h"

namespace coffer::testing {

// Any thread may use its connections. `files` outlives it, and it outlives the databases on it.
class FileSystemVfs {
  public:
    explicit FileSystemVfs(os::FileSystem& files);
    ~FileSystemVfs();
    FileSystemVfs(const FileSystemVfs&) = delete;
    FileSystemVfs& operator=(const FileSystemVfs&) = delete;

    // What SqliteOptions::files takes.
    db::SqliteFiles sqlite_files() const;

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace coffer::testing
