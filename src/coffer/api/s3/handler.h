// The S3 interface as one http::Handler: parse, authenticate, authorise, act, reply; one pipeline
// for every request.
//
// A request that is refused has had no byte of its body read. Every answer carries x-amz-request-id
// and x-amz-id-2.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/http/message.h"
#include "coffer/service/authenticate.h"
#include "coffer/service/buckets.h"
#include "coffer/service/objects.h"
#include "coffer/service/observe.h"
#include "coffer/service/uploads.h"

namespace coffer::api::s3 {

// Who owns everything, as ListBuckets and the ACLs show it. There is one account.
struct Owner {
    std::string id =
        "7d3c1e0b6a5f4928b1d0c3e7f6a9582410bd6f3e5c7a9281d4f0e6b3a7c5d912";  // 64 hex digits, as
                                                                             // AWS has them
    std::string name = "coffer";
};

struct S3Options {
    std::vector<std::string>
        domains;         // a Host of "<bucket>.<domain>" names the bucket; none: path style alone
    std::string region;  // empty: any region is accepted, and "us-east-1" is what is told
    service::AuthenticateOptions authenticate;
    Owner owner;
};

// All but `options` outlive the handler.
struct S3Dependencies {
    service::Buckets& buckets;
    service::Objects& objects;
    service::Uploads& uploads;
    const service::Credentials& credentials;
    const Clock& clock;
    service::RequestObserver& observer;
    S3Options options;
};

// Its Handle may be called from any thread.
std::unique_ptr<http::Handler> NewS3Handler(S3Dependencies dependencies);

}  // namespace coffer::api::s3
