// What the operations on multipart uploads share.
#pragma once

#include <optional>

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// The upload that a request names by its bucket, its key and "uploadId".
service::UploadId UploadOf(const Call& call);

// x-amz-checksum-type; nothing where it is not there. kInvalid "InvalidRequest".
Result<std::optional<service::ChecksumType>> ParseChecksumType(const S3Request& request);

}  // namespace coffer::api::s3
