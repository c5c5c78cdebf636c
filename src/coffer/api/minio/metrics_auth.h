// Who asks for metrics: the holder of a token that `mc admin prometheus generate` makes from an
// access key.
#pragma once

#include <memory>

#include "coffer/base/clock.h"
#include "coffer/http/message.h"
#include "coffer/runtime/task.h"
#include "coffer/service/iam/credentials.h"

namespace coffer::api::minio {

// Whose `Authorization: Bearer <token>` it is: a JWT (RFC 7519) signed with the secret of the
// access key that is its `sub`, with `iss` "prometheus" and an `exp` that has not passed. Whether
// that principal may read metrics is another question.
// kUnauthenticated; the message says what is missing, never what the token held. Errors of the
// catalogue. `headers` outlives the task.
Task<Result<std::shared_ptr<const service::Actor>>> CheckMetricsToken(
    const http::Headers& headers, service::Credentials& credentials, Timestamp now);

}  // namespace coffer::api::minio
