// The S3 interface as one http::Handler: parse, authenticate, authorise, act, reply; one pipeline
// for every request.
//
// A request that is refused has had no byte of its body read. Every answer carries x-amz-request-id
// and x-amz-id-2.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "coffer/api/s3/dialect.h"
#include "coffer/base/clock.h"
#include "coffer/codec/cors.h"
#include "coffer/http/message.h"
#include "coffer/service/access.h"
#include "coffer/service/accounts.h"
#include "coffer/service/authenticate.h"
#include "coffer/service/bucket_cors.h"
#include "coffer/service/buckets.h"
#include "coffer/service/objects.h"
#include "coffer/service/observe.h"
#include "coffer/service/uploads.h"

namespace coffer::api::s3 {

struct S3Options {
    std::vector<std::string>
        domains;         // a Host of "<bucket>.<domain>" names the bucket; none: path style alone
    std::string region;  // empty: any region is accepted, and "us-east-1" is what is told
    service::AuthenticateOptions authenticate;
    std::vector<codec::CorsRule> cors;     // for what has no rules of its own
    bool customer_keys_over_http = false;  // SSE-C where the connection is not encrypted
    std::vector<std::string> webhooks;     // ids of those that notifications can go to

    // Whether making a bucket that is one's own already succeeds, as in S3's first region.
    bool recreate_own_bucket = false;

    Dialect dialect = Dialect::kAws;
};

// All but `options` outlive the handler.
struct S3Dependencies {
    service::Buckets& buckets;
    service::Objects& objects;
    service::Uploads& uploads;
    service::Access& access;
    service::BucketCors& cors;
    service::Credentials& credentials;
    const service::Accounts& accounts;
    const Clock& clock;
    service::RequestObserver& observer;
    S3Options options;
};

// Its Handle may be called from any thread.
std::unique_ptr<http::Handler> NewS3Handler(S3Dependencies dependencies);

}  // namespace coffer::api::s3
