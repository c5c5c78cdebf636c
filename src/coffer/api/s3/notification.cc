// Get… and PutBucketNotificationConfiguration.
#include "coffer/api/s3/notification.h"

#include "coffer/api/s3/content.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/notification.h"

namespace coffer::api::s3 {
namespace {

// A hundred rules, each with its filters.
constexpr size_t kMaxDocumentBytes = 1_MiB;

}  // namespace

std::string_view PrincipalName(const service::Credentials& credentials,
                               const service::Actor& actor) {
    if (actor.anonymous()) return {};
    if (!actor.user.empty()) return actor.user;
    // The server's own root is known by its key; another account's is not that one.
    return actor.of_main_account() ? std::string_view(credentials.root_access_key())
                                   : std::string_view(actor.access_key);
}

Task<Reply> GetBucketNotification(Call& call) {
    CO_TRY(auto setting, co_await call.dependencies.buckets.GetSetting(
                             call.bucket(), service::SettingKind::kNotification));
    co_return XmlReply(setting ? std::move(setting->document) : codec::WriteNotification({}));
}

Task<Reply> PutBucketNotification(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxDocumentBytes));
    CO_TRY(auto rules, codec::ParseNotification(document));
    const S3Options& options = call.dependencies.options;
    CO_TRY(codec::CheckTargets(rules, options.webhooks, options.region));
    CO_TRY(co_await call.dependencies.buckets.SetNotification(call.bucket(), std::move(rules)));
    co_return EmptyReply(200);
}

}  // namespace coffer::api::s3
