// How much each bucket holds: counted in the transactions that change it, so that nobody has to
// scan for it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

// Size classes as MinIO's dashboards name them: below 1 KiB, 64 KiB, 256 KiB, 512 KiB, 1 MiB, 10
// MiB, 64 MiB, 128 MiB, 512 MiB, and above.
inline constexpr size_t kSizeClasses = 10;
size_t SizeClass(uint64_t size_bytes);
std::string_view SizeClassName(size_t size_class);  // "LESS_THAN_1024_B"

struct BucketUsage {
    std::string bucket;
    uint64_t quota_bytes = 0;  // 0: none
    int64_t versions = 0;      // without delete markers
    int64_t delete_markers = 0;
    int64_t bytes = 0;
    std::array<int64_t, kSizeClasses> versions_by_size{};
};

// Every bucket, by name. A few rows for each.
Result<std::vector<BucketUsage>> ReadUsage(db::Transaction& tx);

// What all versions of a bucket hold together.
Result<uint64_t> ReadBucketBytes(db::Transaction& tx, BucketId bucket);

// What a bucket has in one class of sizes, or a change of that.
struct UsageRow {
    BucketId bucket;
    int64_t size_class = 0;
    int64_t versions = 0;
    int64_t delete_markers = 0;
    int64_t bytes = 0;
};

// Every row, by bucket and class.
Result<std::vector<UsageRow>> ReadUsageRows(db::Transaction& tx);

// Adds to a row, or makes it.
Result<> AddUsage(db::Transaction& tx, const UsageRow& change);

// Adds (1) or takes away (-1) a version.
Result<> CountVersion(db::Transaction& tx, const Version& version, int64_t change);

}  // namespace coffer::catalog
