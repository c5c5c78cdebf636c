// The conditions of a request: If-Match and its kin.
#pragma once

#include "coffer/api/s3/request.h"
#include "coffer/service/types.h"

namespace coffer::api::s3 {

// If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since; or, for the source of a copy,
// the same behind "x-amz-copy-source-". A date that is none is ignored (RFC 9110, 13.1.3).
service::ReadConditions ParseReadConditions(const S3Request& request);
service::ReadConditions ParseCopySourceConditions(const S3Request& request);

// If-Match and If-None-Match of a write.
service::WriteConditions ParseWriteConditions(const S3Request& request);

}  // namespace coffer::api::s3
