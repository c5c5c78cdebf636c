#include "coffer/catalog/uploads.h"

#include <limits>
#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/columns.h"
#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

Result<Upload> ReadUpload(const db::Row& row) {
    Upload upload;
    upload.id = ContentId(row.Int(0));
    upload.upload_id = std::string(row.Text(1));
    upload.bucket = BucketId(row.Int(2));
    upload.key = row.BlobString(3);
    upload.initiated = FromMicros(row.Int(4));
    upload.completed = row.Int(5) != 0;
    TRY(upload.headers, DecodeHeaders(AsText(row.Blob(6))));
    if (!row.IsNull(7)) upload.checksum = static_cast<codec::ChecksumAlgorithm>(row.Int(7));
    upload.checksum_type = static_cast<ChecksumType>(row.Int(8));
    if (!row.IsNull(9)) {
        TRY(upload.encryption, DecodeEncryption(row.Blob(9)));
    }
    upload.initiator = std::string(row.Text(10));
    return upload;
}

Result<> PutUpload(db::Transaction& tx, const Upload& upload) {
    TRY(const std::string headers, EncodeHeaders(upload.headers));
    const std::string encryption =
        upload.encryption ? EncodeEncryption(*upload.encryption) : std::string();
    return kUploads.Put(
        tx,
        {upload.id.value(), upload.upload_id, upload.bucket.value(), AsBytes(upload.key),
         ToMicros(upload.initiated), int64_t{upload.completed}, BytesOrNull(headers),
         upload.checksum ? db::Value(static_cast<int64_t>(*upload.checksum)) : db::Value(nullptr),
         static_cast<int64_t>(upload.checksum_type), BytesOrNull(encryption), upload.initiator});
}

// An extent at its place in a content.
struct PlacedExtent {
    int part_number = 0;
    int64_t position = 0;  // in the part, from 0
    Extent extent;
};

Result<> InsertExtent(db::Transaction& tx, ContentId content, const PlacedExtent& placed) {
    return kExtents.Insert(
        tx, {content.value(), int64_t{placed.part_number}, placed.position,
             placed.extent.blob.value(), static_cast<int64_t>(placed.extent.offset_bytes),
             static_cast<int64_t>(placed.extent.length_bytes)});
}

Result<std::vector<PlacedExtent>> ReadExtents(db::Transaction& tx, ContentId content,
                                              std::optional<int> part_number) {
    static const std::string kOfContent =
        kExtents.Select("WHERE content_id = $1 ORDER BY part_number, position");
    static const std::string kOfPart =
        kExtents.Select("WHERE content_id = $1 AND part_number = $2 ORDER BY position");
    std::vector<PlacedExtent> extents;
    const auto add = [&](const db::Row& row) {
        extents.push_back({static_cast<int>(row.Int(1)), row.Int(2),
                           Extent{BlobId(row.Int(3)), static_cast<uint64_t>(row.Int(4)),
                                  static_cast<uint64_t>(row.Int(5))}});
        return true;
    };
    if (part_number) {
        TRY(kExtents.Query(tx, kOfPart, {content.value(), int64_t{*part_number}}, add));
    } else {
        TRY(kExtents.Query(tx, kOfContent, {content.value()}, add));
    }
    return extents;
}

Result<> InsertPart(db::Transaction& tx, ContentId content, const Part& part) {
    const std::string etag = EncodeEtag(part.etag);
    return kParts.Insert(
        tx, {content.value(), int64_t{part.number}, static_cast<int64_t>(part.size_bytes),
             AsBytes(etag), ToMicros(part.modified), BytesOrNull(part.checksum)});
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
    upload.id = ContentId(tx.NextNumber());
    TRY(PutUpload(tx, upload));
    return upload;
}

Result<std::optional<Upload>> FindUpload(db::Transaction& tx, BucketId bucket, std::string_view key,
                                         std::string_view upload_id) {
    static const std::string kFind = kUploads.Select("WHERE upload_id = $1");
    std::optional<Upload> found;
    TRY(kUploads.Query(tx, kFind, {upload_id}, [&](const db::Row& row) -> Result<bool> {
        TRY(found, ReadUpload(row));
        return false;
    }));
    if (found && (found->bucket != bucket || found->key != key)) found.reset();
    return found;
}

