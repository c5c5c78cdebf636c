#include "coffer/catalog/versions.h"

#include <limits>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/columns.h"
#include "coffer/catalog/rows.h"
#include "coffer/catalog/tables.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/usage.h"

namespace coffer::catalog {
Result<std::optional<Version>> FindCurrent(db::Transaction& tx, BucketId bucket,
                                           std::string_view key) {
    static const std::string kNewest =
        kVersions.Select("WHERE bucket_id = $1 AND key = $2 ORDER BY recency LIMIT 1");
    std::optional<Version> found;
    TRY(kVersions.Query(tx, kNewest, {bucket.value(), AsBytes(key)},
                        [&](const db::Row& row) -> Result<bool> {
                            TRY(found, ReadVersion(row));
                            return false;
                        }));
    return found;
}

Result<std::optional<Version>> FindVersion(db::Transaction& tx, BucketId bucket,
                                           std::string_view key, std::string_view version_id) {
    static const std::string kOfKey =
        kVersions.Select("WHERE bucket_id = $1 AND key = $2 ORDER BY recency");
    std::optional<Version> found;
    TRY(kVersions.Query(tx, kOfKey, {bucket.value(), AsBytes(key)},
                        [&](const db::Row& row) -> Result<bool> {
                            if (row.Text(3) != version_id) return true;
                            TRY(found, ReadVersion(row));
                            return false;
                        }));
    return found;
}

Result<Sequence> InsertVersion(db::Transaction& tx, const Version& version) {
    const Sequence sequence(tx.NextNumber());
    const std::string headers = EncodeHeaders(version.headers);
    const std::string etag = EncodeEtag(version.etag);
    const std::string checksum = version.checksum ? EncodeChecksum(*version.checksum) : "";
    TRY(kVersions.Insert(
        tx, {version.bucket.value(), AsBytes(version.key), -sequence.value(), version.version_id,
             int64_t{version.delete_marker}, static_cast<int64_t>(version.size_bytes),
             AsBytes(etag), ToMicros(version.modified), BytesOrNull(headers), BytesOrNull(checksum),
             int64_t{version.parts_count}, IdOrNull(version.blob), IdOrNull(version.content)}));
    TRY(CountVersion(tx, version, 1));
    return sequence;
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
    // Row values compare as the primary key does, so each of these is one seek and a walk along it.
    static const std::string kToTheEnd = kVersions.Select(
        "WHERE bucket_id = $1 AND (key, recency) > ($2, $3) ORDER BY key, recency LIMIT $4");
    static const std::string kBelow = kVersions.Select(
        "WHERE bucket_id = $1 AND (key, recency) > ($2, $3) AND key < $4 "
        "ORDER BY key, recency LIMIT $5");
    const auto visit = [&](const db::Row& row) -> Result<bool> {
        TRY(Version version, ReadVersion(row, scan.with_headers));
        return each(std::move(version));
    };
    const int64_t bucket = scan.bucket.value();
    const int64_t recency = scan.after ? -scan.after->value() : std::numeric_limits<int64_t>::min();
    const auto limit = static_cast<int64_t>(scan.limit);
    const ByteView from = AsBytes(scan.from_key);
    if (!scan.end) return kVersions.Query(tx, kToTheEnd, {bucket, from, recency, limit}, visit);
    return kVersions.Query(tx, kBelow, {bucket, from, recency, AsBytes(*scan.end), limit}, visit);
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
