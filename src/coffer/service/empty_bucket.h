// Taking away all that a bucket holds, for who asks for its deletion by force.
#pragma once

#include <optional>

#include "coffer/runtime/task.h"
#include "coffer/service/objects.h"

namespace coffer::service {

// Deletes every version and delete marker, a page in a transaction: when it fails on the way, the
// rest is still there. What is written meanwhile may stay, too. The errors of Objects::Delete;
// "NoSuchBucket", also where another has come under the name of that of `grounds`, of which only
// the bucket counts: nothing of the other is deleted.
Task<Result<>> EmptyBucket(Objects& objects, BucketName bucket,
                           std::optional<Grounds> grounds = std::nullopt);

}  // namespace coffer::service
