// Taking away all that a bucket holds, for who asks for its deletion by force.
#pragma once

#include "coffer/runtime/task.h"
#include "coffer/service/objects.h"

namespace coffer::service {

// Deletes every version and delete marker, a page in a transaction: when it fails on the way, the
// rest is still there. What is written meanwhile may stay, too. The errors of Objects::Delete;
// "NoSuchBucket".
Task<Result<>> EmptyBucket(Objects& objects, BucketName bucket);

}  // namespace coffer::service
