// What an operation asks besides what its route asks: for the source of a copy, for each key of
// many.
#pragma once

#include "coffer/api/s3/call.h"
#include "coffer/service/access.h"

namespace coffer::api::s3 {

// How often something is judged, where what it is about goes on changing.
inline constexpr int kMostJudgements = 8;

// Errors as service::Access::Check. `call`, `values` and the views outlive the task.
inline Task<Result<>> Authorize(const Call& call, service::AccessRequest request,
                                codec::policy::ValueSource& values) {
    return call.dependencies.access.Check(*call.identity.actor, request, values);
}
inline Task<Result<>> Authorize(const Call& call, service::AccessRequest request) {
    return Authorize(call, request, call.values);
}

// The same; says by what it was allowed, for the operation that follows.
inline Task<Result<service::Grounds>> JudgeObject(const Call& call, service::AccessRequest request,
                                                  codec::policy::ValueSource& values) {
    return call.dependencies.access.Judge(*call.identity.actor, request, values);
}
inline Task<Result<service::Grounds>> JudgeObject(const Call& call,
                                                  service::AccessRequest request) {
    return JudgeObject(call, request, call.values);
}

// The same, where what a document says, which has been read by now, counts in place of what the
// headers do.
inline Task<Result<service::Grounds>> JudgeDocument(const Call& call, std::string_view action,
                                                    const service::NamedObject& object,
                                                    codec::policy::ValueSource& values) {
    return JudgeObject(call,
                       {.action = action,
                        .bucket = object.bucket.text(),
                        .key = object.key.bytes(),
                        .version_id = object.version_id},
                       values);
}

}  // namespace coffer::api::s3
