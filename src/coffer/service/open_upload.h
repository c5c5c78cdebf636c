// The multipart upload that a request names, and how it is told.
#pragma once

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/service/uploads.h"

namespace coffer::service {

// Inside a transaction: the upload, not completed. "NoSuchBucket"; "NoSuchUpload" also where it is
// of another bucket or key.
Result<catalog::Upload> FindOpenUpload(db::Transaction& tx, const UploadId& id);

Error NoSuchUpload();

UploadInfo ToInfo(const catalog::Upload& upload);
PartInfo ToInfo(const catalog::Part& part,
                const std::optional<codec::ChecksumAlgorithm>& algorithm);

}  // namespace coffer::service
