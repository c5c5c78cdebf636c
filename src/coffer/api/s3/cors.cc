// GetBucketCors, PutBucketCors, DeleteBucketCors, and what these rules decide.
#include "coffer/api/s3/cors.h"

#include <span>

#include "coffer/api/cors.h"
#include "coffer/api/s3/bucket_setting.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/base/log.h"

namespace coffer::api::s3 {
namespace {

using Rules = std::shared_ptr<const service::CorsRules>;

Task<Result<Rules>> FindRules(const S3Dependencies& dependencies, const S3Request* request) {
    if (request != nullptr && request->scope() != Scope::kService) {
        CO_TRY(Rules rules, co_await dependencies.cors.Find(request->bucket()));
        if (rules != nullptr) co_return rules;
    }
    // Not owned: the options outlive every request.
    co_return Rules(Rules(), &dependencies.options.cors);
}

}  // namespace

Task<Reply> GetBucketCors(Call& call) {
    CO_TRY(auto setting, co_await GetSetting(call, service::SettingKind::kCors,
                                             Error(ErrorKind::kNotFound, "NoSuchCORSConfiguration",
                                                   "The CORS configuration does not exist")));
    co_return XmlReply(std::move(setting.document));
}

Task<Reply> PutBucketCors(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, codec::kMaxCorsBytes));
    CO_TRY(const auto rules, codec::ParseCors(document));
    CO_TRY(co_await call.dependencies.buckets.PutSetting(call.bucket(), service::SettingKind::kCors,
                                                         codec::WriteCors(rules)));
    co_return EmptyReply(200);
}

Task<Reply> DeleteBucketCors(Call& call) {
    co_return co_await DeleteSetting(call, service::SettingKind::kCors);
}

Task<Reply> CorsPreflight(Call& call) {
    CO_TRY(const Rules rules, co_await FindRules(call.dependencies, &call.request));
    co_return AnswerPreflight(call.request.http(), *rules);
}

Task<void> AddCorsHeaders(const S3Dependencies& dependencies, const http::Request& http,
                          const S3Request* request, http::Response& reply) {
    const auto rules = co_await FindRules(dependencies, request);
    if (rules) {
        api::AddCorsHeaders(http, *rules.value(), reply);
        co_return;
    }
    Log(LogLevel::kError, "the CORS rules of a bucket can't be read",
        {{"error", rules.error().ToString()}});
}

}  // namespace coffer::api::s3
