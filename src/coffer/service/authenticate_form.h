// Who sent a form? What Authenticate is for other requests: a form brings its credentials in its
// fields, so that they are known only once those have arrived.
#pragma once

#include <optional>
#include <vector>

#include "coffer/codec/post_policy.h"
#include "coffer/service/authenticate.h"

namespace coffer::service {

struct FormIdentity {
    Identity identity;
    std::optional<codec::PostPolicy> policy;  // what its signer allows; none of an anonymous form
};

// The policy is read, and not applied. A form without a signature and a policy is anonymous. Errors
// carry S3's codes: "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken",
// "InvalidRequest" (version 2 where it is off), those of codec::ParseFormSignature and of
// codec::PostPolicy::Parse; or are the catalogue's. All that is given by reference outlives the
// task.
Task<Result<FormIdentity>> AuthenticateForm(const std::vector<codec::FormField>& fields,
                                            Credentials& credentials,
                                            const AuthenticateOptions& options, Timestamp now);

}  // namespace coffer::service
