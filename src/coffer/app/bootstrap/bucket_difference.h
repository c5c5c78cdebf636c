// What one declared bucket lacks.
#pragma once

#include <span>
#include <string>

#include "coffer/app/bootstrap/changes.h"
#include "coffer/app/bootstrap/declaration.h"
#include "coffer/app/bootstrap/difference.h"

namespace coffer::app::bootstrap {

// Adds the steps to `changes`. kInvalid: the bucket is another account's, or its notifications name
// a webhook that the server does not have; the message says what switches it off, or whether it is
// among `webhooks`, the ids of those that are declared beside the bucket. All outlive the task.
Task<Result<>> FindBucketChanges(Target& target, const DeclaredBucket& declared,
                                 std::span<const std::string> webhooks, Changes& changes);

}  // namespace coffer::app::bootstrap
