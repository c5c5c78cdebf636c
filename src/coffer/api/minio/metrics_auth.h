// Who may read metrics: holders of a token that `mc admin prometheus generate` makes from the
// root's credentials.
#pragma once

#include "coffer/base/clock.h"
#include "coffer/http/message.h"
#include "coffer/service/authenticate.h"

namespace coffer::api::minio {

// Checks `Authorization: Bearer <token>`: a JWT (RFC 7519) signed with the secret of the
// access key that is its `sub`, with `iss` "prometheus" and an `exp` that has not passed.
// kUnauthenticated; the message says what is missing, never what the token held.
Result<> CheckMetricsToken(const http::Headers& headers, const service::Credentials& credentials,
                           Timestamp now);

}  // namespace coffer::api::minio
