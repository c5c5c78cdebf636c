// What the reads of configuration share.
#pragma once

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// Whether the object, or the version, that the request names is there: the errors of Objects::Get.
Task<Result<>> ExpectObject(Call& call);

}  // namespace coffer::api::s3
