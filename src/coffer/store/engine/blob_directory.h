// The names of the engine's blobs: <directory>/blobs/ab/abcdef…, by SHA-256, in 256 directories
// that are made when the first blob needs them; temporary files live in <directory>/blobs/tmp until
// they get such a name.
//
// All calls block; any thread may make them. Errors of the file system come out as kNotFound (no
// such blob), kNoSpace, kBusy (no descriptor free) and kIo, which is everything else.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "coffer/codec/digest.h"
#include "coffer/os/file_system.h"
#include "coffer/store/engine/access.h"
#include "coffer/store/engine/quarantine.h"
#include "coffer/store/store.h"

namespace coffer::store::engine {

class BlobDirectory {
  public:
    // `directory` exists and is durable. Makes blobs/ in it, and removes what a crash left in tmp/.
    // Nobody else uses it at the same time.
    static Result<std::unique_ptr<BlobDirectory>> Open(os::FileSystem& file_system,
                                                       std::string directory);

    Result<std::unique_ptr<os::File>> CreateTemporary();

    // Makes the bytes of a temporary file durable, then its name as the blob `sha256`, in the place
    // of whatever had that name. After an error nothing is promised: the name may be there or not.
    // A sync that fails ends the process: what the file holds is not known any more (rule B3 of the
    // project's durability rules).
    Result<> Publish(os::File& temporary, const codec::Sha256Digest& sha256);

    Result<std::unique_ptr<os::File>> OpenBlob(const codec::Sha256Digest& sha256, Access access);

    // The name is gone at once; that it is gone is durable with the next sync in its directory.
    Result<> Remove(const codec::Sha256Digest& sha256);

    // As Store::Quarantine.
    Result<std::string> SetAside(const codec::Sha256Digest& sha256, std::string_view note);

    // Makes durable that the names taken by Remove are gone, by earlier processes, too. Errors as
    // Publish; nothing is forgotten then.
    Result<> SyncRemovals();

    // As Store::List. Sizes are those that the files' lengths stand for; 0 for a length that no
    // blob's file has. A directory or a file that can't be looked at is left out. kBusy.
    Result<ListPage> List(std::string_view cursor, size_t limit);

  private:
    static constexpr size_t kFanOut = 256;

    BlobDirectory(os::FileSystem& file_system, const std::string& directory);

    Result<> Prepare(const std::string& parent);
    Result<> RemoveTemporaries();
    Result<> FindFanOut();
    Result<> EnsureFanOut(size_t index);
    Result<> Replace(os::File& temporary, const std::string& path);
    Result<> ListFanOut(size_t index, std::string_view cursor, size_t limit, ListPage& page);

    static Result<> LeaveOut(size_t index, const Error& error, ListPage& page);
    std::string FanOutPath(size_t index) const;
    std::string PathOf(const codec::Sha256Digest& sha256) const;

    os::FileSystem& file_system_;
    const std::string blobs_;
    const std::string temporary_;
    Quarantine quarantine_;
    std::array<std::atomic<bool>, kFanOut> durable_{};  // the directories that exist for good
    std::array<std::atomic<bool>, kFanOut>
        removed_{};  // names were taken there since the last sync
};

}  // namespace coffer::store::engine
