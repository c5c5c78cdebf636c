// GetBucketOwnershipControls, PutBucketOwnershipControls, DeleteBucketOwnershipControls.
#include "coffer/codec/ownership.h"

#include "coffer/api/s3/bucket_setting.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {

Task<Reply> GetBucketOwnershipControls(Call& call) {
    CO_TRY(auto setting,
           co_await GetSetting(call, service::SettingKind::kOwnership,
                               Error(ErrorKind::kNotFound, "OwnershipControlsNotFoundError", "")));
    co_return XmlReply(std::move(setting.document));
}

Task<Reply> PutBucketOwnershipControls(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    CO_TRY(const auto ownership, codec::ParseOwnershipControls(document));
    CO_TRY(co_await call.dependencies.buckets.SetOwnership(call.bucket(), ownership));
    co_return EmptyReply(200);
}

Task<Reply> DeleteBucketOwnershipControls(Call& call) {
    co_return co_await DeleteSetting(call, service::SettingKind::kOwnership);
}

}  // namespace coffer::api::s3
