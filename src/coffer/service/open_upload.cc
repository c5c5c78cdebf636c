#include "coffer/service/open_upload.h"

#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/uploads.h"

namespace coffer::service {

Error NoSuchUpload() {
    return Error(ErrorKind::kNotFound, "NoSuchUpload",
                 "the specified multipart upload does not exist: the upload id may be invalid, or "
                 "the upload may have been aborted or completed");
}

Result<catalog::Upload> FindOpenUpload(db::Transaction& tx, const UploadId& id) {
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, id.bucket.text()));
    TRY(std::optional<catalog::Upload> upload,
        catalog::FindUpload(tx, bucket.id, id.key.bytes(), id.upload_id));
    if (!upload || upload->completed) return NoSuchUpload();
    return *std::move(upload);
}

UploadInfo ToInfo(const catalog::Upload& upload) {
    return {.key = upload.key,
            .upload_id = upload.upload_id,
            .initiated = upload.initiated,
            .checksum = upload.checksum,
            .checksum_type = upload.checksum_type,
            .initiator = upload.initiator,
            .owner = upload.headers.acl ? upload.headers.acl->owner : std::string(),
            .abort = {},
            .encryption = upload.encryption};
}

PartInfo ToInfo(const catalog::Part& part,
                const std::optional<codec::ChecksumAlgorithm>& algorithm) {
    PartInfo info{part.number, part.size_bytes, part.etag, part.modified, std::nullopt, {}};
    if (algorithm && !part.checksum.empty())
        info.checksum = Checksum{*algorithm, ChecksumType::kFullObject, part.checksum};
    return info;
}

}  // namespace coffer::service
