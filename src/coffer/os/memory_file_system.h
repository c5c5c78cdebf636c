// A FileSystem in memory that knows what would survive a power loss. For tests.
//
// Every file has durable bytes and the writes since its last Sync; every directory has durable
// names and the changes since its last SyncDirectory. Crash forgets the rest, as badly as POSIX
// allows: names and bytes survive independently of each other, a write survives in any set of its
// 512-byte sectors, and a rename may survive in one of its two directories only. Directory "/" is
// there from the beginning, and durable.
//
// Any thread may call it; no call blocks for long.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffer/os/file_system.h"

namespace coffer::os {

class MemoryFileSystem final : public FileSystem {
  public:
    MemoryFileSystem();
    ~MemoryFileSystem() override;

    // The power goes off and on. Open files fail with kIo from here on, and locks are free. Without
    // a seed nothing survives that was not synced; with one, a random part of it does, the same for
    // the same seed and history.
    void Crash(std::optional<uint64_t> seed = std::nullopt);

    // Another file system with what Crash(seed) would leave of this one now.
    std::unique_ptr<MemoryFileSystem> AfterCrash(std::optional<uint64_t> seed) const;

    // Another file system with what the next process would find if all of this one's ended now:
    // everything, but what is not synced is not durable there either.
    std::unique_ptr<MemoryFileSystem> AfterKill() const;

    // As AfterKill, after a Sync of the file at `path` that failed: what it was to make durable is
    // there for whoever reads it, counts as written, and is durable only once it is written again.
    std::unique_ptr<MemoryFileSystem> AfterFailedSync(const std::string& path) const;

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

    struct State;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace coffer::os
