// Files inside ZIP archives that are objects, read where they lie: the directory at the archive's
// end, then the one file. Nothing is unpacked, and nothing of an archive is believed that its
// length does not allow.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "coffer/codec/zip.h"
#include "coffer/service/objects.h"

namespace coffer::service {

// What of a directory is looked at; a longer one is refused.
inline constexpr uint64_t kMaxZipDirectoryBytes = 64 << 20;

// One request's; its calls read `objects`, which outlives it. All of them see the version that Open
// found: "OperationAborted" where it was replaced meanwhile and its bucket keeps no versions.
// Memory: a buffer of the directory's largest entry (196 KiB), whatever the archive.
class ZipArchive {
  public:
    // The errors of Objects::Get; kInvalid "InvalidRequest" where the object is no archive, or one
    // that is not read.
    static Task<Result<ZipArchive>> Open(Objects& objects, GetRequest request);

    const VersionInfo& info() const { return info_; }

    // By the conditions of the request that opened it: 304.
    bool not_modified() const { return not_modified_; }

    // The first entry of that name: "NoSuchKey" where there is none.
    Task<Result<codec::ZipEntry>> Find(std::string name);

    // The content of an entry, of entry.size_bytes. kUnsupported "NotImplemented" where it is
    // encrypted, or compressed otherwise than by deflating. Its Read fails with kCorrupt before its
    // last byte where the content is not what the directory says.
    Task<Result<std::unique_ptr<ByteSource>>> Read(codec::ZipEntry entry);

    // As Objects::List has it, of the files in it. Keys are their names, and their owner is the
    // archive's.
    Task<Result<ListResult>> List(ListRequest request);

  private:
    ZipArchive(Objects& objects, GetRequest request, VersionInfo info)
        : objects_(&objects), request_(std::move(request)), info_(std::move(info)) {}

    Task<Result<std::unique_ptr<ByteSource>>> ReadRange(uint64_t offset, uint64_t length);
    Task<Result<std::string>> ReadText(uint64_t offset, uint64_t length);

    // Calls `each` for every entry, until it returns false.
    Task<Result<>> Walk(std::function<bool(codec::ZipEntry)> each);

    Objects* objects_;
    GetRequest request_;
    VersionInfo info_;
    bool not_modified_ = false;
    codec::ZipDirectory directory_;
};

}  // namespace coffer::service
