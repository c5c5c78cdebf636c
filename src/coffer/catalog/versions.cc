#include "coffer/catalog/versions.h"

#include <limits>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/headers_codec.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/usage.h"

namespace coffer::catalog {
namespace {

// The order of the columns in every SELECT here, and of ReadVersion.
#define COFFER_VERSION_COLUMNS                                                          \
    "key, recency, version_id, delete_marker, size_bytes, etag, modified_us, headers, " \
    "checksum_algorithm, checksum_type, checksum, parts_count, blob_id, content_id "

Result<Version> ReadVersion(BucketId bucket, const db::Row& row) {
    Version version;
    version.bucket = bucket;
    version.key = row.BlobString(0);
    version.sequence = Sequence(-row.Int(1));
    version.version_id = std::string(row.Text(2));
    version.delete_marker = row.Int(3) != 0;
    version.size_bytes = static_cast<uint64_t>(row.Int(4));
    version.etag = std::string(row.Text(5));
    version.modified = FromMicros(row.Int(6));
    TRY(version.headers, DecodeHeaders(AsText(row.Blob(7))));
    if (!row.IsNull(8)) {
        version.checksum = Checksum{static_cast<codec::ChecksumAlgorithm>(row.Int(8)),
                                    static_cast<ChecksumType>(row.Int(9)), row.BlobString(10)};
    }
    version.parts_count = static_cast<int>(row.Int(11));
    if (!row.IsNull(12)) version.blob = BlobId(row.Int(12));
    if (!row.IsNull(13)) version.content = ContentId(row.Int(13));
    return version;
}

// Collects the only row of a query.
class OneVersion {
  public:
    explicit OneVersion(BucketId bucket) : bucket_(bucket) {}

    bool operator()(const db::Row& row) {
        Result<Version> version = ReadVersion(bucket_, row);
        if (version)
            result_ = std::optional<Version>(std::move(version).value());
        else
            result_ = version.error();
        return false;
    }

    Result<std::optional<Version>> Take() { return std::move(result_); }

  private:
    BucketId bucket_;
    Result<std::optional<Version>> result_ = std::optional<Version>();
};

db::Value NullOr(const std::optional<int64_t>& value) {
    if (!value) return nullptr;
    return *value;
}

}  // namespace

Result<std::optional<Version>> FindCurrent(db::Transaction& tx, BucketId bucket,
                                           std::string_view key) {
    OneVersion found(bucket);
    TRY(tx.Query("SELECT " COFFER_VERSION_COLUMNS
                 "FROM versions WHERE bucket_id = $1 AND key = $2 ORDER BY recency LIMIT 1",
                 {bucket.value(), AsBytes(key)}, std::ref(found)));
    return found.Take();
}

Result<std::optional<Version>> FindVersion(db::Transaction& tx, BucketId bucket,
                                           std::string_view key, std::string_view version_id) {
    OneVersion found(bucket);
    TRY(tx.Query("SELECT " COFFER_VERSION_COLUMNS
                 "FROM versions WHERE bucket_id = $1 AND key = $2 AND version_id = $3",
                 {bucket.value(), AsBytes(key), version_id}, std::ref(found)));
    return found.Take();
}

Result<int64_t> NextSequence(db::Transaction& tx) {
    int64_t value = 0;
    TRY(tx.Query("UPDATE counters SET value = value + 1 WHERE name = 'sequence' RETURNING value",
                 {}, [&](const db::Row& row) {
                     value = row.Int(0);
                     return true;
                 }));
    if (value == 0) return Error(ErrorKind::kCorrupt, "the catalogue has lost its sequence");
    return value;
}

Result<Sequence> InsertVersion(db::Transaction& tx, const Version& version) {
    TRY(const int64_t sequence, NextSequence(tx));
    const std::string headers = EncodeHeaders(version.headers);
    const auto& checksum = version.checksum;
    std::optional<int64_t> algorithm;
    std::optional<int64_t> type;
    if (checksum) {
        algorithm = static_cast<int64_t>(checksum->algorithm);
        type = static_cast<int64_t>(checksum->type);
    }
    std::optional<int64_t> blob;
    if (version.blob) blob = version.blob->value();
    std::optional<int64_t> content;
    if (version.content) content = version.content->value();
    TRY(tx.Execute("INSERT INTO versions (bucket_id, " COFFER_VERSION_COLUMNS
                   ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                   {version.bucket.value(), AsBytes(version.key), -sequence, version.version_id,
                    int64_t{version.delete_marker}, static_cast<int64_t>(version.size_bytes),
                    version.etag, ToMicros(version.modified),
                    headers.empty() ? db::Value(nullptr) : AsBytes(headers), NullOr(algorithm),
                    NullOr(type), checksum ? db::Value(AsBytes(checksum->raw)) : db::Value(nullptr),
                    int64_t{version.parts_count}, NullOr(blob), NullOr(content)}));
    TRY(CountVersion(tx, version, 1));
    return Sequence(sequence);
}

Result<> DeleteVersion(db::Transaction& tx, const Version& version) {
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

Result<> ScanVersions(db::Transaction& tx, const VersionScan& scan,
                      const std::function<bool(Version)>& each) {
    Result<> failed = Ok();
    const auto visit = [&](const db::Row& row) {
        Result<Version> version = ReadVersion(scan.bucket, row);
        if (!version) {
            failed = version.error();
            return false;
        }
        return each(std::move(version).value());
    };
    const auto limit = static_cast<int64_t>(scan.limit);
    // Row values compare as the primary key does, so each of these is one seek and a walk along it.
    const int64_t recency = scan.after ? -scan.after->value() : std::numeric_limits<int64_t>::min();
    if (scan.end) {
        TRY(tx.Query(
            "SELECT " COFFER_VERSION_COLUMNS
            "FROM versions WHERE bucket_id = $1 AND (key, recency) > ($2, $3) AND key < $4 "
            "ORDER BY key, recency LIMIT $5",
            {scan.bucket.value(), AsBytes(scan.from_key), recency, AsBytes(*scan.end), limit},
            visit));
    } else {
        TRY(tx.Query("SELECT " COFFER_VERSION_COLUMNS
                     "FROM versions WHERE bucket_id = $1 AND (key, recency) > ($2, $3) "
                     "ORDER BY key, recency LIMIT $4",
                     {scan.bucket.value(), AsBytes(scan.from_key), recency, limit}, visit));
    }
    return failed;
}

}  // namespace coffer::catalog
