#include "coffer/service/empty_bucket.h"

#include <utility>

namespace coffer::service {

Task<Result<>> EmptyBucket(Objects& objects, BucketName bucket, std::optional<Grounds> grounds) {
    while (true) {
        // A page of another bucket of that name comes to nothing: the deletion is refused.
        CO_TRY(const auto page, co_await objects.ListVersions({.bucket = bucket}));
        if (page.versions.empty()) co_return Ok();
        std::vector<DeleteRequest> requests;
        for (const ListedVersion& version : page.versions) {
            CO_TRY(auto key, ObjectKey::Parse(version.key));
            requests.push_back({.bucket = bucket,
                                .key = std::move(key),
                                .version_id = std::string(version.version_id)});
        }
        CO_TRY(const auto results,
               co_await objects.DeleteMany(bucket, std::move(requests), grounds));
        for (const auto& result : results)
            if (!result) co_return result.error();
    }
}

}  // namespace coffer::service
