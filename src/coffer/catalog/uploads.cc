#include "coffer/catalog/uploads.h"

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/headers_codec.h"
#include "coffer/catalog/versions.h"

namespace coffer::catalog {
namespace {

#define COFFER_UPLOAD_COLUMNS \
    "id, upload_id, key, initiated_us, completed, headers, checksum_algorithm, checksum_type "

Result<Upload> ReadUpload(BucketId bucket, const db::Row& row) {
    Upload upload;
    upload.id = ContentId(row.Int(0));
    upload.upload_id = std::string(row.Text(1));
    upload.bucket = bucket;
    upload.key = row.BlobString(2);
    upload.initiated = FromMicros(row.Int(3));
    upload.completed = row.Int(4) != 0;
    TRY(upload.headers, DecodeHeaders(AsText(row.Blob(5))));
    if (!row.IsNull(6)) upload.checksum = static_cast<codec::ChecksumAlgorithm>(row.Int(6));
    upload.checksum_type = static_cast<ChecksumType>(row.Int(7));
    return upload;
}

// Drops one reference for every extent that `extents` names.
Result<> DropReferences(db::Transaction& tx, const std::vector<Extent>& extents) {
    for (const Extent& extent : extents) {
        TRY(DropReference(tx, extent.blob));
    }
    return Ok();
}

}  // namespace

Result<Upload> InsertUpload(db::Transaction& tx, Upload upload) {
    TRY(const int64_t id, NextSequence(tx));
    upload.id = ContentId(id);
    const std::string headers = EncodeHeaders(upload.headers);
    TRY(tx.Execute(
        "INSERT INTO uploads (bucket_id, " COFFER_UPLOAD_COLUMNS
        ") VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $8)",
        {upload.bucket.value(), id, upload.upload_id, AsBytes(upload.key),
         ToMicros(upload.initiated), headers.empty() ? db::Value(nullptr) : AsBytes(headers),
         upload.checksum ? db::Value(static_cast<int64_t>(*upload.checksum)) : db::Value(nullptr),
         static_cast<int64_t>(upload.checksum_type)}));
    return upload;
}

Result<std::optional<Upload>> FindUpload(db::Transaction& tx, BucketId bucket, std::string_view key,
                                         std::string_view upload_id) {
    Result<std::optional<Upload>> found = std::optional<Upload>();
    TRY(tx.Query("SELECT " COFFER_UPLOAD_COLUMNS
                 "FROM uploads WHERE upload_id = $1 AND bucket_id = $2 AND key = $3",
                 {upload_id, bucket.value(), AsBytes(key)}, [&](const db::Row& row) {
                     Result<Upload> upload = ReadUpload(bucket, row);
                     if (upload)
                         found = std::optional<Upload>(std::move(upload).value());
                     else
                         found = upload.error();
                     return false;
                 }));
    return found;
}

Result<> CompleteUpload(db::Transaction& tx, ContentId id) {
    TRY(tx.Execute("UPDATE uploads SET completed = 1 WHERE id = $1", {id.value()}));
    return Ok();
}

Result<> ScanUploads(db::Transaction& tx, const UploadScan& scan,
                     const std::function<bool(Upload)>& each) {
    Result<> failed = Ok();
    TRY(tx.Query(
        "SELECT " COFFER_UPLOAD_COLUMNS
        "FROM uploads WHERE completed = 0 AND bucket_id = $1 AND (key, id) > ($2, $3) "
        "ORDER BY key, id LIMIT $4",
        {scan.bucket.value(), AsBytes(scan.key), scan.id.value(), static_cast<int64_t>(scan.limit)},
        [&](const db::Row& row) {
            Result<Upload> upload = ReadUpload(scan.bucket, row);
            if (!upload) {
                failed = upload.error();
                return false;
            }
            if (scan.end && upload.value().key >= *scan.end) return false;
            return each(std::move(upload).value());
        }));
    return failed;
}

Result<> PutPart(db::Transaction& tx, ContentId content, const Part& part,
                 const std::vector<Extent>& extents) {
    TRY(DeletePart(tx, content, part.number));
    TRY(tx.Execute(
        "INSERT INTO parts (content_id, number, size_bytes, etag, modified_us, checksum) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        {content.value(), int64_t{part.number}, static_cast<int64_t>(part.size_bytes), part.etag,
         ToMicros(part.modified),
         part.checksum.empty() ? db::Value(nullptr) : AsBytes(part.checksum)}));
    int64_t position = 0;
    for (const Extent& extent : extents) {
        TRY(
            tx.Execute("INSERT INTO extents (content_id, part_number, position, blob_id, "
                       "offset_bytes, length_bytes) VALUES ($1, $2, $3, $4, $5, $6)",
                       {content.value(), int64_t{part.number}, position++, extent.blob.value(),
                        static_cast<int64_t>(extent.offset_bytes),
                        static_cast<int64_t>(extent.length_bytes)}));
    }
    return Ok();
}

