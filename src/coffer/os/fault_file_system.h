// A FileSystem that fails when it is told to, over another one that does the work. For tests.
//
// It counts the calls of each operation, on the file system and on its files. A call that fails
// does not reach the file system below, but for a write: it leaves the first half of its bytes
// there, as a full disk does. Without a fault it adds nothing. Any thread may call it; the file
// system below outlives it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/os/file_system.h"

namespace coffer::os {

enum class Operation : uint8_t {
    kOpen,
    kOpenCached,
    kCreateTemporary,
    kLink,
    kRename,
    kRemove,
    kMakeDirectory,
    kRemoveDirectory,
    kList,
    kSyncDirectory,
    kStat,
    kGetSpace,
    kLock,
    kReadAt,
    kReadCachedAt,
    kWriteAt,
    kSync,
    kTruncate,
    kSize,
};
inline constexpr size_t kOperationCount = 19;

// "Open", "SyncDirectory", …
std::string_view ToString(Operation operation);

struct Fault {
    std::optional<Operation> operation = std::nullopt;  // any, where none is named
    uint64_t call = 1;  // the first call to fail, counted from 1 as `calls` counts them
    int errno_value = 0;
    bool for_ever = false;  // later ones fail too
    // In place of the error, a ReadCachedAt succeeds with so many bytes at most.
    std::optional<size_t> short_read_bytes = std::nullopt;
};

class FaultFileSystem final : public FileSystem {
  public:
    explicit FaultFileSystem(FileSystem& below) : below_(below) {}

    // Sets the one fault, in the place of the one before, and counts calls from zero again.
    void Inject(Fault fault);

    // No fault from here on; calls count from zero.
    void Clear();

    // From here on syncs (`sync`: kSync or kSyncDirectory) of paths that contain `path_part` say
    // that they succeeded, and do nothing: to show that a test notices. "$" is the end of a path; a
    // temporary file has its directory's.
    void Forget(Operation sync, std::string path_part);

    // Called before every call from here on, on the calling thread; it may use the file system
    // below, not this one.
    void SetObserver(std::function<void(Operation)> observer);

    // Calls since Inject or Clear, those that failed among them; of one operation, or of all.
    uint64_t calls(Operation operation) const;
    uint64_t calls() const;

    // The operation that the fault hit first, if it did.
    std::optional<Operation> struck() const;

    Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
    Result<std::unique_ptr<File>> OpenCached(const std::string& path) override;
    Result<std::unique_ptr<File>> CreateTemporary(const std::string& directory) override;
    Result<> Link(File& temporary, const std::string& path) override;
    Result<> Rename(const std::string& from, const std::string& to) override;
    Result<> Remove(const std::string& path) override;
    Result<> MakeDirectory(const std::string& path) override;
    Result<> RemoveDirectory(const std::string& path) override;
    Result<std::vector<DirectoryEntry>> List(const std::string& directory) override;
    Result<> SyncDirectory(const std::string& directory) override;
    Result<FileStat> Stat(const std::string& path) override;
    Result<Space> GetSpace(const std::string& path) override;
    Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

  private:
    class FaultFile;

    // Counts a call, and fails when it is its turn.
    Result<> Enter(Operation operation);
    std::optional<size_t> ShortReadBytes() const;
    bool Forgets(Operation sync, const std::string& path) const;

    FileSystem& below_;
    mutable Mutex mutex_;
    std::optional<Fault> fault_ GUARDED_BY(mutex_);
    std::optional<Operation> struck_ GUARDED_BY(mutex_);
    std::array<uint64_t, kOperationCount> calls_ GUARDED_BY(mutex_){};
    std::function<void(Operation)> observer_ GUARDED_BY(mutex_);
    std::optional<std::pair<Operation, std::string>> forgotten_ GUARDED_BY(mutex_);
};

}  // namespace coffer::os
