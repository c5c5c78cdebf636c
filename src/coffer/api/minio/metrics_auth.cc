#include "coffer/api/minio/metrics_auth.h"

namespace coffer::api::minio {

Result<> CheckMetricsToken(const http::Headers&, const service::Credentials&, Timestamp) {
    return Error(
        ErrorKind::kUnauthenticated,
        "Tokens for metrics are not read yet; MINIO_PROMETHEUS_AUTH_TYPE=public opens them.");
}

}  // namespace coffer::api::minio
