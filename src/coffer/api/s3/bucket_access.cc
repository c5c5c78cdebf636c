// Who else may use a bucket: GetBucketPolicy, PutBucketPolicy, DeleteBucketPolicy,
// GetBucketPolicyStatus; GetPublicAccessBlock, PutPublicAccessBlock, DeletePublicAccessBlock.
#include "coffer/api/s3/bucket_setting.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/public_access_block.h"

namespace coffer::api::s3 {
namespace {

// Room for white space, which S3 does not count.
constexpr size_t kMaxPolicyDocumentBytes = 1_MiB;

}  // namespace

Task<Reply> GetBucketPolicy(Call& call) {
    CO_TRY(auto policy, co_await GetSetting(call, service::SettingKind::kPolicy,
                                            Error(ErrorKind::kNotFound, "NoSuchBucketPolicy",
                                                  "The bucket policy does not exist")));
    http::Response reply;
    reply.headers.Set("Content-Type", "application/json");
    reply.body = std::move(policy.document);
    co_return reply;
}

Task<Reply> PutBucketPolicy(Call& call) {
    CO_TRY(std::string document, co_await ReadDocument(call, kMaxPolicyDocumentBytes));
    const auto idle = call.dependencies.options.dialect == Dialect::kCeph
                          ? codec::policy::Idle::kAllow
                          : codec::policy::Idle::kRefuse;
    CO_TRY(co_await call.dependencies.access.PutPolicy(call.bucket(), std::move(document), idle));
    co_return EmptyReply(204);
}

Task<Reply> DeleteBucketPolicy(Call& call) {
    co_return co_await DeleteSetting(call, service::SettingKind::kPolicy);
}

Task<Reply> GetBucketPolicyStatus(Call& call) {
    CO_TRY(const bool is_public, co_await call.dependencies.access.IsPublic(call.bucket()));
    codec::XmlWriter xml;
    OpenRoot(xml, "PolicyStatus");
    xml.Element("IsPublic", is_public);
    co_return XmlReply(xml.Close().Finish());
}

Task<Reply> GetPublicAccessBlock(Call& call) {
    CO_TRY(auto block,
           co_await GetSetting(call, service::SettingKind::kPublicAccessBlock,
                               Error(ErrorKind::kNotFound, "NoSuchPublicAccessBlockConfiguration",
                                     "The public access block configuration was not found")));
    co_return XmlReply(std::move(block.document));
}

Task<Reply> PutPublicAccessBlock(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    CO_TRY(const auto block, codec::ParsePublicAccessBlock(document));
    CO_TRY(co_await call.dependencies.buckets.PutSetting(call.bucket(),
                                                         service::SettingKind::kPublicAccessBlock,
                                                         codec::WritePublicAccessBlock(block)));
    co_return EmptyReply(200);
}

Task<Reply> DeletePublicAccessBlock(Call& call) {
    co_return co_await DeleteSetting(call, service::SettingKind::kPublicAccessBlock);
}

}  // namespace coffer::api::s3
