#include "coffer/service/usage.h"

namespace coffer::service {

Task<Result<std::vector<BucketUsage>>> ReadUsage(Core& core) {
    co_return co_await core.database.Read(
        db::Cost::kScan, [](db::Transaction& tx) { return catalog::ReadUsage(tx); });
}

}  // namespace coffer::service
