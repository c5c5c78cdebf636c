#include "coffer/catalog/buckets.h"

#include <fmt/format.h>

namespace coffer::catalog {
namespace {

Bucket ReadBucket(const db::Row& row) {
    return Bucket{BucketId(row.Int(0)), std::string(row.Text(1)), FromMicros(row.Int(2))};
}

}  // namespace

Result<Bucket> InsertBucket(db::Transaction& tx, std::string_view name, Timestamp created) {
    Bucket bucket{BucketId(), std::string(name), created};
    TRY(
        tx.Query("INSERT INTO buckets (name, created_us, placement_id) VALUES ($1, $2, $3) "
                 "RETURNING id",
                 {name, ToMicros(created), kEnginePlacement}, [&](const db::Row& row) {
                     bucket.id = BucketId(row.Int(0));
                     return true;
                 }));
    return bucket;
}

Result<Bucket> FindBucket(db::Transaction& tx, std::string_view name) {
    std::optional<Bucket> bucket;
    TRY(tx.Query("SELECT id, name, created_us FROM buckets WHERE name = $1", {name},
                 [&](const db::Row& row) {
                     bucket = ReadBucket(row);
                     return false;
                 }));
    if (!bucket)
        return Error(ErrorKind::kNotFound, "NoSuchBucket",
                     fmt::format("there is no bucket '{}'", name));
    return *std::move(bucket);
}

Result<std::string> FindBucketName(db::Transaction& tx, BucketId id) {
    std::string name;
    TRY(tx.Query("SELECT name FROM buckets WHERE id = $1", {id.value()}, [&](const db::Row& row) {
        name = std::string(row.Text(0));
        return false;
    }));
    return name;
}

Result<std::vector<Bucket>> ListBuckets(db::Transaction& tx, std::string_view prefix,
                                        std::string_view after, size_t limit) {
    std::vector<Bucket> buckets;
    if (limit == 0) return buckets;
    TRY(
        tx.Query("SELECT id, name, created_us FROM buckets WHERE name > $1 AND name >= $2 "
                 "ORDER BY name",
                 {after, prefix}, [&](const db::Row& row) {
                     if (!row.Text(1).starts_with(prefix)) return false;
                     buckets.push_back(ReadBucket(row));
                     return buckets.size() < limit;
                 }));
    return buckets;
}

Result<> DeleteBucket(db::Transaction& tx, BucketId id) {
    TRY(tx.Execute("DELETE FROM usage WHERE bucket_id = $1", {id.value()}));
    TRY(tx.Execute("DELETE FROM buckets WHERE id = $1", {id.value()}));
    return Ok();
}

Result<bool> IsBucketEmpty(db::Transaction& tx, BucketId id) {
    bool empty = true;
    TRY(tx.Query("SELECT 1 FROM versions WHERE bucket_id = $1 LIMIT 1", {id.value()},
                 [&](const db::Row&) {
                     empty = false;
                     return false;
                 }));
    return empty;
}

}  // namespace coffer::catalog
