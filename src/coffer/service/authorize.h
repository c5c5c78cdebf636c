// May they? One answer for every route; what no rule allows is denied.
#pragma once

#include <string_view>

#include "coffer/base/result.h"
#include "coffer/service/authenticate.h"

namespace coffer::service {

// What a request wants to do: an action of the AWS policy language ("s3:PutObject") on a bucket, or
// a key in it.
struct AccessRequest {
    std::string_view action;
    std::string_view bucket;  // empty for actions of the account (s3:ListAllMyBuckets)
    std::string_view key;     // empty for actions of a bucket
};

// kDenied "AccessDenied" where the principal may not.
Result<> Authorize(const Principal& principal, const AccessRequest& request);

}  // namespace coffer::service
