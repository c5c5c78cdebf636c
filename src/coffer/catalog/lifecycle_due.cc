#include "coffer/catalog/lifecycle_due.h"

#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

// Of a damaged row: later than any, so that whoever asks writes it anew.
Result<std::optional<Timestamp>> FindTime(db::Transaction& tx, BucketId bucket,
                                          std::string_view key) {
    static const std::string kFind = kLifecycleDue.Select("WHERE bucket_id = $1 AND key = $2");
    std::optional<Timestamp> time;
    const Result<> read =
        kLifecycleDue.Query(tx, kFind, {bucket.value(), AsBytes(key)}, [&](const db::Row& row) {
            time = FromMicros(row.Int(2));
            return false;
        });
    if (read) return time;
    if (read.error().kind() == ErrorKind::kCorrupt) return std::optional(Timestamp::max());
    return read.error();
}

Result<> PutTime(db::Transaction& tx, BucketId bucket, std::string_view key, Timestamp time) {
    return kLifecycleDue.Put(tx, {bucket.value(), AsBytes(key), ToMicros(time)});
}

// The rows of a query, damaged ones too: to look at a key that needs no look does no harm, and puts
// its row right.
Result<std::vector<DueKey>> ReadKeys(db::Transaction& tx, std::string_view select,
                                     std::initializer_list<db::Value> values) {
    std::vector<DueKey> keys;
    TRY(tx.Query(select, values, [&](const db::Row& row) {
        keys.push_back({BucketId(row.Int(0)), row.BlobString(1), FromMicros(row.Int(2))});
        return true;
    }));
    return keys;
}

}  // namespace

Result<> LookAtKeyBy(db::Transaction& tx, BucketId bucket, std::string_view key, Timestamp time) {
    TRY(const std::optional<Timestamp> known, FindTime(tx, bucket, key));
    if (known && *known <= time) return Ok();
    return PutTime(tx, bucket, key, time);
}

Result<> LookAtKeyAt(db::Transaction& tx, BucketId bucket, std::string_view key,
                     std::optional<Timestamp> time) {
    TRY(const std::optional<Timestamp> known, FindTime(tx, bucket, key));
    if (known == time) return Ok();
    if (time) return PutTime(tx, bucket, key, *time);
    TRY(tx.Execute("DELETE FROM lifecycle_due WHERE bucket_id = $1 AND key = $2",
                   {bucket.value(), AsBytes(key)}));
    return Ok();
}

Result<std::vector<DueKey>> ListDueKeys(db::Transaction& tx, Timestamp now,
                                        const std::optional<DueKey>& after, size_t limit) {
    static const std::string kFirst =
        kLifecycleDue.Select("WHERE due_us <= $1 ORDER BY due_us, bucket_id, key LIMIT $2");
    static const std::string kNext = kLifecycleDue.Select(
        "WHERE due_us <= $1 AND (due_us, bucket_id, key) > ($3, $4, $5) "
        "ORDER BY due_us, bucket_id, key LIMIT $2");
    const auto most = static_cast<int64_t>(limit);
    if (!after) return ReadKeys(tx, kFirst, {ToMicros(now), most});
    return ReadKeys(
        tx, kNext,
        {ToMicros(now), most, ToMicros(after->due), after->bucket.value(), AsBytes(after->key)});
}

Result<std::vector<DueKey>> ListTimedKeys(db::Transaction& tx, BucketId bucket, size_t limit) {
    static const std::string kOfBucket = kLifecycleDue.Select("WHERE bucket_id = $1 LIMIT $2");
    return ReadKeys(tx, kOfBucket, {bucket.value(), static_cast<int64_t>(limit)});
}

Result<> BeginWalk(db::Transaction& tx, BucketId bucket) {
    return KeepWalk(tx, {.bucket = bucket, .done = {}});
}

Result<std::optional<LifecycleWalk>> FindWalk(db::Transaction& tx, BucketId after) {
    static const std::string kNext =
        kLifecycleWalks.Select("WHERE bucket_id > $1 ORDER BY bucket_id LIMIT 1");
    std::optional<LifecycleWalk> walk;
    const Result<> read =
        kLifecycleWalks.Query(tx, kNext, {after.value()}, [&](const db::Row& row) {
            walk = LifecycleWalk{BucketId(row.Int(0)), row.BlobString(1)};
            return false;
        });
    if (read) return walk;
    if (read.error().kind() != ErrorKind::kCorrupt) return read.error();
    TRY(tx.Query(kNext, {after.value()}, [&](const db::Row& row) {
        walk = LifecycleWalk{.bucket = BucketId(row.Int(0)), .done = {}};
        return false;
    }));
    return walk;
}

Result<std::vector<std::string>> ListKeysToWalk(db::Transaction& tx, const LifecycleWalk& walk,
                                                size_t limit) {
    static constexpr std::string_view kOfEither =
        "SELECT key FROM (SELECT DISTINCT key FROM versions "
        "WHERE bucket_id = $1 AND key > $2 ORDER BY key LIMIT $3) "
        "UNION SELECT key FROM (SELECT DISTINCT key FROM uploads "
        "WHERE completed = 0 AND bucket_id = $1 AND key > $2 ORDER BY key LIMIT $3) "
        "ORDER BY key LIMIT $3";
    std::vector<std::string> keys;
    TRY(tx.Query(kOfEither, {walk.bucket.value(), AsBytes(walk.done), static_cast<int64_t>(limit)},
                 [&](const db::Row& row) {
                     keys.push_back(row.BlobString(0));
                     return true;
                 }));
    return keys;
}

Result<> KeepWalk(db::Transaction& tx, const LifecycleWalk& walk) {
    return kLifecycleWalks.Put(tx, {walk.bucket.value(), AsBytes(walk.done)});
}

Result<> EndWalk(db::Transaction& tx, BucketId bucket) {
    TRY(tx.Execute("DELETE FROM lifecycle_walks WHERE bucket_id = $1", {bucket.value()}));
    return Ok();
}

}  // namespace coffer::catalog
