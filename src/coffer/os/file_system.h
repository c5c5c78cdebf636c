// What the engine and the fs store need of an operating system, and no more. Every durable step is
// visible here.
//
// All calls block; any thread may make them; the FileSystem outlives its files. Paths are absolute
// or relative to the working directory, as POSIX has them. Errors are those of ErrnoError:
// kNotFound, kAlreadyExists, kNoSpace, kBusy (no descriptor free), kDenied, kIo. EINTR and short
// writes are handled inside: a call does all of it or fails.
//
// Durability, as POSIX gives it: bytes of a file are durable after File::Sync; a name (made by
// Link, Rename, MakeDirectory, or taken away by Remove) is durable after SyncDirectory of the
// directory that holds it. Until then a power loss may undo either one without the other.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/base/clock.h"
#include "coffer/base/result.h"

namespace coffer::os {

enum class OpenMode : uint8_t {
    kRead,       // must exist
    kReadWrite,  // must exist
    kCreate,     // must not exist; read and write
};

enum class FileKind : uint8_t { kFile, kDirectory, kOther };

struct FileStat {
    FileKind kind = FileKind::kOther;
    uint64_t size_bytes = 0;
    Timestamp modified;
};

struct DirectoryEntry {
    std::string name;
    FileKind kind = FileKind::kOther;
};

struct Space {
    uint64_t total_bytes = 0;
    uint64_t free_bytes = 0;  // for an unprivileged process
    uint64_t total_inodes = 0;
    uint64_t free_inodes = 0;
};

// What WriteDirectly asks of offsets, lengths and addresses.
inline constexpr size_t kDirectAlignment = 4096;

// An open file; the destructor closes it. ReadAt and WriteAt may be called by several threads at
// once. Errors: kNoSpace, kIo.
class File {
  public:
    virtual ~File() = default;

    // Reads up to out.size() bytes at `offset`; fewer only at the end of the file.
    virtual Result<size_t> ReadAt(uint64_t offset, ByteSpan out) = 0;

    // As ReadAt, as far as that takes no waiting for a disk: kBusy where it would, or where the
    // system can't tell. Fewer bytes say nothing of where the file ends: that is for ReadAt to
    // find.
    virtual Result<size_t> ReadCachedAt(uint64_t offset, ByteSpan out) = 0;

    // Writes all of `data` at `offset`. After a failure any part of it may be there.
    virtual Result<> WriteAt(uint64_t offset, ByteView data) = 0;

    // For a file that is written once, from its beginning to its end, by one thread at a time: from
    // here on writes go past the system's cache where the file system can do that (O_DIRECT), which
    // spares a copy and leaves the cache to what is read. It is a wish: what is not aligned to
    // kDirectAlignment, and all that comes after it, goes by the cache as before.
    virtual void WriteDirectly() {}

    // Makes what was written durable (fdatasync). After a failure the file's state is unknown:
    // never call it again, never trust the file (`reliability` rule B3); whoever acknowledged
    // anything that depends on it must stop.
    virtual Result<> Sync() = 0;

    virtual Result<> Truncate(uint64_t size_bytes) = 0;
    virtual Result<uint64_t> Size() = 0;
};

// Holds an advisory lock (flock) until destroyed; the operating system lets go of it when the
// process dies.
class FileLock {
  public:
    virtual ~FileLock() = default;
};

class FileSystem {
  public:
    virtual ~FileSystem() = default;

    virtual Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;

    // Opens for reading, as far as that takes no waiting for a disk: kBusy where it would, or where
    // the system can't tell.
    virtual Result<std::unique_ptr<File>> OpenCached(const std::string& path) = 0;

    // A file without a name that disappears when closed, unless Link gives it one. `directory`
    // names the file system that it lives on. (O_TMPFILE; where that is missing, a named file in
    // `directory` whose name begins with ".tmp-".)
    virtual Result<std::unique_ptr<File>> CreateTemporary(const std::string& directory) = 0;

    // Gives a file of CreateTemporary its name; fails with kAlreadyExists where there is one.
    virtual Result<> Link(File& temporary, const std::string& path) = 0;

    // Replaces `to` in one step if it exists.
    virtual Result<> Rename(const std::string& from, const std::string& to) = 0;
    virtual Result<> Remove(const std::string& path) = 0;

    virtual Result<> MakeDirectory(const std::string& path) = 0;    // kAlreadyExists if it is there
    virtual Result<> RemoveDirectory(const std::string& path) = 0;  // kConflict if it is not empty

    // In any order.
    virtual Result<std::vector<DirectoryEntry>> List(const std::string& directory) = 0;

    // kIo: the sync failed, and all is as after a failure of File::Sync. Every other kind: nothing
    // was tried, since the directory could not be opened (kBusy: no descriptor was free), or its
    // file system has no such sync (kUnsupported: those that nobody writes to).
    virtual Result<> SyncDirectory(const std::string& directory) = 0;

    virtual Result<FileStat> Stat(const std::string& path) = 0;
    virtual Result<Space> GetSpace(const std::string& path) = 0;

    // Makes the file if need be. kBusy when another process, or another FileLock of this one, holds
    // it.
    virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
};

}  // namespace coffer::os
