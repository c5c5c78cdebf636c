// The buckets of a declaration.
#pragma once

#include "coffer/app/bootstrap/declaration.h"

namespace coffer::app::bootstrap {

// What stands under one bucket's name at `path`. kInvalid as S3 would refuse it, with the place.
Result<DeclaredBucket> ParseBucket(const codec::JsonMember& member, const std::string& path);

}  // namespace coffer::app::bootstrap
