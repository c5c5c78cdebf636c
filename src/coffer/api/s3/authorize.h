// What an operation asks besides what its route asks: for the source of a copy, for each key of
// many.
#pragma once

#include "coffer/api/s3/call.h"
#include "coffer/service/access.h"

namespace coffer::api::s3 {

// Errors as service::Access::Check. `call` and the views outlive the task.
inline Task<Result<>> Authorize(const Call& call, service::AccessRequest request) {
    return call.dependencies.access.Check(*call.identity.actor, request, call.values);
}

}  // namespace coffer::api::s3