Result<> CompleteUpload(db::Transaction& tx, ContentId id) {
    static const std::string kGet = kUploads.Select("WHERE id = $1");
    std::optional<Upload> upload;
    TRY(kUploads.Query(tx, kGet, {id.value()}, [&](const db::Row& row) -> Result<bool> {
        TRY(upload, ReadUpload(row));
        return false;
    }));
    if (!upload)
        return Error(ErrorKind::kCorrupt, "the catalogue has lost an upload that it just had");
    upload->completed = true;
    return PutUpload(tx, *upload);
}

Result<> ScanUploads(db::Transaction& tx, const UploadScan& scan,
                     const std::function<bool(Upload)>& each) {
    static const std::string kOpen = kUploads.Select(
        "WHERE completed = 0 AND bucket_id = $1 AND (key, id) > ($2, $3) "
        "ORDER BY key, id LIMIT $4");
    return kUploads.Query(
        tx, kOpen,
        {scan.bucket.value(), AsBytes(scan.key), scan.id.value(), static_cast<int64_t>(scan.limit)},
        [&](const db::Row& row) -> Result<bool> {
            TRY(Upload upload, ReadUpload(row));
            if (scan.end && upload.key >= *scan.end) return false;
            return each(std::move(upload));
        });
}

Result<> PutPart(db::Transaction& tx, ContentId content, const Part& part,
                 const std::vector<Extent>& extents) {
    TRY(DeletePart(tx, content, part.number));
    TRY(InsertPart(tx, content, part));
    int64_t position = 0;
    for (const Extent& extent : extents) {
        TRY(InsertExtent(tx, content, {part.number, position++, extent}));
    }
    return Ok();
}

Result<std::vector<Part>> ListParts(db::Transaction& tx, ContentId content, int after,
                                    size_t limit) {
    static const std::string kList =
        kParts.Select("WHERE content_id = $1 AND number > $2 ORDER BY number LIMIT $3");
    std::vector<Part> parts;
    TRY(kParts.Query(tx, kList, {content.value(), int64_t{after}, static_cast<int64_t>(limit)},
                     [&](const db::Row& row) {
                         parts.push_back(Part{
                             static_cast<int>(row.Int(1)), static_cast<uint64_t>(row.Int(2)),
                             DecodeEtag(row.Blob(3)), FromMicros(row.Int(4)), row.BlobString(5)});
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
    TRY(const std::vector<PlacedExtent> placed, ReadExtents(tx, content, part_number));
    std::vector<Extent> extents;
    extents.reserve(placed.size());
    for (const PlacedExtent& one : placed)
        extents.push_back(one.extent);
    return extents;
}

Result<ContentId> CopyContent(db::Transaction& tx, ContentId from, PartChecksums checksums) {
    const ContentId id(tx.NextNumber());
    TRY(std::vector<Part> parts, ListParts(tx, from, 0, std::numeric_limits<int32_t>::max()));
    for (Part& part : parts) {
        if (checksums == PartChecksums::kDrop) part.checksum.clear();
        TRY(InsertPart(tx, id, part));
    }
    TRY(const std::vector<PlacedExtent> extents, ReadExtents(tx, from, std::nullopt));
    for (const PlacedExtent& placed : extents) {
        TRY(AddReferences(tx, placed.extent.blob, 1));
        TRY(InsertExtent(tx, id, placed));
    }
    return id;
}

Result<size_t> DeleteContent(db::Transaction& tx, ContentId content) {
    TRY(const std::vector<Extent> extents, ReadContentExtents(tx, content, std::nullopt));
    TRY(DropReferences(tx, extents));
    TRY(tx.Execute("DELETE FROM extents WHERE content_id = $1", {content.value()}));
    TRY(tx.Execute("DELETE FROM parts WHERE content_id = $1", {content.value()}));
    TRY(tx.Execute("DELETE FROM uploads WHERE id = $1", {content.value()}));
    return extents.size();
}

Result<> WalkExtents(db::Transaction& tx, const std::function<void(ContentId, BlobId)>& each) {
    static const std::string kAll = kExtents.Select("");
    return kExtents.Query(tx, kAll, {}, [&](const db::Row& row) {
        each(ContentId(row.Int(0)), BlobId(row.Int(3)));
        return true;
    });
}

Result<> WalkOpenUploads(db::Transaction& tx, const std::function<void(const Upload&)>& each) {
    static const std::string kAll = kUploads.Select("");
    return kUploads.Query(tx, kAll, {}, [&](const db::Row& row) -> Result<bool> {
        TRY(const Upload upload, ReadUpload(row));
        if (!upload.completed) each(upload);
        return true;
    });
}

}  // namespace coffer::catalog
