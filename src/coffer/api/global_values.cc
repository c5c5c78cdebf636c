#include "coffer/api/global_values.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "coffer/codec/date.h"

namespace coffer::api {
namespace {

using codec::policy::ConditionKey;
using codec::policy::ConditionValues;
using codec::policy::KeyId;
using service::AuthType;

ConditionValues One(std::optional<std::string_view> value) {
    if (!value) return std::nullopt;
    return std::vector{std::string(*value)};
}

ConditionValues Flag(bool value) {
    return One(value ? "true" : "false");
}

std::optional<std::string_view> AuthTypeName(AuthType type) {
    switch (type) {
        case AuthType::kNone:
            return std::nullopt;
        case AuthType::kSigV4Header:
        case AuthType::kSigV2Header:
            return "REST-HEADER";
        case AuthType::kSigV4Query:
        case AuthType::kSigV2Query:
            return "REST-QUERY-STRING";
        case AuthType::kSigV4Form:
        case AuthType::kSigV2Form:
            return "POST";
    }
    return std::nullopt;
}

std::optional<std::string_view> SignatureVersion(AuthType type) {
    switch (type) {
        case AuthType::kNone:
            return std::nullopt;
        case AuthType::kSigV4Header:
        case AuthType::kSigV4Query:
        case AuthType::kSigV4Form:
            return "AWS4-HMAC-SHA256";
        case AuthType::kSigV2Header:
        case AuthType::kSigV2Query:
        case AuthType::kSigV2Form:
            return "AWS";
    }
    return std::nullopt;
}

}  // namespace

ConditionValues GlobalValues::Find(const ConditionKey& key) {
    using std::chrono::duration_cast;
    switch (key.id) {
        case KeyId::kCurrentTime:
            return One(codec::FormatIso8601(now_));
        case KeyId::kEpochTime:
            return One(std::to_string(
                duration_cast<std::chrono::seconds>(now_.time_since_epoch()).count()));
        case KeyId::kUserAgent:
            return One(request_.headers.Get("user-agent"));
        case KeyId::kReferer:
            return One(request_.headers.Get("referer"));
        case KeyId::kSourceIp:
            return One(request_.peer.address);
        case KeyId::kSecureTransport:
            return Flag(request_.peer.tls);
        case KeyId::kRequestedRegion:
            return One(region_);
        case KeyId::kAuthType:
            return One(AuthTypeName(identity_.auth_type));
        case KeyId::kSignatureVersion:
            return One(SignatureVersion(identity_.auth_type));
        case KeyId::kSignatureAge:
            if (!identity_.signed_at) return std::nullopt;
            return One(std::to_string(
                duration_cast<std::chrono::milliseconds>(now_ - *identity_.signed_at).count()));
        default:
            return std::nullopt;
    }
}

}  // namespace coffer::api
