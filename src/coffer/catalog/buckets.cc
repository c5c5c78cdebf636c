#include "coffer/catalog/buckets.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/rows.h"
#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

Result<> Put(db::Transaction& tx, const Bucket& bucket) {
    return kBuckets.Put(tx, {bucket.id.value(), bucket.name, ToMicros(bucket.created),
                             static_cast<int64_t>(bucket.versioning), bucket.revision,
                             static_cast<int64_t>(bucket.quota_bytes), bucket.owner});
}

// Takes buckets that a query gives in the order of their names.
class Page {
  public:
    Page(std::string_view prefix, size_t limit) : prefix_(prefix), limit_(limit) {}

    // False once there are enough, or no more with the prefix.
    bool Add(const db::Row& row) {
        if (!row.Text(1).starts_with(prefix_)) return false;
        buckets.push_back(ReadBucket(row));
        return buckets.size() < limit_;
    }

    std::vector<Bucket> buckets;

  private:
    const std::string_view prefix_;
    const size_t limit_;
};

}  // namespace

Result<Bucket> InsertBucket(db::Transaction& tx, std::string_view name, Timestamp created,
                            std::string_view owner) {
    Bucket bucket{.id = BucketId(tx.NextNumber()),
                  .name = std::string(name),
                  .created = created,
                  .owner = std::string(owner)};
    TRY(Put(tx, bucket));
    return bucket;
}

Result<> ChangeBucket(db::Transaction& tx, Bucket& bucket) {
    ++bucket.revision;
    return Put(tx, bucket);
}

Error NoSuchBucket(std::string_view name) {
    return Error(ErrorKind::kNotFound, "NoSuchBucket",
                 fmt::format("there is no bucket '{}'", name));
}

Result<Bucket> FindBucket(db::Transaction& tx, std::string_view name) {
    static const std::string kFind = kBuckets.Select("WHERE name = $1");
    std::optional<Bucket> bucket;
    TRY(kBuckets.Query(tx, kFind, {name}, [&](const db::Row& row) {
        bucket = ReadBucket(row);
        return false;
    }));
    if (!bucket) return NoSuchBucket(name);
    return *std::move(bucket);
}

Result<std::optional<Bucket>> FindBucketById(db::Transaction& tx, BucketId id) {
    static const std::string kGet = kBuckets.Select("WHERE id = $1");
    std::optional<Bucket> bucket;
    TRY(kBuckets.Query(tx, kGet, {id.value()}, [&](const db::Row& row) {
        bucket = ReadBucket(row);
        return false;
    }));
    return bucket;
}

Result<std::string> FindBucketName(db::Transaction& tx, BucketId id) {
    TRY(const std::optional<Bucket> bucket, FindBucketById(tx, id));
    return bucket ? bucket->name : std::string();
}

Result<std::vector<Bucket>> ListBuckets(db::Transaction& tx, std::string_view prefix,
                                        std::string_view after, size_t limit) {
    static const std::string kFrom =
        kBuckets.Select("WHERE name > $1 AND name >= $2 ORDER BY name");
    Page page(prefix, limit);
    if (limit == 0) return std::move(page.buckets);
    TRY(kBuckets.Query(tx, kFrom, {after, prefix},
                       [&](const db::Row& row) { return page.Add(row); }));
    return std::move(page.buckets);
}

Result<std::vector<Bucket>> ListBucketsOf(db::Transaction& tx, std::string_view owner,
                                          std::string_view prefix, std::string_view after,
                                          size_t limit) {
    static const std::string kFrom =
        kBuckets.Select("WHERE owner = $1 AND name > $2 AND name >= $3 ORDER BY name");
    Page page(prefix, limit);
    if (limit == 0) return std::move(page.buckets);
    TRY(kBuckets.Query(tx, kFrom, {owner, after, prefix},
                       [&](const db::Row& row) { return page.Add(row); }));
    return std::move(page.buckets);
}

Result<> DeleteBucket(db::Transaction& tx, BucketId id) {
    TRY(tx.Execute("DELETE FROM usage WHERE bucket_id = $1", {id.value()}));
    TRY(tx.Execute("DELETE FROM lifecycle_due WHERE bucket_id = $1", {id.value()}));
    TRY(tx.Execute("DELETE FROM lifecycle_walks WHERE bucket_id = $1", {id.value()}));
    TRY(tx.Execute("DELETE FROM bucket_settings WHERE bucket_id = $1", {id.value()}));
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
