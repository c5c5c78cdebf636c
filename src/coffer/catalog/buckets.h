// Buckets in the catalogue. Every function runs inside the caller's transaction.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

// `owner`: the id of the account whose it is. kAlreadyExists where the name is taken.
Result<Bucket> InsertBucket(db::Transaction& tx, std::string_view name, Timestamp created,
                            std::string_view owner);

// kNotFound "NoSuchBucket".
Error NoSuchBucket(std::string_view name);

// NoSuchBucket where there is none.
Result<Bucket> FindBucket(db::Transaction& tx, std::string_view name);

// Writes the versioning state and the quota of a bucket that was read in this transaction, and the
// next revision, which `bucket` has then.
Result<> ChangeBucket(db::Transaction& tx, Bucket& bucket);

Result<std::optional<Bucket>> FindBucketById(db::Transaction& tx, BucketId id);

// Empty where there is none.
Result<std::string> FindBucketName(db::Transaction& tx, BucketId id);

// By name, from after `after`, names that begin with `prefix`; at most `limit`.
Result<std::vector<Bucket>> ListBuckets(db::Transaction& tx, std::string_view prefix,
                                        std::string_view after, size_t limit);

// The same of those of one account.
Result<std::vector<Bucket>> ListBucketsOf(db::Transaction& tx, std::string_view owner,
                                          std::string_view prefix, std::string_view after,
                                          size_t limit);

// Takes it away with its settings and what waits for its lifecycle. It must hold nothing; see
// IsBucketEmpty.
Result<> DeleteBucket(db::Transaction& tx, BucketId id);

// Whether it has neither a version nor a delete marker. Unfinished uploads do not count, as in S3.
Result<bool> IsBucketEmpty(db::Transaction& tx, BucketId id);

}  // namespace coffer::catalog
