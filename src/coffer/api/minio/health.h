// MinIO's health checks (docs/minio.md): what containers, balancers and `mc ready` ask.
#pragma once

#include <string_view>

#include "coffer/http/message.h"
#include "coffer/service/core.h"

namespace coffer::api::minio {

inline constexpr std::string_view kHealthPrefix = "/minio/health/";

// GET and HEAD of
//   live           200 while the process answers;
//   ready          200 when the catalogue can be read, else 503;
//   cluster, cluster/read   as ready, with the quorum headers of one drive; 412 with
//   ?maintenance=true, since a
//                  server without a second one can't be taken away.
// `core` outlives the answer.
Task<http::Response> AnswerHealth(service::Core& core, http::Request& request);

}  // namespace coffer::api::minio
