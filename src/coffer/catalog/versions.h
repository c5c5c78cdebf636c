// Versions of objects in the catalogue. Every function runs inside the caller's transaction.
//
// The current version of a key is the newest; an object exists where that is no delete marker.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "coffer/base/text_arena.h"
#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

// The newest version of a key, delete marker or not.
Result<std::optional<Version>> FindCurrent(db::Transaction& tx, BucketId bucket,
                                           std::string_view key);

// The version of that id; "null" and the empty id both mean the null version.
Result<std::optional<Version>> FindVersion(db::Transaction& tx, BucketId bucket,
                                           std::string_view key, std::string_view version_id);

// Adds a version as the newest of its key, and counts it. It gets its sequence, and the id that a
// bucket with such versioning gives: what it had of them is not read. Where that is the null id,
// the key must have no null version. The blob that it names must have been given a reference for
// it.
Result<> InsertVersion(db::Transaction& tx, Version& version,
                       Versioning versioning = Versioning::kUnversioned);

// Writes the headers, the tags and the lock of a version that was read in this transaction.
Result<> ChangeHeaders(db::Transaction& tx, const Version& version);

// Takes a version away that was read in this transaction, with what only it refers to: references
// of blobs, extents, its upload. There is no other way to lose one, so that it is here that locks
// hold: kDenied "AccessDenied" where that of the version does, for whoever wants it gone.
Result<> DeleteVersion(db::Transaction& tx, const Version& version,
                       const codec::LockAuthority& authority);

// The extents of a version, in order; of one part where `part_number` is given.
Result<std::vector<Extent>> ReadExtents(db::Transaction& tx, const Version& version,
                                        std::optional<int> part_number = std::nullopt);

// Versions of a bucket in order of key, then newest first, from `from_key` on (inclusive), or from
// after version `after` of that key, until keys reach `end`. At most `limit` rows.
struct VersionScan {
    BucketId bucket;
    std::string from_key;
    std::optional<Sequence> after = std::nullopt;   // of from_key
    std::optional<std::string> end = std::nullopt;  // exclusive
    size_t limit = 1000;
};

// Calls `each` with them until it returns false. `each` may take what it wants out of the version.
Result<> ScanVersions(db::Transaction& tx, const VersionScan& scan,
                      const std::function<bool(Version&)>& each);

// A version where it lies: what a listing of thousands asks for is decoded, and nothing else. It
// and its views live until the next one. kCorrupt where a column is not of its form.
class VersionRow {
  public:
    explicit VersionRow(const db::Row& row);

    std::string_view key() const { return key_; }
    Sequence sequence() const;
    std::string_view version_id() const;
    bool delete_marker() const { return delete_marker_; }
    uint64_t size_bytes() const;
    std::string_view etag(TextArena& arena) const;  // the view is of `arena`
    Timestamp modified() const;
    Result<ObjectHeaders> headers() const;
    Result<std::string_view> owner() const;  // by its ACL; empty: the bucket's owner
    Result<std::optional<ChecksumKind>> checksum() const;

  private:
    const db::Row& row_;
    const std::string_view key_;
    const bool delete_marker_;
};

// Calls `each` with them until it returns false, or fails, with which this does.
Result<> ScanRows(db::Transaction& tx, const VersionScan& scan,
                  const std::function<Result<bool>(const VersionRow&)>& each);

// What a version is made of, without what is said of it. Views live until the next one.
struct VersionReference {
    BucketId bucket;
    std::string_view key;
    bool delete_marker = false;
    uint64_t size_bytes = 0;
    std::optional<BlobId> blob;
    std::optional<ContentId> content;
};

// Calls `each` for every version of every bucket. A walk over the whole table, for the scrub.
Result<> WalkVersions(db::Transaction& tx,
                      const std::function<void(const VersionReference&)>& each);

}  // namespace coffer::catalog
