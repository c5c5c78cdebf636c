// What MinIO serves beside S3: health and metrics below /minio/, on the S3 port and on the second
// port.
//
// Health needs no credentials. Metrics need a bearer token, as `mc admin prometheus generate` makes
// it, of somebody who may do admin:Prometheus, unless they are public. The admin API is in
// admin/handler.h; the rest of /minio/ is answered with clear errors.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "coffer/api/minio/request_stats.h"
#include "coffer/base/clock.h"
#include "coffer/http/message.h"
#include "coffer/runtime/metrics.h"
#include "coffer/service/access.h"
#include "coffer/service/core.h"
#include "coffer/service/iam/credentials.h"

namespace coffer::api::minio {

struct MinioOptions {
    bool metrics_public = false;
    // The label `server` of every metric: "127.0.0.1:9000".
    std::function<std::string()> server;
};

// All but `options` outlive the handlers.
struct MinioDependencies {
    service::Core& core;
    service::Credentials& credentials;
    service::Access& access;
    const runtime::Registry& registry;
    RequestStats& requests;
    http::Handler& admin;  // of NewAdminHandler
    MinioOptions options;
};

// Whether a request to the S3 port with this path is MinIO's own: "/minio/…". The path "/minio"
// alone is a bucket's, which S3 refuses to make.
bool IsMinioPath(std::string_view path);

// For paths of IsMinioPath, on the S3 port. Handle may be called from any thread.
std::unique_ptr<http::Handler> NewMinioHandler(MinioDependencies dependencies);

// The whole of the second port: the same health and metrics, and /metrics; else a problem (RFC
// 9457) that says that there is no console yet.
std::unique_ptr<http::Handler> NewSecondPortHandler(MinioDependencies dependencies);

}  // namespace coffer::api::minio
