// The query API of AWS IAM and STS, on the S3 port: POST / with a form that names an Action. What
// boto3's "iam" and "sts" clients speak, and MinIO's clients to get a session.
//
// Source: the IAM API Reference (version 2010-05-08), the STS API Reference (2011-06-15); MinIO for
// AssumeRole without roles. docs/users.md lists what is offered.
#pragma once

#include <memory>
#include <string>

#include "coffer/base/clock.h"
#include "coffer/http/message.h"
#include "coffer/service/access.h"
#include "coffer/service/iam/access_keys.h"
#include "coffer/service/iam/holders.h"
#include "coffer/service/iam/policies.h"

namespace coffer::api::iam {

// All but `region` outlive the handler.
struct IamDependencies {
    service::Holders& holders;
    service::Policies& policies;
    service::AccessKeys& access_keys;
    service::Access& access;
    service::Credentials& credentials;
    const Clock& clock;
    std::string region;  // the server's, for policies; requests may be signed for any
};

// For requests with POST to "/". Its Handle may be called from any thread.
std::unique_ptr<http::Handler> NewIamHandler(IamDependencies dependencies);

}  // namespace coffer::api::iam
