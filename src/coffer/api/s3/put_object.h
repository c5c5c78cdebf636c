// What PutObject and PostObject have in common.
#pragma once

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// Makes an object of the call's body, as the headers of its request say. `call` outlives the task.
Task<Result<service::PutResult>> StoreObject(const Call& call);

// ETag, version and checksum of what was stored.
void WritePutHeaders(const service::PutResult& result, http::Headers& reply);

}  // namespace coffer::api::s3
