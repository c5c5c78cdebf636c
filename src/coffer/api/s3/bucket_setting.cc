#include "coffer/api/s3/bucket_setting.h"

#include <utility>

#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {

Task<Result<catalog::BucketSetting>> GetSetting(const Call& call, service::SettingKind kind,
                                                Error missing) {
    CO_TRY(auto setting, co_await call.dependencies.buckets.GetSetting(call.bucket(), kind));
    if (!setting) co_return missing;
    co_return *std::move(setting);
}

Task<Reply> DeleteSetting(const Call& call, service::SettingKind kind) {
    CO_TRY(co_await call.dependencies.buckets.DeleteSetting(call.bucket(), kind));
    co_return EmptyReply(204);
}

}  // namespace coffer::api::s3
