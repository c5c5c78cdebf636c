// Counts every S3 request, for the metrics that dashboards of MinIO read (minio_s3_*,
// minio_bucket_*), and our own.
//
// Counts are kept in shards, one for each thread that serves, so that threads do not wait for each
// other; a scrape adds them up.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/runtime/metrics.h"
#include "coffer/service/observe.h"

namespace coffer::api::minio {

// Upper bounds of minio_s3_requests_ttfb_seconds_distribution, as MinIO labels them.
inline constexpr std::array<std::string_view, 8> kFirstByteBounds = {
    "0.050", "0.100", "0.250", "0.500", "1.000", "2.500", "5.000", "10.000"};

// The name under which MinIO counts an operation: "getobject", "listobjectsv2", "putbucket".
std::string MinioApiName(std::string_view operation);

class RequestStats final : public service::RequestObserver {
  public:
    // coffer_* metrics are kept in `registry`, which outlives this.
    explicit RequestStats(runtime::Registry& registry);

    void Begin(std::string_view api, std::string_view bucket) override;
    void End(const service::RequestRecord& record) override;

    // minio_s3_*.
    void Collect(runtime::Exposition& page) const;

    // minio_bucket_*, for the buckets that exist; others are forgotten.
    void CollectBuckets(runtime::Exposition& page, const std::set<std::string>& existing);

  private:
    struct ApiCounts {
        int64_t in_flight = 0;
        uint64_t total = 0;
        uint64_t succeeded = 0;
        uint64_t client_errors = 0;
        uint64_t server_errors = 0;
        uint64_t canceled = 0;
        std::array<uint64_t, kFirstByteBounds.size() + 1> first_byte{};

        void Add(const ApiCounts& other);
        void Count(const service::RequestRecord& record);
    };
    struct BucketCounts {
        uint64_t received = 0;
        uint64_t sent = 0;
        std::map<std::string, ApiCounts, std::less<>> by_api;
    };
    struct Rejections {
        uint64_t auth = 0;
        uint64_t header = 0;
        uint64_t invalid = 0;
        uint64_t timestamp = 0;
    };
    struct Shard {
        Mutex mutex;
        std::map<std::string, ApiCounts, std::less<>> by_api GUARDED_BY(mutex);
        std::map<std::string, BucketCounts, std::less<>> by_bucket GUARDED_BY(mutex);
        std::map<std::string, runtime::Histogram, std::less<>> durations GUARDED_BY(mutex);
        std::map<std::string, runtime::Counter, std::less<>> errors GUARDED_BY(mutex);
        Rejections rejections GUARDED_BY(mutex);
        uint64_t received GUARDED_BY(mutex) = 0;
        uint64_t sent GUARDED_BY(mutex) = 0;
    };

    Shard& ShardOfThread();
    void EndForBucket(Shard& shard, const service::RequestRecord& record) REQUIRES(shard.mutex);
    void CountOwn(Shard& shard, const service::RequestRecord& record) REQUIRES(shard.mutex);
    static void CollectApis(runtime::Exposition& page, const std::string& prefix,
                            const std::map<std::string, ApiCounts, std::less<>>& by_api,
                            const runtime::Labels& labels);

    runtime::Registry& registry_;
    mutable std::array<Shard, 16> shards_;
};

}  // namespace coffer::api::minio
