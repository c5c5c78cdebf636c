// GetBucketEncryption, PutBucketEncryption, DeleteBucketEncryption.
#include "coffer/codec/bucket_encryption.h"

#include "coffer/api/s3/bucket_setting.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {

Task<Reply> GetBucketEncryption(Call& call) {
    CO_TRY(auto setting,
           co_await GetSetting(
               call, service::SettingKind::kEncryption,
               Error(ErrorKind::kNotFound, "ServerSideEncryptionConfigurationNotFoundError",
                     "The server side encryption configuration was not found")));
    co_return XmlReply(std::move(setting.document));
}

Task<Reply> PutBucketEncryption(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    CO_TRY(const auto encryption, codec::ParseBucketEncryption(document));
    CO_TRY(co_await call.dependencies.buckets.PutSetting(call.bucket(),
                                                         service::SettingKind::kEncryption,
                                                         codec::WriteBucketEncryption(encryption)));
    co_return EmptyReply(200);
}

Task<Reply> DeleteBucketEncryption(Call& call) {
    return DeleteSetting(call, service::SettingKind::kEncryption);
}

}  // namespace coffer::api::s3
