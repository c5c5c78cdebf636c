#include "coffer/codec/jwt.h"

#include <openssl/evp.h>

#include <optional>
#include <utility>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/constant_time.h"

namespace coffer::codec {
namespace {

Error Refused(std::string message) {
    return {ErrorKind::kUnauthenticated, "The token is not valid: " + std::move(message)};
}

std::string Hmac(const char* digest, std::string_view key, std::string_view text) {
    std::string mac(EVP_MAX_MD_SIZE, '\0');
    size_t size = 0;
    const auto* result =
        EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.data(), key.size(),
                  reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                  reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &size);
    COFFER_CHECK(result != nullptr);
    mac.resize(size);
    return mac;
}

Result<JsonValue> ParsePart(std::string_view part) {
    const auto text = Base64UrlDecode(part);
    if (!text) return Refused("a part is not base64url.");
    constexpr JsonLimits kLimits{.max_depth = 8, .max_values = 200};
    auto value = ParseJson(*text, kLimits);
    if (!value || value.value().AsObject() == nullptr) return Refused("a part is no JSON object.");
    return value;
}

// Seconds since 1970, whole or not; nothing where there is no such claim. Out of reach of a
// Timestamp, the far end.
Result<std::optional<Timestamp>> Time(const JsonValue& claims, std::string_view name) {
    const JsonValue* const claim = claims.Find(name);
    if (claim == nullptr) return std::nullopt;
    const auto seconds = claim->AsDouble();
    if (!seconds) return Refused(std::string(name) + " is no number.");
    constexpr double kFar = 253'402'300'799;  // the end of the year 9999
    if (*seconds >= kFar) return FromMicros(static_cast<int64_t>(kFar) * 1'000'000);
    if (*seconds <= -kFar) return FromMicros(static_cast<int64_t>(-kFar) * 1'000'000);
    return FromMicros(static_cast<int64_t>(*seconds * 1e6));
}

}  // namespace

Result<UnverifiedJwt> UnverifiedJwt::Parse(std::string_view text) {
    if (text.size() > kMaxJwtBytes) return Refused("it is too long.");
    const auto parts = Split(text, '.');
    if (parts.size() != 3) return Refused("it does not have three parts.");
    TRY(const JsonValue header, ParsePart(parts[0]));

    UnverifiedJwt token;
    const JsonValue* const algorithm = header.Find("alg");
    const std::string* const name = algorithm == nullptr ? nullptr : algorithm->AsString();
    if (name != nullptr && *name == "HS256") {
        token.algorithm_ = Algorithm::kHs256;
    } else if (name != nullptr && *name == "HS384") {
        token.algorithm_ = Algorithm::kHs384;
    } else if (name != nullptr && *name == "HS512") {
        token.algorithm_ = Algorithm::kHs512;
    } else {
        return Refused("its algorithm is not HS256, HS384 or HS512.");
    }
    // Extensions that must be understood (RFC 7515, 4.1.11): none is.
    if (header.Find("crit") != nullptr) return Refused("it asks for extensions.");

    TRY(token.claims_, ParsePart(parts[1]));
    auto signature = Base64UrlDecode(parts[2]);
    if (!signature) return Refused("its signature is not base64url.");
    token.signature_ = *std::move(signature);
    token.signed_text_ = text.substr(0, parts[0].size() + 1 + parts[1].size());
    return token;
}

std::string_view UnverifiedJwt::Claim(std::string_view name) const {
    const JsonValue* const claim = claims_.Find(name);
    const std::string* const text = claim == nullptr ? nullptr : claim->AsString();
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

Result<JsonValue> UnverifiedJwt::Verify(std::string_view key, Timestamp now) const {
    if (key.empty()) return Refused("there is no key to verify it with.");
    const char* const digest = algorithm_ == Algorithm::kHs256   ? "SHA256"
                               : algorithm_ == Algorithm::kHs384 ? "SHA384"
                                                                 : "SHA512";
    if (!EqualInConstantTime(Hmac(digest, key, signed_text_), signature_)) {
        return Refused("its signature does not match.");
    }
    TRY(const auto end, Time(claims_, "exp"));
    if (!end) return Refused("it has no end (exp).");
    if (now >= *end) return Refused("it has expired.");
    TRY(const auto begin, Time(claims_, "nbf"));
    if (begin && now < *begin) return Refused("it is not valid yet (nbf).");
    return claims_;
}

}  // namespace coffer::codec
