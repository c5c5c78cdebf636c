// x-amz-copy-source: the object that a copy is made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// "bucket/key" or "/bucket/key", percent-encoded as a path ('+' is itself) and decoded once, with
// "?versionId=…" behind it. kInvalid "InvalidArgument", and what is wrong with the bucket's name or
// the key.
Result<service::NamedObject> ParseCopySource(std::string_view header);

// The source of a request, which its principal may read, and by what: "AccessDenied" where not.
Task<Result<service::NamedObject>> AuthorizedCopySource(const Call& call);

// x-amz-copy-source-version-id; nothing where `version_id` is empty.
void WriteCopySourceVersionId(std::string_view version_id, http::Headers& reply);

}  // namespace coffer::api::s3
