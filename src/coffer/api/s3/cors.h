// Cross-origin requests to S3: by the rules of the bucket, or where it has none by the server's.
#pragma once

#include "coffer/api/s3/handler.h"
#include "coffer/api/s3/request.h"

namespace coffer::api::s3 {

// Adds to a reply that a page of another origin asked for what lets it see the reply. What can't
// be found out allows nothing. All but the task's result outlives it; `request` is null where what
// came could not be understood.
Task<void> AddCorsHeaders(const S3Dependencies& dependencies, const http::Request& http,
                          const S3Request* request, http::Response& reply);

}  // namespace coffer::api::s3
