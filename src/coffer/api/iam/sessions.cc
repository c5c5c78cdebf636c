// AssumeRole, GetSessionToken, GetCallerIdentity. There are no roles: AssumeRole opens a session
// with the rights of who asks, as MinIO has it, and RoleArn says nothing.
#include <fmt/format.h>

#include <charconv>

#include "coffer/api/added_value.h"
#include "coffer/api/iam/operations.h"
#include "coffer/codec/date.h"
#include "coffer/service/iam/names.h"

namespace coffer::api::iam {
namespace {

using service::Session;

constexpr int64_t kMinSeconds = 900;
constexpr int64_t kMaxSeconds = 7 * 24 * 3600;

Result<std::chrono::seconds> ParseDuration(const Call& call, int64_t otherwise) {
    const std::string text = call.Optional("DurationSeconds");
    int64_t seconds = otherwise;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool number = error == std::errc() && end == text.data() + text.size();
    if (text.empty() || (number && seconds >= kMinSeconds && seconds <= kMaxSeconds))
        return std::chrono::seconds(text.empty() ? otherwise : seconds);
    return Error(
        ErrorKind::kInvalid, "ValidationError",
        fmt::format("DurationSeconds must be a number from {} to {}.", kMinSeconds, kMaxSeconds));
}

Task<Result<Session>> Open(const Call& call, std::string_view action, service::NewSession wanted) {
    AddedValue values(call.values, codec::policy::KeyId::kSessionSeconds,
                      std::vector{std::to_string(wanted.duration.count())});
    CO_TRY(co_await call.dependencies.access.CheckOwn(
        *call.actor, {.action = action, .resource = call.actor->principal.arn}, values));
    co_return co_await call.dependencies.access_keys.OpenSession(call.actor, std::move(wanted));
}

void WriteCredentials(codec::XmlWriter& xml, const Call& call, const Session& session) {
    xml.Open("Credentials")
        .Element("AccessKeyId", session.access_key)
        .Element("SecretAccessKey", session.secret_key.Reveal())
        .Element("SessionToken",
                 service::SealSession(call.dependencies.credentials.seal(), session))
        .Element("Expiration", codec::FormatIso8601(session.expires))
        .Close();
}

}  // namespace

Task<Result<>> AssumeRole(const Call& call, codec::XmlWriter& xml) {
    constexpr int64_t kHour = 3600;
    service::NewSession wanted{.name = call.Optional("RoleSessionName"),
                               .policy = call.Optional("Policy")};
    if (!wanted.name.empty()) {
        CO_TRY(service::CheckName("roleSessionName", wanted.name, 64));
    }
    CO_TRY(wanted.duration, ParseDuration(call, kHour));
    if (call.parameters.Has("PolicyArns.member.1.arn") || call.parameters.Has("SerialNumber"))
        co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                        "AssumeRole takes neither PolicyArns nor SerialNumber here.");
    CO_TRY(const Session session, co_await Open(call, "sts:AssumeRole", std::move(wanted)));
    const std::string_view role = session.user.empty() ? "root" : std::string_view(session.user);
    xml.Open("AssumedRoleUser")
        .Element("AssumedRoleId", fmt::format("{}:{}", call.actor->principal.user_id, session.name))
        .Element("Arn", fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", service::kAccount, role,
                                    session.name))
        .Close();
    WriteCredentials(xml, call, session);
    co_return Ok();
}

Task<Result<>> GetSessionToken(const Call& call, codec::XmlWriter& xml) {
    constexpr int64_t kTwelveHours = 12 * 3600;
    service::NewSession wanted;
    CO_TRY(wanted.duration, ParseDuration(call, kTwelveHours));
    CO_TRY(const Session session, co_await Open(call, "sts:GetSessionToken", std::move(wanted)));
    WriteCredentials(xml, call, session);
    co_return Ok();
}

Task<Result<>> GetCallerIdentity(const Call& call, codec::XmlWriter& xml) {
    const auto& principal = call.actor->principal;
    xml.Element("Arn", principal.arn)
        .Element("UserId", principal.user_id)
        .Element("Account", principal.account);
    co_return Ok();
}

}  // namespace coffer::api::iam
