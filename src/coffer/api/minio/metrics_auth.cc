#include "coffer/api/minio/metrics_auth.h"

#include "coffer/codec/ascii.h"
#include "coffer/codec/jwt.h"

namespace coffer::api::minio {
namespace {

Error Refused(std::string message) {
    return {ErrorKind::kUnauthenticated, std::move(message)};
}

}  // namespace

Result<> CheckMetricsToken(const http::Headers& headers, const service::Credentials& credentials,
                           Timestamp now) {
    constexpr std::string_view kScheme = "bearer ";
    if (headers.Count("authorization") > 1)
        return Refused("There are several Authorization headers.");
    const std::string_view value = headers.GetOr("authorization", "");
    if (!codec::EqualsIgnoringCase(value.substr(0, kScheme.size()), kScheme)) {
        return Refused(
            "A bearer token is needed. `mc admin prometheus generate` makes one; "
            "MINIO_PROMETHEUS_AUTH_TYPE=public makes metrics public.");
    }
    TRY(const auto token,
        codec::UnverifiedJwt::Parse(codec::TrimSpaces(value.substr(kScheme.size()))));
    // MinIO's clients name the access key as the subject, older ones in a claim of its own.
    std::string_view access_key = token.Claim("accessKey");
    if (access_key.empty()) access_key = token.Claim("sub");
    const Secret* const secret = credentials.Find(access_key);
    if (secret == nullptr) return Refused("The token is of an access key that does not exist.");
    TRY(token.Verify(secret->Reveal(), now));
    if (token.Claim("iss") != "prometheus") return Refused("The token is not one for metrics.");
    return Ok();
}

}  // namespace coffer::api::minio
