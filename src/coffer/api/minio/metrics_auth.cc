#include "coffer/api/minio/metrics_auth.h"

#include "coffer/codec/ascii.h"
#include "coffer/codec/jwt.h"

namespace coffer::api::minio {
namespace {

Error Refused(std::string message) {
    return {ErrorKind::kUnauthenticated, std::move(message)};
}

}  // namespace

Task<Result<std::shared_ptr<const service::Actor>>> CheckMetricsToken(
    const http::Headers& headers, service::Credentials& credentials, Timestamp now) {
    constexpr std::string_view kScheme = "bearer ";
    if (headers.Count("authorization") > 1)
        co_return Refused("There are several Authorization headers.");
    const std::string_view value = headers.GetOr("authorization", "");
    if (!codec::EqualsIgnoringCase(value.substr(0, kScheme.size()), kScheme)) {
        co_return Refused(
            "A bearer token is needed. `mc admin prometheus generate` makes one; "
            "MINIO_PROMETHEUS_AUTH_TYPE=public makes metrics public.");
    }
    CO_TRY(const auto token,
           codec::UnverifiedJwt::Parse(codec::TrimSpaces(value.substr(kScheme.size()))));
    // MinIO's clients name the access key as the subject, older ones in a claim of its own.
    std::string_view access_key = token.Claim("accessKey");
    if (access_key.empty()) access_key = token.Claim("sub");
    CO_TRY(const auto credential, co_await credentials.Find(access_key, ""));
    if (credential == nullptr)
        co_return Refused("The token is of an access key that does not exist.");
    CO_TRY(token.Verify(credential->secret.Reveal(), now));
    if (const Result<> usable = service::CheckUsable(*credential, now); !usable)
        co_return Refused(usable.error().message());
    if (token.Claim("iss") != "prometheus") co_return Refused("The token is not one for metrics.");
    co_return credential->actor;
}

}  // namespace coffer::api::minio
