// Who the events of a request are told to come from.
#pragma once

#include <string_view>

#include "coffer/service/iam/credentials.h"

namespace coffer::api::s3 {

// The name of the user whose rights a request has, or root's access key; empty: anonymous. A view
// into `credentials` or `actor`.
std::string_view PrincipalName(const service::Credentials& credentials,
                               const service::Actor& actor);

}  // namespace coffer::api::s3
