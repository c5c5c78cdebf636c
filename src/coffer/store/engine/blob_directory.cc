#include "coffer/store/engine/blob_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/base/random.h"
#include "coffer/codec/hex.h"
#include "coffer/store/engine/blob_format.h"
#include "coffer/store/engine/durability.h"

namespace coffer::store::engine {
namespace {

// Two lower-case hexadecimal digits, or nothing.
std::optional<size_t> ParseFanOut(std::string_view name) {
    for (size_t index = 0; name.size() == 2 && index < 256; ++index) {
        if (name == fmt::format("{:02x}", index)) return index;
    }
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<BlobDirectory>> BlobDirectory::Open(os::FileSystem& file_system,
                                                           std::string directory) {
    std::unique_ptr<BlobDirectory> opened(new BlobDirectory(file_system, directory));
    TRY(opened->Prepare(directory));
    TRY(opened->RemoveTemporaries());
    TRY(opened->FindFanOut());
    return opened;
}

BlobDirectory::BlobDirectory(os::FileSystem& file_system, const std::string& directory)
    : file_system_(file_system),
      blobs_(directory + "/blobs"),
      temporary_(blobs_ + "/tmp"),
      quarantine_(file_system, directory) {}

Result<> BlobDirectory::Prepare(const std::string& parent) {
    for (const std::string& path : {blobs_, temporary_}) {
        const Result<> made = file_system_.MakeDirectory(path);
        if (!made && made.error().kind() != ErrorKind::kAlreadyExists) return made;
    }
    // Also what was there before: the process that made it may have died before it was durable.
    TRY(SyncDirectory(file_system_, parent));
    return SyncDirectory(file_system_, blobs_);
}

Result<> BlobDirectory::RemoveTemporaries() {
    TRY(const std::vector<os::DirectoryEntry> entries, file_system_.List(temporary_));
    for (const os::DirectoryEntry& entry : entries) {
        TRY(file_system_.Remove(temporary_ + "/" + entry.name));
    }
    if (!entries.empty()) {
        Log(LogLevel::kInfo, "removed temporary files of an earlier run",
            {{"directory", temporary_}, {"files", entries.size()}});
    }
    return Ok();
}

Result<> BlobDirectory::FindFanOut() {
    TRY(const std::vector<os::DirectoryEntry> entries, file_system_.List(blobs_));
    for (const os::DirectoryEntry& entry : entries) {
        const std::optional<size_t> index = ParseFanOut(entry.name);
        if (!index || entry.kind != os::FileKind::kDirectory) continue;
        durable_[*index] = true;
        removed_[*index] = true;  // by a process that was killed before it synced that, perhaps
    }
    return Ok();
}

Result<std::unique_ptr<os::File>> BlobDirectory::CreateTemporary() {
    auto created = file_system_.CreateTemporary(temporary_);
    if (!created) return AsStorageError(created.error());
    return created;
}

Result<> BlobDirectory::Publish(os::File& temporary, const codec::Sha256Digest& sha256) {
    const size_t index = std::to_integer<size_t>(sha256[0]);
    TRY(EnsureFanOut(index));
    SyncFile(temporary, "a blob");
    const std::string path = PathOf(sha256);
    Result<> linked = file_system_.Link(temporary, path);
    if (!linked && linked.error().kind() == ErrorKind::kAlreadyExists) {
        linked = Replace(temporary, path);
    }
    TRY(AsStorageResult(std::move(linked)));
    return SyncDirectory(file_system_, FanOutPath(index));
}

// What has the name may be damaged, or not durable, and to find out costs a read of all of it. The
// bytes at hand are neither.
Result<> BlobDirectory::Replace(os::File& temporary, const std::string& path) {
    const std::string name = fmt::format("{}/.tmp-{:016x}", temporary_, RandomUint64());
    TRY(file_system_.Link(temporary, name));
    Result<> renamed = file_system_.Rename(name, path);
    if (!renamed) (void)file_system_.Remove(name);  // if this fails too, the next start removes it
    return renamed;
}

Result<> BlobDirectory::EnsureFanOut(size_t index) {
    if (durable_[index]) return Ok();
    // Two threads may both come here: each one syncs before it goes on.
    TRY(EnsureDirectory(file_system_, blobs_, FanOutPath(index)));
    durable_[index] = true;
    return Ok();
}

Result<std::unique_ptr<os::File>> BlobDirectory::OpenBlob(const codec::Sha256Digest& sha256,
                                                          Access access) {
    const std::string path = PathOf(sha256);
    auto opened = access == Access::kCached ? file_system_.OpenCached(path)
                                            : file_system_.Open(path, os::OpenMode::kRead);
    if (!opened && opened.error().kind() != ErrorKind::kNotFound) {
        return AsStorageError(opened.error());
    }
    return opened;
}

Result<> BlobDirectory::Remove(const codec::Sha256Digest& sha256) {
    Result<> removed = file_system_.Remove(PathOf(sha256));
    removed_[std::to_integer<size_t>(sha256[0])] = true;
    if (!removed && removed.error().kind() != ErrorKind::kNotFound) {
        return AsStorageError(removed.error());
    }
    return removed;
}

Result<std::string> BlobDirectory::SetAside(const codec::Sha256Digest& sha256,
                                            std::string_view note) {
    const size_t index = std::to_integer<size_t>(sha256[0]);
    return quarantine_.TakeFile(PathOf(sha256), FanOutPath(index), codec::ToHex(sha256), note);
}

Result<> BlobDirectory::SyncRemovals() {
    for (size_t index = 0; index < kFanOut; ++index) {
        if (!removed_[index].exchange(false) || !durable_[index]) continue;
        const Result<> synced = SyncDirectory(file_system_, FanOutPath(index));
        if (synced) continue;
        removed_[index] = true;
        return synced;
    }
    return Ok();
}

Result<ListPage> BlobDirectory::List(std::string_view cursor, size_t limit) {
    COFFER_CHECK(limit > 0);
    ListPage page;
    // The cursor is a key that an earlier page ended with; the first two digits are its directory.
    const size_t first = ParseFanOut(cursor.substr(0, 2)).value_or(0);
    for (size_t index = first; index < kFanOut && page.next_cursor.empty(); ++index) {
        if (!durable_[index]) continue;
        TRY(ListFanOut(index, cursor, limit, page));
    }
    return page;
}

Result<> BlobDirectory::ListFanOut(size_t index, std::string_view cursor, size_t limit,
                                   ListPage& page) {
    auto entries = file_system_.List(FanOutPath(index));
    if (!entries) return LeaveOut(index, AsStorageError(entries.error()), page);
    std::vector<std::string> keys;
    for (const os::DirectoryEntry& entry : entries.value()) {
        std::string key = fmt::format("{:02x}/{}", index, entry.name);
        if (key > cursor && ParseKey(key)) keys.push_back(std::move(key));
    }
    std::ranges::sort(keys);
    for (std::string& key : keys) {
        if (page.copies.size() == limit) {
            page.next_cursor = page.copies.back().key;
            return Ok();
        }
        const auto stat = file_system_.Stat(blobs_ + "/" + key);
        if (!stat && stat.error().kind() == ErrorKind::kNotFound) continue;  // removed meanwhile
        if (!stat) {
            TRY(LeaveOut(index, AsStorageError(stat.error()), page));
            continue;
        }
        const uint64_t size_bytes = BlobBytes(stat.value().size_bytes).value_or(0);
        const codec::Sha256Digest sha256 = *ParseKey(key);
        page.copies.push_back({std::move(key), {size_bytes, sha256}});
    }
    return Ok();
}

// What fails hides nothing behind it; but where a descriptor is short, it is there for a later
// call.
Result<> BlobDirectory::LeaveOut(size_t index, const Error& error, ListPage& page) {
    if (error.kind() == ErrorKind::kBusy) return error;
    std::string part = fmt::format("{:02x}", index);
    if (page.left_out.empty() || page.left_out.back().part != part)
        page.left_out.push_back({std::move(part), error});
    return Ok();
}

std::string BlobDirectory::FanOutPath(size_t index) const {
    return fmt::format("{}/{:02x}", blobs_, index);
}

std::string BlobDirectory::PathOf(const codec::Sha256Digest& sha256) const {
    return blobs_ + "/" + KeyOf(sha256);
}

}  // namespace coffer::store::engine
