#include "coffer/api/minio/usage_metrics.h"

#include <string>
#include <string_view>

namespace coffer::api::minio {
namespace {

using runtime::Exposition;
using runtime::Labels;
using enum runtime::SampleKind;

// Classes below 1 MB, which MinIO also shows together.
constexpr size_t kFirstBelowMegabyte = 1;
constexpr size_t kLastBelowMegabyte = 4;
constexpr std::string_view kBySize = "Objects by size, each of their versions counted";

Labels With(Labels labels, const std::string& name, std::string_view value) {
    labels[name] = value;
    return labels;
}

// `prefix`: "minio_bucket_" or "minio_cluster_". Nothing counts keys by their versions, so there is
// no objects_version_distribution.
void CollectOne(Exposition& page, const std::string& prefix, const service::BucketUsage& usage,
                const Labels& labels) {
    const auto add = [&](std::string_view name, std::string_view help, int64_t value) {
        page.Add(kGauge, prefix + std::string(name), help, static_cast<double>(value), labels);
    };
    add("usage_total_bytes", "Bytes of all versions", usage.bytes);
    add("usage_object_total", "Objects, each of their versions counted", usage.versions);
    add("usage_version_total", "Versions of objects, delete markers included",
        usage.versions + usage.delete_markers);
    add("usage_deletemarker_total", "Delete markers", usage.delete_markers);

    const std::string sizes = prefix + "objects_size_distribution";
    int64_t below_megabyte = 0;
    for (size_t i = 0; i < catalog::kSizeClasses; ++i) {
        page.Add(kGauge, sizes, kBySize, static_cast<double>(usage.versions_by_size[i]),
                 With(labels, "range", catalog::SizeClassName(i)));
        if (i >= kFirstBelowMegabyte && i <= kLastBelowMegabyte)
            below_megabyte += usage.versions_by_size[i];
    }
    page.Add(kGauge, sizes, kBySize, static_cast<double>(below_megabyte),
             With(labels, "range", "BETWEEN_1024B_AND_1_MB"));
}

}  // namespace

void CollectUsage(Exposition& page, std::span<const service::BucketUsage> usage) {
    service::BucketUsage sum;
    for (const service::BucketUsage& bucket : usage) {
        const Labels labels = {{"bucket", bucket.bucket}};
        CollectOne(page, "minio_bucket_", bucket, labels);
        page.Add(kGauge, "minio_bucket_quota_total_bytes", "Quota of the bucket, 0 for none",
                 static_cast<double>(bucket.quota_bytes), labels);
        sum.versions += bucket.versions;
        sum.delete_markers += bucket.delete_markers;
        sum.bytes += bucket.bytes;
        for (size_t i = 0; i < catalog::kSizeClasses; ++i)
            sum.versions_by_size[i] += bucket.versions_by_size[i];
    }
    CollectOne(page, "minio_cluster_", sum, {});
    page.Add(kGauge, "minio_cluster_bucket_total", "Buckets", static_cast<double>(usage.size()));
}

}  // namespace coffer::api::minio
