// What the tests of Authenticate share: a request that is signed right, in each of the ways there
// are.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/codec/date.h"
#include "coffer/codec/sigv2.h"
#include "coffer/codec/sigv4.h"
#include "coffer/codec/uri.h"
#include "coffer/service/authenticate.h"

namespace coffer::service {

inline constexpr std::string_view kAccessKey = "EXAMPLEACCESSKEY";
inline constexpr std::string_view kSecretKey = "example/secret+key";
inline constexpr std::string_view kNoBody =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

inline const Timestamp kNow = codec::ParseBasicDate("20260301T123456Z").value();

inline Credentials::Found CredentialOf(std::string_view access_key, std::string_view secret_key) {
    Actor actor;
    actor.access_key = access_key;
    actor.key_kind = KeyKind::kOwn;
    actor.principal.kind = codec::policy::Principal::Kind::kRoot;
    return std::make_shared<const Credential>(Credential{
        .secret = Secret(std::string(secret_key)), .actor = std::make_shared<const Actor>(actor)});
}

// The right request, of which each test changes something.
struct Draft {
    std::string method = "GET";
    std::string target = "/bucket/key?partNumber=1";
    http::Headers headers;
    std::string access_key{kAccessKey};
    std::string secret_key{kSecretKey};
    std::string region = "us-east-1";
    Timestamp date = kNow;
    std::optional<Timestamp> scope_date;
    std::string payload{kNoBody};
    std::vector<std::string> signed_headers{"host", "x-amz-content-sha256", "x-amz-date"};

    Draft() { headers.Add("Host", "localhost:9000"); }

    codec::SigV4Credential Credential() const {
        return {access_key, codec::FormatBasicDate(scope_date.value_or(date)).substr(0, 8), region};
    }

    std::string SignatureFor(const http::Request& request) const {
        const auto target_parts = codec::SplitTarget(request.target);
        const auto query = codec::Query::Parse(target_parts.query.value_or("")).value();
        std::vector<codec::HeaderField> fields;
        for (const auto& header : request.headers)
            fields.push_back({header.name, header.value});
        const auto canonical = codec::SigV4CanonicalRequest(request.method, target_parts.path,
                                                            query, fields, signed_headers, payload)
                                   .value();
        return codec::SigV4Sign(
            codec::SigV4SigningKey(secret_key, Credential()),
            codec::SigV4StringToSign(codec::FormatBasicDate(date), Credential(), canonical));
    }

    std::string SignedHeaders() const {
        std::string names;
        for (const auto& name : signed_headers)
            names += (names.empty() ? "" : ";") + name;
        return names;
    }

    http::Request Signed() const {
        http::Request request{method, target, headers, {}, nullptr};
        request.headers.Add("X-Amz-Date", codec::FormatBasicDate(date));
        request.headers.Add("X-Amz-Content-SHA256", payload);
        request.headers.Add("Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/" +
                                                 Credential().Scope() +
                                                 ", SignedHeaders=" + SignedHeaders() +
                                                 ", Signature=" + SignatureFor(request));
        return request;
    }

    http::Request Presigned(std::string_view expires = "60") const {
        Draft usual = *this;
        usual.signed_headers = {"host"};
        usual.payload = "UNSIGNED-PAYLOAD";
        return usual.PresignedAsIs(expires);
    }

    http::Request PresignedAsIs(std::string_view expires) const {
        http::Request request{method, target, headers, {}, nullptr};
        request.target += target.find('?') == std::string::npos ? '?' : '&';
        request.target += "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
                          codec::PercentEncode(access_key + "/" + Credential().Scope()) +
                          "&X-Amz-Date=" + codec::FormatBasicDate(date) +
                          "&X-Amz-Expires=" + std::string(expires) +
                          "&X-Amz-SignedHeaders=" + codec::PercentEncode(SignedHeaders());
        request.target += "&X-Amz-Signature=" + SignatureFor(request);
        return request;
    }

    std::string SignatureV2For(const http::Request& request, std::string_view expires,
                               std::string_view virtual_bucket) const {
        const auto target_parts = codec::SplitTarget(request.target);
        const auto query = codec::Query::Parse(target_parts.query.value_or("")).value();
        std::vector<codec::HeaderField> fields;
        for (const auto& header : request.headers)
            fields.push_back({header.name, header.value});
        std::string path(target_parts.path);
        if (!virtual_bucket.empty()) path = "/" + std::string(virtual_bucket) + path;
        return codec::SigV2Sign(
            secret_key, codec::SigV2StringToSign(request.method, path, query, fields, expires));
    }

    http::Request SignedV2(std::string_view virtual_bucket = "") const {
        http::Request request{method, target, headers, {}, nullptr};
        request.headers.Add("Date", codec::FormatHttpDate(date));
        request.headers.Add("Authorization", "AWS " + access_key + ":" +
                                                 SignatureV2For(request, "", virtual_bucket));
        return request;
    }

    http::Request PresignedV2(Timestamp expires_at) const {
        const std::string expires = std::to_string(ToMicros(expires_at) / 1'000'000);
        http::Request request{method, target, headers, {}, nullptr};
        const std::string signature = codec::PercentEncode(SignatureV2For(request, expires, ""));
        request.target += target.find('?') == std::string::npos ? '?' : '&';
        request.target +=
            "AWSAccessKeyId=" + access_key + "&Expires=" + expires + "&Signature=" + signature;
        return request;
    }
};

inline Result<Identity> Ask(const http::Request& request, const AuthenticateOptions& options = {},
                            std::string_view virtual_bucket = "",
                            const Credentials::Found& known = CredentialOf(kAccessKey,
                                                                           kSecretKey)) {
    TRY(const auto query,
        codec::Query::Parse(codec::SplitTarget(request.target).query.value_or("")));
    TRY(const Claim claim, Claim::Read(request, query, virtual_bucket, options));
    if (!claim.token().empty()) return Error(ErrorKind::kInvalid, "InvalidToken", "");
    return claim.Prove(claim.access_key() == known->actor->access_key ? known : nullptr, kNow);
}

// "ok", or the code and the beginning of the message.
inline std::string Answer(const http::Request& request, const AuthenticateOptions& options = {}) {
    const auto identity = Ask(request, options);
    if (!identity) return std::string(identity.error().code());
    return identity.value().actor->anonymous() ? "anonymous" : "ok";
}

inline std::string MessageOf(const http::Request& request,
                             const AuthenticateOptions& options = {}) {
    const auto identity = Ask(request, options);
    return identity ? "ok" : identity.error().message();
}

inline void ReplaceInAuthorization(http::Request& request, std::string_view from,
                                   std::string_view to) {
    std::string value(request.headers.GetOr("authorization", ""));
    const size_t at = value.find(from);
    ASSERT_NE(at, std::string::npos);
    value.replace(at, from.size(), to);
    request.headers.Set("Authorization", value);
}

inline void ReplaceInTarget(http::Request& request, std::string_view from, std::string_view to) {
    const size_t at = request.target.find(from);
    ASSERT_NE(at, std::string::npos);
    request.target.replace(at, from.size(), to);
}

}  // namespace coffer::service
