// How much the buckets hold, for metrics and the console.
#pragma once

#include <vector>

#include "coffer/catalog/usage.h"
#include "coffer/service/core.h"

namespace coffer::service {

using catalog::BucketUsage;

// Every bucket, by name. Costs a few rows a bucket, however much is in it.
Task<Result<std::vector<BucketUsage>>> ReadUsage(Core& core);

}  // namespace coffer::service
