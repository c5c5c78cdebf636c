// What PutObject and PostObject have in common.
#pragma once

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// Makes an object of the call's body, as the headers of its request say. `call` outlives the task.
Task<Result<service::PutResult>> StoreObject(const Call& call);

// ETag, version, checksum and encryption of what was stored. `request`: the one that asked for it.
void WritePutHeaders(const service::PutResult& result, const S3Request& request,
                     http::Headers& reply);

}  // namespace coffer::api::s3
