// What S3 has and Coffer does not.
#include <fmt/format.h>

#include "coffer/api/s3/operations.h"

namespace coffer::api::s3 {

Task<Reply> NotOffered(Call&) {
    co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                    "A header or query you provided requests a function that is not implemented.");
}

Task<Reply> MethodNotAllowed(Call&) {
    co_return Error(ErrorKind::kInvalid, "MethodNotAllowed", "");
}

Task<Reply> CorsPreflight(Call& call) {
    if (!call.request.Header("origin")) co_return Error(ErrorKind::kInvalid, "BadRequest", "");
    co_return Error(ErrorKind::kDenied, "AccessForbidden", "");
}

}  // namespace coffer::api::s3
