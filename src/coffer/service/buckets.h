// Buckets: make, find, list, delete.
#pragma once

#include <string>
#include <vector>

#include "coffer/runtime/task.h"
#include "coffer/service/types.h"

namespace coffer::service {

struct Core;

struct BucketInfo {
    std::string name;
    Timestamp created;
};

struct ListBucketsRequest {
    std::string prefix;
    std::string after;  // exclusive
    size_t limit = 10'000;
};

struct ListBucketsResult {
    std::vector<BucketInfo> buckets;
    bool truncated = false;
};

// Any thread may call it. Every change is durable when it returns.
class Buckets {
  public:
    explicit Buckets(Core& core) : core_(core) {}

    // kAlreadyExists "BucketAlreadyOwnedByYou".
    Task<Result<>> Create(BucketName name);

    // kNotFound "NoSuchBucket".
    Task<Result<BucketInfo>> Get(BucketName name);

    // kNotFound "NoSuchBucket"; kConflict "BucketNotEmpty" where it holds a version or an
    // unfinished upload's object.
    Task<Result<>> Delete(BucketName name);

    // In byte order of their names.
    Task<Result<ListBucketsResult>> List(ListBucketsRequest request);

  private:
    Core& core_;
};

}  // namespace coffer::service
