// mc quota set, info, clear. The bodies are plain JSON.
#include <fmt/format.h>

#include "coffer/api/minio/admin/call.h"

namespace coffer::api::minio {
namespace {

Error InvalidQuota(std::string message) {
    return Error(ErrorKind::kInvalid, "XMinioAdminInvalidArgument", std::move(message));
}

// A member of the document that is a number of something; 0 where it is missing.
Result<uint64_t> NumberIn(const codec::JsonValue& document, std::string_view name) {
    const codec::JsonValue* const member = document.Find(name);
    if (member == nullptr) return uint64_t{0};
    const auto number = member->AsInt();
    if (!number || *number < 0)
        return InvalidQuota(fmt::format("'{}' of a quota is not a number of bytes.", name));
    return static_cast<uint64_t>(*number);
}

// The quota in bytes; 0 takes it away. Newer clients call it "size", older ones "quota".
Result<uint64_t> ParseQuota(const codec::JsonValue& document) {
    TRY(const uint64_t quota, NumberIn(document, "quota"));
    TRY(const uint64_t size, NumberIn(document, "size"));
    TRY(const uint64_t rate, NumberIn(document, "rate"));
    TRY(const uint64_t requests, NumberIn(document, "requests"));
    if (rate > 0 || requests > 0)
        return Error(ErrorKind::kUnsupported, "NotImplemented",
                     "Coffer limits what a bucket holds, not the rate of its requests.");
    if ((quota > 0 || size > 0) && TextOf(document, "quotatype") != "hard")
        return InvalidQuota("The type of a quota is 'hard'.");
    return size > 0 ? size : quota;
}

Result<codec::BucketName> BucketOf(const AdminCall& call) {
    TRY(const std::string name, call.Need("bucket"));
    return codec::BucketName::Parse(name);
}

}  // namespace

Task<Result<AdminReply>> GetBucketQuota(const AdminCall& call) {
    CO_TRY(codec::BucketName bucket, BucketOf(call));
    CO_TRY(co_await call.Authorize("admin:GetBucketQuota"));
    CO_TRY(const auto info, co_await call.dependencies.buckets.Get(std::move(bucket)));
    const auto size = static_cast<int64_t>(info.quota_bytes);
    codec::JsonValue::Object told{
        {"quota", size}, {"size", size}, {"rate", int64_t{0}}, {"requests", int64_t{0}}};
    if (size > 0) told.push_back({"quotatype", "hard"});
    co_return AdminReply{.text = codec::WriteJson(codec::JsonValue(std::move(told)))};
}

Task<Result<AdminReply>> SetBucketQuota(const AdminCall& call) {
    CO_TRY(codec::BucketName bucket, BucketOf(call));
    CO_TRY(co_await call.Authorize("admin:SetBucketQuota"));
    CO_TRY(const codec::JsonValue document, call.ReadPlain());
    CO_TRY(const uint64_t quota, ParseQuota(document));
    CO_TRY(co_await call.dependencies.buckets.SetQuota(std::move(bucket), quota));
    co_return AdminReply();
}

}  // namespace coffer::api::minio