Result<std::vector<Part>> ListParts(db::Transaction& tx, ContentId content, int after,
                                    size_t limit) {
    std::vector<Part> parts;
    TRY(tx.Query(
        "SELECT number, size_bytes, etag, modified_us, checksum FROM parts "
        "WHERE content_id = $1 AND number > $2 ORDER BY number LIMIT $3",
        {content.value(), int64_t{after}, static_cast<int64_t>(limit)}, [&](const db::Row& row) {
            parts.push_back(Part{static_cast<int>(row.Int(0)), static_cast<uint64_t>(row.Int(1)),
                                 std::string(row.Text(2)), FromMicros(row.Int(3)),
                                 row.BlobString(4)});
            return true;
        }));
    return parts;
}

Result<> DeletePart(db::Transaction& tx, ContentId content, int number) {
    TRY(const std::vector<Extent> extents, ReadContentExtents(tx, content, number));
    TRY(DropReferences(tx, extents));
    TRY(tx.Execute("DELETE FROM extents WHERE content_id = $1 AND part_number = $2",
                   {content.value(), int64_t{number}}));
    TRY(tx.Execute("DELETE FROM parts WHERE content_id = $1 AND number = $2",
                   {content.value(), int64_t{number}}));
    return Ok();
}

Result<std::vector<Extent>> ReadContentExtents(db::Transaction& tx, ContentId content,
                                               std::optional<int> part_number) {
    std::vector<Extent> extents;
    const auto add = [&](const db::Row& row) {
        extents.push_back(Extent{BlobId(row.Int(0)), static_cast<uint64_t>(row.Int(1)),
                                 static_cast<uint64_t>(row.Int(2))});
        return true;
    };
    if (part_number) {
        TRY(
            tx.Query("SELECT blob_id, offset_bytes, length_bytes FROM extents "
                     "WHERE content_id = $1 AND part_number = $2 ORDER BY position",
                     {content.value(), int64_t{*part_number}}, add));
    } else {
        TRY(
            tx.Query("SELECT blob_id, offset_bytes, length_bytes FROM extents "
                     "WHERE content_id = $1 ORDER BY part_number, position",
                     {content.value()}, add));
    }
    return extents;
}

Result<ContentId> CopyContent(db::Transaction& tx, ContentId from) {
    TRY(const int64_t id, NextSequence(tx));
    TRY(const std::vector<Extent> extents, ReadContentExtents(tx, from, std::nullopt));
    for (const Extent& extent : extents) {
        TRY(AddReferences(tx, extent.blob, 1));
    }
    TRY(tx.Execute(
        "INSERT INTO parts (content_id, number, size_bytes, etag, modified_us, checksum) "
        "SELECT $1, number, size_bytes, etag, modified_us, checksum "
        "FROM parts WHERE content_id = $2",
        {id, from.value()}));
    TRY(
        tx.Execute("INSERT INTO extents (content_id, part_number, position, blob_id, "
                   "offset_bytes, length_bytes) "
                   "SELECT $1, part_number, position, blob_id, offset_bytes, length_bytes "
                   "FROM extents WHERE content_id = $2",
                   {id, from.value()}));
    return ContentId(id);
}

Result<> DeleteContent(db::Transaction& tx, ContentId content) {
    TRY(const std::vector<Extent> extents, ReadContentExtents(tx, content, std::nullopt));
    TRY(DropReferences(tx, extents));
    TRY(tx.Execute("DELETE FROM extents WHERE content_id = $1", {content.value()}));
    TRY(tx.Execute("DELETE FROM parts WHERE content_id = $1", {content.value()}));
    TRY(tx.Execute("DELETE FROM uploads WHERE id = $1", {content.value()}));
    return Ok();
}

}  // namespace coffer::catalog
