#include "coffer/catalog/versions.h"

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/columns.h"
#include "coffer/catalog/rows.h"
#include "coffer/catalog/tables.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/usage.h"
#include "coffer/catalog/version_id.h"

namespace coffer::catalog {
namespace {

// db::Table::Insert or Put.
using WriteRow = Result<> (db::Table::*)(db::Transaction& tx,
                                         std::initializer_list<db::Value> values) const;

// The first version that `select` gives.
Result<std::optional<Version>> FindFirst(db::Transaction& tx, std::string_view select,
                                         std::initializer_list<db::Value> values) {
    std::optional<Version> found;
    TRY(kVersions.Query(tx, select, values, [&](const db::Row& row) -> Result<bool> {
        TRY(found, ReadVersion(row));
        return false;
    }));
    return found;
}

Result<std::optional<Version>> FindNull(db::Transaction& tx, BucketId bucket,
                                        std::string_view key) {
    static const std::string kSuspended =
        kVersions.Select("WHERE bucket_id = $1 AND key = $2 AND version_id = 'null'");
    static const std::string kOldest =
        kVersions.Select("WHERE bucket_id = $1 AND key = $2 ORDER BY recency DESC LIMIT 1");
    TRY(std::optional<Version> found, FindFirst(tx, kSuspended, {bucket.value(), AsBytes(key)}));
    if (found) return found;
    TRY(found, FindFirst(tx, kOldest, {bucket.value(), AsBytes(key)}));
    if (found && !found->version_id.empty()) found.reset();
    return found;
}

Result<> Write(db::Transaction& tx, const Version& version, WriteRow write) {
    TRY(const std::string headers, EncodeHeaders(version.headers));
    const std::string etag = EncodeEtag(version.etag);
    const std::string checksum = version.checksum ? EncodeChecksum(*version.checksum) : "";
    const std::string encryption =
        version.encryption ? EncodeEncryption(*version.encryption) : std::string();
    return (kVersions.*write)(
        tx, {version.bucket.value(), AsBytes(version.key), -version.sequence.value(),
             version.version_id, int64_t{version.delete_marker},
             static_cast<int64_t>(version.size_bytes), AsBytes(etag), ToMicros(version.modified),
             BytesOrNull(headers), BytesOrNull(checksum), int64_t{version.parts_count},
             IdOrNull(version.blob), IdOrNull(version.content), BytesOrNull(encryption)});
}

// Calls `each` for the rows of a scan until it returns false or fails.
Result<> Scan(db::Transaction& tx, const VersionScan& scan,
              const std::function<Result<bool>(const db::Row&)>& each) {
    // Each of these is one seek and a walk along the primary key. Row values compare as it does,
    // but once more at every row: they are for what begins within a key.
    static const std::string kFrom =
        kVersions.Select("WHERE bucket_id = $1 AND key >= $2 ORDER BY key, recency LIMIT $3");
    static const std::string kFromBelow = kVersions.Select(
        "WHERE bucket_id = $1 AND key >= $2 AND key < $3 ORDER BY key, recency LIMIT $4");
    static const std::string kAfter = kVersions.Select(
        "WHERE bucket_id = $1 AND (key, recency) > ($2, $3) ORDER BY key, recency LIMIT $4");
    static const std::string kAfterBelow = kVersions.Select(
        "WHERE bucket_id = $1 AND (key, recency) > ($2, $3) AND key < $4 "
        "ORDER BY key, recency LIMIT $5");
    const int64_t bucket = scan.bucket.value();
    const auto limit = static_cast<int64_t>(scan.limit);
    const ByteView from = AsBytes(scan.from_key);
    if (!scan.after) {
        if (!scan.end) return kVersions.Query(tx, kFrom, {bucket, from, limit}, each);
        return kVersions.Query(tx, kFromBelow, {bucket, from, AsBytes(*scan.end), limit}, each);
    }
    const int64_t after = -scan.after->value();
    if (!scan.end) return kVersions.Query(tx, kAfter, {bucket, from, after, limit}, each);
    return kVersions.Query(tx, kAfterBelow, {bucket, from, after, AsBytes(*scan.end), limit}, each);
}

}  // namespace

Result<std::optional<Version>> FindCurrent(db::Transaction& tx, BucketId bucket,
                                           std::string_view key) {
    static const std::string kNewest =
        kVersions.Select("WHERE bucket_id = $1 AND key = $2 ORDER BY recency LIMIT 1");
    return FindFirst(tx, kNewest, {bucket.value(), AsBytes(key)});
}

Result<std::optional<Version>> FindVersion(db::Transaction& tx, BucketId bucket,
                                           std::string_view key, std::string_view version_id) {
    static const std::string kAt =
        kVersions.Select("WHERE bucket_id = $1 AND key = $2 AND recency = $3");
    if (IsNull(version_id)) return FindNull(tx, bucket, key);
    const std::optional<Sequence> sequence = SequenceOf(version_id);
    if (!sequence) return std::optional<Version>();
    TRY(std::optional<Version> found,
        FindFirst(tx, kAt, {bucket.value(), AsBytes(key), -sequence->value()}));
    if (found && found->version_id != version_id) found.reset();
    return found;
}

Result<> InsertVersion(db::Transaction& tx, Version& version, Versioning versioning) {
    version.sequence = Sequence(tx.NextNumber());
    version.version_id = versioning == Versioning::kEnabled     ? NewVersionId(version.sequence)
                         : versioning == Versioning::kSuspended ? std::string(kNullId)
                                                                : std::string();
    TRY(Write(tx, version, &db::Table::Insert));
    return CountVersion(tx, version, 1);
}

Result<> ChangeHeaders(db::Transaction& tx, const Version& version) {
    return Write(tx, version, &db::Table::Put);
}

Result<> DeleteVersion(db::Transaction& tx, const Version& version,
                       const codec::LockAuthority& authority) {
    TRY(codec::CheckUnlocked(version.headers.lock, authority));
    TRY(const int64_t deleted,
        tx.Execute("DELETE FROM versions WHERE bucket_id = $1 AND key = $2 AND recency = $3",
                   {version.bucket.value(), AsBytes(version.key), -version.sequence.value()}));
    if (deleted == 0) return Error(ErrorKind::kNotFound, "NoSuchKey", "the version is gone");
    if (version.blob) {
        TRY(DropReference(tx, *version.blob));
    }
    if (version.content) {
        TRY(DeleteContent(tx, *version.content));
    }
    return CountVersion(tx, version, -1);
}

Result<std::vector<Extent>> ReadExtents(db::Transaction& tx, const Version& version,
                                        std::optional<int> part_number) {
    if (version.blob) return std::vector<Extent>{{*version.blob, 0, version.size_bytes}};
    if (!version.content) return std::vector<Extent>();
    return ReadContentExtents(tx, *version.content, part_number);
}

VersionRow::VersionRow(const db::Row& row)
    : row_(row), key_(AsText(row.Blob(1))), delete_marker_(row.Int(4) != 0) {}

Sequence VersionRow::sequence() const {
    return ReadSequence(row_);
}

std::string_view VersionRow::version_id() const {
    return row_.Text(3);
}

uint64_t VersionRow::size_bytes() const {
    return static_cast<uint64_t>(row_.Int(5));
}

std::string_view VersionRow::etag(TextArena& arena) const {
    return DecodeEtag(row_.Blob(6), arena);
}

Timestamp VersionRow::modified() const {
    return FromMicros(row_.Int(7));
}

Result<ObjectHeaders> VersionRow::headers() const {
    return DecodeHeaders(AsText(row_.Blob(8)));
}

Result<std::string_view> VersionRow::owner() const {
    return DecodeHeadersOwner(AsText(row_.Blob(8)));
}

Result<std::optional<ChecksumKind>> VersionRow::checksum() const {
    if (row_.IsNull(9)) return std::optional<ChecksumKind>();
    TRY(const ChecksumKind kind, DecodeChecksumKind(row_.Blob(9)));
    return std::optional(kind);
}

Result<> ScanVersions(db::Transaction& tx, const VersionScan& scan,
                      const std::function<bool(Version&)>& each) {
    return Scan(tx, scan, [&](const db::Row& row) -> Result<bool> {
        TRY(Version version, ReadVersion(row));
        return each(version);
    });
}

Result<> ScanRows(db::Transaction& tx, const VersionScan& scan,
                  const std::function<Result<bool>(const VersionRow&)>& each) {
    return Scan(tx, scan, [&](const db::Row& row) { return each(VersionRow(row)); });
}

Result<> WalkVersions(db::Transaction& tx,
                      const std::function<void(const VersionReference&)>& each) {
    static const std::string kAll = kVersions.Select("");
    return kVersions.Query(tx, kAll, {}, [&](const db::Row& row) {
        VersionReference reference{.bucket = BucketId(row.Int(0)),
                                   .key = AsText(row.Blob(1)),
                                   .delete_marker = row.Int(4) != 0,
                                   .size_bytes = static_cast<uint64_t>(row.Int(5))};
        if (!row.IsNull(11)) reference.blob = BlobId(row.Int(11));
        if (!row.IsNull(12)) reference.content = ContentId(row.Int(12));
        each(reference);
        return true;
    });
}

}  // namespace coffer::catalog
