// Get… and PutBucketLifecycleConfiguration, DeleteBucketLifecycle, and what replies tell of rules.
#include "coffer/api/s3/lifecycle.h"

#include "coffer/api/s3/bucket_setting.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

// A thousand rules, each with its prefix and tags.
constexpr size_t kMaxDocumentBytes = 8_MiB;

}  // namespace

void WriteExpiration(std::string_view expiration, http::Headers& reply) {
    if (!expiration.empty()) reply.Set("x-amz-expiration", expiration);
}

void WriteAbort(const service::UploadInfo& upload, http::Headers& reply) {
    if (!upload.abort) return;
    reply.Set("x-amz-abort-date", codec::FormatHttpDate(upload.abort->at));
    reply.Set("x-amz-abort-rule-id", upload.abort->rule_id);
}

Task<Reply> GetBucketLifecycle(Call& call) {
    CO_TRY(auto setting,
           co_await GetSetting(call, service::SettingKind::kLifecycle,
                               Error(ErrorKind::kNotFound, "NoSuchLifecycleConfiguration", "")));
    http::Response reply = XmlReply(std::move(setting.document));
    // MinIO's clients ask for it by "withUpdatedAt".
    if (call.request.Parameter("withUpdatedAt"))
        reply.headers.Set("X-Minio-LifecycleConfig-UpdatedAt",
                          codec::FormatBasicDate(setting.changed));
    co_return reply;
}

Task<Reply> PutBucketLifecycle(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxDocumentBytes));
    CO_TRY(auto rules, codec::ParseLifecycle(document));
    CO_TRY(co_await call.dependencies.buckets.SetLifecycle(call.bucket(), std::move(rules)));
    co_return EmptyReply(200);
}

Task<Reply> DeleteBucketLifecycle(Call& call) {
    CO_TRY(co_await call.dependencies.buckets.DeleteLifecycle(call.bucket()));
    co_return EmptyReply(204);
}

}  // namespace coffer::api::s3
