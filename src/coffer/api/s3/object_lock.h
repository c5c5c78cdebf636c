// Locks in the headers of requests and replies.
#pragma once

#include <optional>
#include <string>

#include "coffer/api/s3/call.h"
#include "coffer/codec/object_lock.h"

namespace coffer::api::s3 {

// x-amz-object-lock-mode, -retain-until-date and -legal-hold of a request that makes an object,
// whose principal may then set them. `call` outlives the task. kInvalid "InvalidArgument";
// "AccessDenied".
Task<Result<codec::ObjectLock>> ParseLockHeaders(const Call& call);

// Refuses the same where they belong to another request: kInvalid "InvalidArgument".
Result<> RefuseLockHeaders(const S3Request& request);

// Writes those of an object that was found to a reply, as far as its principal may know them.
// `call` and the rest outlive the task.
Task<void> WriteLockHeaders(const Call& call, const service::ObjectHeaders& found,
                            const std::optional<std::string>& version_id, http::Headers& reply);

// Whether a request is to bypass governance: x-amz-bypass-governance-retention asks for it, and the
// principal may, for that key. Who may not deletes what is not locked, as in S3. `asked`: the lock
// that the request is to leave, of which policies may ask; a deletion leaves none. `call` and the
// views outlive the task.
Task<bool> MayBypassGovernance(const Call& call, std::string_view key,
                               std::optional<std::string> version_id, codec::ObjectLock asked = {});

}  // namespace coffer::api::s3
