// What the operations on a bucket's settings have in common: a setting is shown as it was put, and
// taken away whole.
#pragma once

#include "coffer/api/s3/call.h"
#include "coffer/catalog/bucket_settings.h"

namespace coffer::api::s3 {

// The setting of the call's bucket; `missing` where it is not set. "NoSuchBucket". `call` outlives
// the task.
Task<Result<catalog::BucketSetting>> GetSetting(const Call& call, service::SettingKind kind,
                                                Error missing);

// The reply once the setting is gone, or was not there: 204. "NoSuchBucket". `call` outlives the
// task.
Task<Reply> DeleteSetting(const Call& call, service::SettingKind kind);

}  // namespace coffer::api::s3
