// What an operation gets to work with, once its request has been authenticated and authorised.
#pragma once

#include "coffer/api/s3/handler.h"
#include "coffer/api/s3/request.h"

namespace coffer::api::s3 {

// It lives until the operation has returned.
struct Call {
    const S3Dependencies& dependencies;
    const S3Request& request;
    const service::Identity& identity;
    codec::policy::ValueSource& values;   // of the request, for policies
    std::string_view operation;           // its name in the route table
    ByteSource& body;                     // the body as sent; reading it may send "100 Continue"
    std::optional<uint64_t> body_length;  // as the client promised it
    http::Headers& error_headers;         // for the reply, where the operation fails
    service::Origin origin = {};          // of what the operation does

    // By what the route's action was allowed on what the request names; nothing where that is asked
    // later, or not at all.
    std::optional<service::Grounds> grounds = std::nullopt;

    const codec::BucketName& bucket() const { return request.bucket(); }
    const codec::ObjectKey& key() const { return request.key(); }
    const service::Actor& actor() const { return *identity.actor; }

    // An account, as replies tell owners.
    service::AccountInfo Describe(std::string_view account) const {
        return dependencies.accounts.directory()->Describe(account);
    }
};

using Reply = Result<http::Response>;

// One operation of S3. `call` outlives the returned task.
using Operation = Task<Reply> (*)(Call& call);

}  // namespace coffer::api::s3
