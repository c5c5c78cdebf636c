// Reading the object, or the version, that a request names.
#pragma once

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// Objects::Get of what the request names, by what that was allowed. Where there is nothing to read
// the reply tells whether a delete marker is why: x-amz-delete-marker, and with one
// x-amz-version-id, and Last-Modified and Allow where the request named it.
Task<Result<service::GetResult>> FindObject(Call& call, service::GetRequest get);

// What the request names, as operations on it take it. Errors of ParseVersionId.
Result<service::NamedObject> NamedBy(const Call& call);

}  // namespace coffer::api::s3
