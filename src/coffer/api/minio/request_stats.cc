#include "coffer/api/minio/request_stats.h"

#include <algorithm>
#include <chrono>

namespace coffer::api::minio {
namespace {

using runtime::Exposition;
using runtime::Labels;
using runtime::SampleKind;

constexpr std::array<double, kFirstByteBounds.size()> kFirstByteSeconds = {0.05, 0.1, 0.25, 0.5,
                                                                           1,    2.5, 5,    10};

double Seconds(std::chrono::microseconds time) {
    return std::chrono::duration<double>(time).count();
}

// A node of the map, made if need be; names are looked up without making a string of them.
template <class Map>
auto& At(Map& map, std::string_view key) {
    const auto found = map.find(key);
    return found != map.end() ? found->second : map.try_emplace(std::string(key)).first->second;
}

}  // namespace

std::string MinioApiName(std::string_view operation) {
    // Where MinIO's handlers are not called as AWS's operations are.
    constexpr std::pair<std::string_view, std::string_view> kOther[] = {
        {"CreateBucket", "putbucket"},
        {"DeleteObjects", "deletemultipleobjects"},
        {"CreateMultipartUpload", "newmultipartupload"},
        {"UploadPart", "putobjectpart"},
        {"UploadPartCopy", "copyobjectpart"},
        {"ListParts", "listobjectparts"},
        {"ListObjects", "listobjectsv1"},
        {"GetObjectLockConfiguration", "getbucketobjectlockconfig"},
        {"PutObjectLockConfiguration", "putbucketobjectlockconfig"},
        {"GetBucketLifecycleConfiguration", "getbucketlifecycle"},
        {"GetBucketNotificationConfiguration", "getbucketnotification"},
    };
    const auto* found = std::ranges::find_if(
        kOther, [&](const auto& candidate) { return candidate.first == operation; });
    if (found != std::end(kOther)) return std::string(found->second);
    std::string name(operation);
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return name;
}

void RequestStats::ApiCounts::Add(const ApiCounts& other) {
    in_flight += other.in_flight;
    total += other.total;
    succeeded += other.succeeded;
    client_errors += other.client_errors;
    server_errors += other.server_errors;
    canceled += other.canceled;
    for (size_t i = 0; i < first_byte.size(); ++i)
        first_byte[i] += other.first_byte[i];
}

void RequestStats::ApiCounts::Count(const service::RequestRecord& record) {
    --in_flight;
    ++total;
    if (record.canceled)
        ++canceled;
    else if (record.status >= 500)
        ++server_errors;
    else if (record.status >= 400)
        ++client_errors;
    else
        ++succeeded;
    const double seconds = Seconds(record.first_byte);
    const auto bound = std::ranges::lower_bound(kFirstByteSeconds, seconds);
    ++first_byte[static_cast<size_t>(bound - kFirstByteSeconds.begin())];
}

RequestStats::RequestStats(runtime::Registry& registry) : registry_(registry) {
    registry.AddCollector([this](Exposition& page) { Collect(page); });
}

RequestStats::Shard& RequestStats::ShardOfThread() {
    static std::atomic<size_t> next{0};
    thread_local const size_t index = next.fetch_add(1, std::memory_order_relaxed);
    return shards_[index % shards_.size()];
}

void RequestStats::Begin(std::string_view api, std::string_view bucket) {
    Shard& shard = ShardOfThread();
    MutexLock lock(shard.mutex);
    ++At(shard.by_api, api).in_flight;
    if (!bucket.empty()) ++At(At(shard.by_bucket, bucket).by_api, api).in_flight;
}

void RequestStats::End(const service::RequestRecord& record) {
    Shard& shard = ShardOfThread();
    MutexLock lock(shard.mutex);
    At(shard.by_api, record.api).Count(record);
    shard.received += record.bytes_received;
    shard.sent += record.bytes_sent;
    switch (record.rejection) {
        case service::Rejection::kNone:
            break;
        case service::Rejection::kAuth:
            ++shard.rejections.auth;
            break;
        case service::Rejection::kHeader:
            ++shard.rejections.header;
            break;
        case service::Rejection::kInvalid:
            ++shard.rejections.invalid;
            break;
        case service::Rejection::kTimestamp:
            ++shard.rejections.timestamp;
            break;
    }
    if (!record.bucket.empty()) EndForBucket(shard, record);
    CountOwn(shard, record);
}

// Metrics are looked up in the registry once for each thread, which is cheaper than for each
// request.
void RequestStats::CountOwn(Shard& shard, const service::RequestRecord& record) {
    auto duration = shard.durations.find(record.api);
    if (duration == shard.durations.end()) {
        const std::string name(record.api);
        const runtime::Histogram histogram = registry_.GetHistogram(
            "coffer_s3_request_duration_seconds",
            "Time from a request's head to the end of its answer",
            {0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60}, {{"operation", name}});
        duration = shard.durations.emplace(name, histogram).first;
    }
    duration->second.Observe(Seconds(record.duration));
    if (record.status < 400 || record.code.empty()) return;

    auto errors = shard.errors.find(record.code);
    if (errors == shard.errors.end()) {
        const std::string code(record.code);
        const runtime::Counter counter =
            registry_.GetCounter("coffer_s3_errors_total",
                                 "S3 requests that failed, by S3's error code", {{"code", code}});
        errors = shard.errors.emplace(code, counter).first;
    }
    errors->second.Add();
}

void RequestStats::EndForBucket(Shard& shard, const service::RequestRecord& record) {
    const auto found = shard.by_bucket.find(record.bucket);
    if (found == shard.by_bucket.end()) return;
    BucketCounts& bucket = found->second;
    At(bucket.by_api, record.api).Count(record);
    bucket.received += record.bytes_received;
    bucket.sent += record.bytes_sent;
    // Anyone can name buckets that do not exist; only those where something succeeded take memory
    // for longer.
    const bool idle_and_unproven = std::ranges::all_of(bucket.by_api, [](const auto& api) {
        return api.second.in_flight == 0 && api.second.succeeded == 0;
    });
    if (idle_and_unproven) shard.by_bucket.erase(found);
}

void RequestStats::CollectApis(Exposition& page, const std::string& prefix,
                               const std::map<std::string, ApiCounts, std::less<>>& by_api,
                               const Labels& labels) {
    for (const auto& [operation, counts] : by_api) {
        Labels with_api = labels;
        with_api["api"] = MinioApiName(operation);
        const auto add = [&](SampleKind kind, std::string_view name, std::string_view help,
                             double value) {
            page.Add(kind, prefix + std::string(name), help, value, with_api);
        };
        add(SampleKind::kGauge, "inflight_total", "S3 requests in flight",
            static_cast<double>(counts.in_flight));
        if (counts.total == 0) continue;
        add(SampleKind::kCounter, "total", "S3 requests", static_cast<double>(counts.total));
        const uint64_t errors = counts.client_errors + counts.server_errors;
        if (errors > 0)
            add(SampleKind::kCounter, "errors_total", "S3 requests answered with 4xx or 5xx",
                static_cast<double>(errors));
        if (counts.client_errors > 0)
            add(SampleKind::kCounter, "4xx_errors_total", "S3 requests answered with 4xx",
                static_cast<double>(counts.client_errors));
        if (counts.server_errors > 0)
            add(SampleKind::kCounter, "5xx_errors_total", "S3 requests answered with 5xx",
                static_cast<double>(counts.server_errors));
        if (counts.canceled > 0)
            add(SampleKind::kCounter, "canceled_total", "S3 requests whose client went away",
                static_cast<double>(counts.canceled));
        uint64_t sum = 0;
        for (size_t i = 0; i < counts.first_byte.size(); ++i) {
            sum += counts.first_byte[i];
            Labels with_bound = with_api;
            with_bound["le"] = i < kFirstByteBounds.size() ? kFirstByteBounds[i] : "+Inf";
            page.Add(SampleKind::kGauge, prefix + "ttfb_seconds_distribution",
                     "S3 requests by time to the first byte of the answer, cumulative",
                     static_cast<double>(sum), with_bound);
        }
    }
}

void RequestStats::Collect(Exposition& page) const {
    std::map<std::string, ApiCounts, std::less<>> by_api;
    Rejections rejections;
    uint64_t received = 0;
    uint64_t sent = 0;
    for (Shard& shard : shards_) {
        MutexLock lock(shard.mutex);
        for (const auto& [api, counts] : shard.by_api)
            At(by_api, api).Add(counts);
        rejections.auth += shard.rejections.auth;
        rejections.header += shard.rejections.header;
        rejections.invalid += shard.rejections.invalid;
        rejections.timestamp += shard.rejections.timestamp;
        received += shard.received;
        sent += shard.sent;
    }
    CollectApis(page, "minio_s3_requests_", by_api, {});
    const auto add = [&](SampleKind kind, std::string_view name, std::string_view help,
                         uint64_t value) {
        page.Add(kind, name, help, static_cast<double>(value));
    };
    using enum SampleKind;
    add(kGauge, "minio_s3_requests_waiting_total", "S3 requests that wait for their turn", 0);
    add(kCounter, "minio_s3_requests_rejected_auth_total",
        "S3 requests refused for their credentials", rejections.auth);
    add(kCounter, "minio_s3_requests_rejected_header_total", "S3 requests refused for a header",
        rejections.header);
    add(kCounter, "minio_s3_requests_rejected_invalid_total", "S3 requests refused as malformed",
        rejections.invalid);
    add(kCounter, "minio_s3_requests_rejected_timestamp_total",
        "S3 requests refused for their time", rejections.timestamp);
    add(kCounter, "minio_s3_traffic_received_bytes", "Bytes of bodies received by S3", received);
    add(kCounter, "minio_s3_traffic_sent_bytes", "Bytes of bodies sent by S3", sent);
}

void RequestStats::CollectBuckets(Exposition& page, const std::set<std::string>& existing) {
    std::map<std::string, BucketCounts, std::less<>> by_bucket;
    for (Shard& shard : shards_) {
        MutexLock lock(shard.mutex);
        for (auto entry = shard.by_bucket.begin(); entry != shard.by_bucket.end();) {
            const bool idle = std::ranges::all_of(
                entry->second.by_api, [](const auto& api) { return api.second.in_flight == 0; });
            if (!existing.contains(entry->first)) {
                entry = idle ? shard.by_bucket.erase(entry) : std::next(entry);
                continue;
            }
            BucketCounts& sum = At(by_bucket, entry->first);
            sum.received += entry->second.received;
            sum.sent += entry->second.sent;
            for (const auto& [api, counts] : entry->second.by_api)
                At(sum.by_api, api).Add(counts);
            ++entry;
        }
    }
    for (const auto& [bucket, counts] : by_bucket) {
        const Labels labels = {{"bucket", bucket}};
        CollectApis(page, "minio_bucket_requests_", counts.by_api, labels);
        page.Add(SampleKind::kCounter, "minio_bucket_traffic_received_bytes",
                 "Bytes of bodies received for the bucket", static_cast<double>(counts.received),
                 labels);
        page.Add(SampleKind::kCounter, "minio_bucket_traffic_sent_bytes",
                 "Bytes of bodies sent for the bucket", static_cast<double>(counts.sent), labels);
    }
}

}  // namespace coffer::api::minio
