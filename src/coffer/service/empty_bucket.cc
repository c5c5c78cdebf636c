#include "coffer/service/empty_bucket.h"

#include <utility>

namespace coffer::service {

Task<Result<>> EmptyBucket(Objects& objects, BucketName bucket) {
    while (true) {
        CO_TRY(const auto page, co_await objects.ListVersions({.bucket = bucket}));
        if (page.versions.empty()) co_return Ok();
        std::vector<DeleteRequest> requests;
        for (const ListedVersion& version : page.versions) {
            CO_TRY(auto key, ObjectKey::Parse(version.key));
            requests.push_back(
                {.bucket = bucket, .key = std::move(key), .version_id = version.version_id});
        }
        CO_TRY(const auto results, co_await objects.DeleteMany(bucket, std::move(requests)));
        for (const auto& result : results)
            if (!result) co_return result.error();
    }
}

}  // namespace coffer::service
