// What S3 lets tags be (docs.aws.amazon.com, "Categorizing your objects using tags"). Pure
// functions.
#pragma once

#include <cstddef>

#include "coffer/base/result.h"
#include "coffer/service/types.h"

namespace coffer::service {

inline constexpr size_t kMaxObjectTags = 10;
inline constexpr size_t kMaxBucketTags = 50;

// The tags in the order of their names. kInvalid "InvalidTag": more than `most` of them; a name of
// no or more than 128 characters, or twice; a value of more than 256; "aws:" before a name; a
// character that is no letter, digit or space, nor one of "+-=._:/@". All that is not ASCII counts
// as letters.
Result<Tags> CheckTags(Tags tags, size_t most);

}  // namespace coffer::service
