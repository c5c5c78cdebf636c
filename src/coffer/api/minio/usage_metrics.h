// What the buckets hold, as metrics: minio_bucket_usage_*, minio_cluster_usage_*, and their
// distributions.
#pragma once

#include <span>

#include "coffer/runtime/metrics.h"
#include "coffer/service/usage.h"

namespace coffer::api::minio {

void CollectUsage(runtime::Exposition& page, std::span<const service::BucketUsage> usage);

}  // namespace coffer::api::minio
