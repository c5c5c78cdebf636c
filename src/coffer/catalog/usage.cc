#include "coffer/catalog/usage.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/tables.h"

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

Result<BucketUsage> ReadBucketUsage(db::Transaction& tx, Bucket bucket) {
    static const std::string kOfBucket = kUsage.Select("WHERE bucket_id = $1 ORDER BY size_class");
    BucketUsage usage;
    usage.bucket = std::move(bucket.name);
    usage.quota_bytes = bucket.quota_bytes;
    TRY(kUsage.Query(tx, kOfBucket, {bucket.id.value()}, [&](const db::Row& row) {
        const auto size_class = static_cast<size_t>(row.Int(1));
        usage.versions += row.Int(2);
        usage.delete_markers += row.Int(3);
        usage.bytes += row.Int(4);
        if (size_class < kSizeClasses) usage.versions_by_size[size_class] += row.Int(2);
        return true;
    }));
    return usage;
}

}  // namespace

size_t SizeClass(uint64_t size_bytes) {
    return static_cast<size_t>(std::upper_bound(kBounds.begin(), kBounds.end(), size_bytes) -
                               kBounds.begin());
}

std::string_view SizeClassName(size_t size_class) {
    return kNames.at(size_class);
}

Result<std::vector<BucketUsage>> ReadUsage(db::Transaction& tx) {
    TRY(std::vector<Bucket> buckets, ListBuckets(tx, "", "", std::numeric_limits<size_t>::max()));
    std::vector<BucketUsage> usage;
    for (Bucket& bucket : buckets) {
        TRY(BucketUsage one, ReadBucketUsage(tx, std::move(bucket)));
        usage.push_back(std::move(one));
    }
    return usage;
}

Result<uint64_t> ReadBucketBytes(db::Transaction& tx, BucketId bucket) {
    static const std::string kOfBucket = kUsage.Select("WHERE bucket_id = $1");
    int64_t bytes = 0;
    TRY(kUsage.Query(tx, kOfBucket, {bucket.value()}, [&](const db::Row& row) {
        bytes += row.Int(4);
        return true;
    }));
    return static_cast<uint64_t>(bytes);
}

Result<std::vector<UsageRow>> ReadUsageRows(db::Transaction& tx) {
    static const std::string kAll = kUsage.Select("ORDER BY bucket_id, size_class");
    std::vector<UsageRow> rows;
    TRY(kUsage.Query(tx, kAll, {}, [&](const db::Row& row) {
        rows.push_back({BucketId(row.Int(0)), row.Int(1), row.Int(2), row.Int(3), row.Int(4)});
        return true;
    }));
    return rows;
}

Result<> AddUsage(db::Transaction& tx, const UsageRow& change) {
    static const std::string kFind = kUsage.Select("WHERE bucket_id = $1 AND size_class = $2");
    UsageRow now{.bucket = change.bucket, .size_class = change.size_class};
    TRY(kUsage.Query(tx, kFind, {now.bucket.value(), now.size_class}, [&](const db::Row& row) {
        now.versions = row.Int(2);
        now.delete_markers = row.Int(3);
        now.bytes = row.Int(4);
        return false;
    }));
    return kUsage.Put(tx, {now.bucket.value(), now.size_class, now.versions + change.versions,
                           now.delete_markers + change.delete_markers, now.bytes + change.bytes});
}

Result<> CountVersion(db::Transaction& tx, const Version& version, int64_t change) {
    UsageRow row{.bucket = version.bucket,
                 .size_class = static_cast<int64_t>(SizeClass(version.size_bytes))};
    (version.delete_marker ? row.delete_markers : row.versions) = change;
    row.bytes = change * static_cast<int64_t>(version.size_bytes);
    return AddUsage(tx, row);
}

}  // namespace coffer::catalog
