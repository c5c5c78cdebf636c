// What S3 has and Coffer does not.
#include <fmt/format.h>

#include "coffer/api/s3/operations.h"

namespace coffer::api::s3 {

Task<Reply> NotOffered(Call& call) {
    if (call.operation == "PutBucketWebsite") {
        co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                        "Websites are not offered: objects are served as they are, without index "
                        "and error documents and without redirects.");
    }
    co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                    "A header or query you provided requests a function that is not implemented.");
}

Task<Reply> MethodNotAllowed(Call&) {
    co_return Error(ErrorKind::kInvalid, "MethodNotAllowed", "");
}

}  // namespace coffer::api::s3
