#include "coffer/catalog/usage.h"

#include <algorithm>

namespace coffer::catalog {
namespace {

constexpr std::array<uint64_t, kSizeClasses - 1> kBounds = {1u << 10,   64u << 10,  256u << 10,
                                                            512u << 10, 1u << 20,   10u << 20,
                                                            64u << 20,  128u << 20, 512u << 20};
constexpr std::array<std::string_view, kSizeClasses> kNames = {
    "LESS_THAN_1024_B",          "BETWEEN_1024_B_AND_64_KB", "BETWEEN_64_KB_AND_256_KB",
    "BETWEEN_256_KB_AND_512_KB", "BETWEEN_512_KB_AND_1_MB",  "BETWEEN_1_MB_AND_10_MB",
    "BETWEEN_10_MB_AND_64_MB",   "BETWEEN_64_MB_AND_128_MB", "BETWEEN_128_MB_AND_512_MB",
    "GREATER_THAN_512_MB"};

}  // namespace

size_t SizeClass(uint64_t size_bytes) {
    return static_cast<size_t>(std::upper_bound(kBounds.begin(), kBounds.end(), size_bytes) -
                               kBounds.begin());
}

std::string_view SizeClassName(size_t size_class) {
    return kNames.at(size_class);
}

Result<std::vector<BucketUsage>> ReadUsage(db::Transaction& tx) {
    std::vector<BucketUsage> usage;
    TRY(
        tx.Query("SELECT buckets.name, size_class, version_count, marker_count, total_bytes "
                 "FROM buckets LEFT JOIN usage ON usage.bucket_id = buckets.id "
                 "ORDER BY buckets.name, size_class",
                 {}, [&](const db::Row& row) {
                     if (usage.empty() || usage.back().bucket != row.Text(0)) {
                         usage.emplace_back();
                         usage.back().bucket = std::string(row.Text(0));
                     }
                     if (row.IsNull(1)) return true;
                     BucketUsage& bucket = usage.back();
                     const auto size_class = static_cast<size_t>(row.Int(1));
                     bucket.versions += row.Int(2);
                     bucket.delete_markers += row.Int(3);
                     bucket.bytes += row.Int(4);
                     if (size_class < kSizeClasses)
                         bucket.versions_by_size[size_class] += row.Int(2);
                     return true;
                 }));
    return usage;
}

Result<> CountVersion(db::Transaction& tx, const Version& version, int64_t change) {
    const int64_t marker = version.delete_marker ? 1 : 0;
    TRY(
        tx.Execute("INSERT INTO usage (bucket_id, size_class, version_count, marker_count, "
                   "total_bytes) VALUES ($1, $2, $3, $4, $5) "
                   "ON CONFLICT (bucket_id, size_class) DO UPDATE SET "
                   "version_count = usage.version_count + excluded.version_count, "
                   "marker_count = usage.marker_count + excluded.marker_count, "
                   "total_bytes = usage.total_bytes + excluded.total_bytes",
                   {version.bucket.value(), static_cast<int64_t>(SizeClass(version.size_bytes)),
                    change * (1 - marker), change * marker,
                    change * static_cast<int64_t>(version.size_bytes)}));
    return Ok();
}

}  // namespace coffer::catalog
