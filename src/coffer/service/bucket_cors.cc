#include "coffer/service/bucket_cors.h"

#include "coffer/catalog/buckets.h"
#include "coffer/service/core.h"

namespace coffer::service {
namespace {

Result<CorsRules> Parse(std::string_view document, const catalog::Bucket&) {
    return codec::ParseCors(document);
}

}  // namespace

BucketCors::BucketCors(Core& core) : core_(core), rules_(catalog::SettingKind::kCors, &Parse) {}

Task<Result<std::shared_ptr<const CorsRules>>> BucketCors::Find(BucketName bucket) {
    using Rules = std::shared_ptr<const CorsRules>;
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<Rules> {
            const auto row = catalog::FindBucket(tx, bucket.text());
            if (row) return rules_.Get(tx, row.value());
            if (row.error().kind() == ErrorKind::kNotFound) return Rules();
            return row.error();
        });
}

}  // namespace coffer::service
