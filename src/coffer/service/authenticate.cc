#include "coffer/service/authenticate.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/constant_time.h"
#include "coffer/codec/date.h"
#include "coffer/codec/sigv2.h"
#include "coffer/codec/sigv4.h"
#include "coffer/codec/uri.h"
#include "coffer/service/payload.h"

namespace coffer::service {
namespace {

using codec::CredentialPlace;
using codec::EqualsIgnoringCase;

constexpr std::chrono::minutes kMaxSkew{15};

// All that the checks look at, taken apart once.
struct Context {
    const http::Request& request;
    std::string_view path;  // as sent
    const codec::Query& query;
    std::vector<codec::HeaderField> headers;
    std::string_view virtual_bucket;
    const Credentials& credentials;
    const AuthenticateOptions& options;
    Timestamp now;
};

Error Denied(std::string message) {
    return {ErrorKind::kDenied, "AccessDenied", std::move(message)};
}

Error InvalidArgument(std::string message) {
    return {ErrorKind::kInvalid, "InvalidArgument", std::move(message)};
}

Error MechanismNotSupported() {
    return {ErrorKind::kInvalid, "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use "
            "AWS4-HMAC-SHA256."};
}

Error DoesNotMatch() {
    return {ErrorKind::kDenied, "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check "
            "your key and signing method."};
}

// Of these a second one would leave open which was meant: who checks and who acts could differ.
Result<> CheckSingle(const http::Headers& headers) {
    for (const std::string_view name :
         {"authorization", "host", "date", "x-amz-date", "x-amz-content-sha256",
          "x-amz-security-token", "x-amz-decoded-content-length"}) {
        if (headers.Count(name) > 1) {
            return InvalidArgument("The request has the header " + std::string(name) +
                                   " more than once.");
        }
    }
    return Ok();
}

Result<AuthType> MechanismOf(std::string_view authorization) {
    const size_t space = authorization.find(' ');
    if (space == std::string_view::npos) {
        return InvalidArgument(
            "Authorization header is invalid -- one and only one ' ' (space) required.");
    }
    const std::string_view scheme = authorization.substr(0, space);
    if (scheme == codec::kSigV4Algorithm) return AuthType::kSigV4Header;
    if (scheme == "AWS") return AuthType::kSigV2Header;
    if (scheme.starts_with("AWS4-")) return MechanismNotSupported();
    return InvalidArgument("Unsupported Authorization Type");
}

Result<AuthType> FindMechanism(const Context& context) {
    const auto has = [&](std::initializer_list<std::string_view> names) {
        return std::ranges::any_of(names, [&](auto name) { return context.query.Has(name); });
    };
    const auto authorization = context.request.headers.Get("authorization");
    const bool v4 = has({"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"});
    const bool v2 = has({"AWSAccessKeyId", "Signature"});
    if (int{authorization.has_value()} + int{v4} + int{v2} > 1) {
        return InvalidArgument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
            "query string parameter or the Authorization header should be specified");
    }
    AuthType mechanism = v4 ? AuthType::kSigV4Query : v2 ? AuthType::kSigV2Query : AuthType::kNone;
    if (authorization) {
        TRY(mechanism, MechanismOf(*authorization));
    }
    const bool is_v2 = mechanism == AuthType::kSigV2Header || mechanism == AuthType::kSigV2Query;
    if (is_v2 && !context.options.allow_sigv2) return MechanismNotSupported();
    return mechanism;
}

// The time of a request that is signed by header. S3 prefers x-amz-date, since not every client may
// set Date.
Result<Timestamp> DateOf(const http::Headers& headers) {
    const auto amz_date = headers.Get("x-amz-date");
    const std::string_view text = amz_date ? *amz_date : headers.GetOr("date", "");
    auto time = codec::ParseBasicDate(text);
    if (!time) time = codec::ParseHttpDate(text);
    if (!time) return Denied("AWS authentication requires a valid Date or x-amz-date header");
    return *time;
}

Result<> CheckSkew(Timestamp date, Timestamp now) {
    if (date < now - kMaxSkew || date > now + kMaxSkew) {
        return Error(ErrorKind::kDenied, "RequestTimeTooSkewed",
                     "The difference between the request time and the current time is too large.");
    }
    return Ok();
}

// The secret of a key that is known. There are no temporary credentials, so a token belongs to
// none.
Result<const Secret*> FindSecret(const Context& context, std::string_view access_key) {
    const Secret* const secret = context.credentials.Find(access_key);
    if (secret == nullptr) {
        return Error(ErrorKind::kDenied, "InvalidAccessKeyId",
                     "The AWS access key ID you provided does not exist in our records.");
    }
    const bool token_in_query =
        std::ranges::any_of(context.query.parameters(), [](const auto& parameter) {
            return EqualsIgnoringCase(parameter.name, "x-amz-security-token");
        });
    if (token_in_query || context.request.headers.Has("x-amz-security-token")) {
        return Error(ErrorKind::kInvalid, "InvalidToken",
                     "The provided token is malformed or otherwise invalid.");
    }
    return secret;
}

// Clients ask with any region where a bucket is, and which buckets there are.
bool RegionMatters(const Context& context) {
    if (context.request.method != "GET") return true;
    const bool lists_buckets = context.path == "/" && context.virtual_bucket.empty();
    return !lists_buckets && !context.query.Has("location");
}

Result<> CheckRegion(const Context& context, const codec::SigV4Credential& credential,
                     CredentialPlace place) {
    const std::string& expected = context.options.region;
    if (expected.empty() || credential.region == expected || !RegionMatters(context)) return Ok();
    return codec::MalformedCredential(
        place, "the region '" + credential.region + "' is wrong; expecting '" + expected + "'");
}

// Host and every x-amz-* header must be signed: what is added on the way must not count.
Result<> CheckSignedHeaders(const Context& context,
                            const std::vector<std::string>& signed_headers) {
    const auto is_signed = [&](std::string_view name) {
        return std::ranges::any_of(
            signed_headers, [&](const auto& other) { return EqualsIgnoringCase(other, name); });
    };
    std::string missing = is_signed("host") ? "" : "host";
    for (const codec::HeaderField& header : context.headers) {
        const std::string name = codec::ToLower(header.name);
        if (!name.starts_with("x-amz-") || is_signed(name)) continue;
        missing += (missing.empty() ? "" : ", ") + name;
    }
    if (missing.empty()) return Ok();
    return Denied("There were headers present in the request which were not signed: " + missing);
}

// What both forms of version 4 have in common. `payload`: as it is signed.
Result<ChunkSeed> VerifySigV4(const Context& context, const codec::SigV4Signature& signature,
                              CredentialPlace place, Timestamp date, std::string_view payload) {
    TRY(CheckRegion(context, signature.credential, place));
    TRY(const Secret* const secret, FindSecret(context, signature.credential.access_key));
    TRY(CheckSignedHeaders(context, signature.signed_headers));
    TRY(const std::string canonical,
        codec::SigV4CanonicalRequest(context.request.method, context.path, context.query,
                                     context.headers, signature.signed_headers, payload));
    thread_local codec::SigningKeyCache signing_keys;
    ChunkSeed seed;
    seed.signing_key = signing_keys.Get(*secret, signature.credential);
    seed.timestamp = codec::FormatBasicDate(date);
    seed.scope = signature.credential.Scope();
    seed.signature =
        codec::SigV4Sign(seed.signing_key,
                         codec::SigV4StringToSign(seed.timestamp, signature.credential, canonical));
    if (!codec::EqualInConstantTime(seed.signature, signature.signature)) return DoesNotMatch();
    return seed;
}

// There is no key but root's.
Identity IdentityOf(const Context& context, Payload payload, AuthType auth_type,
                    std::optional<Timestamp> signed_at = std::nullopt) {
    return {context.credentials.root(), std::move(payload), auth_type, signed_at};
}

Result<Identity> BySigV4Header(const Context& context) {
    const http::Headers& headers = context.request.headers;
    TRY(const auto signature, codec::ParseSigV4Authorization(headers.GetOr("authorization", "")));
    TRY(const Timestamp date, DateOf(headers));
    const std::string day = codec::FormatBasicDate(date).substr(0, 8);
    if (signature.credential.date != day) {
        return codec::MalformedCredential(
            CredentialPlace::kHeader, "Invalid credential date \"" + signature.credential.date +
                                          "\". This date is not the same as X-Amz-Date: \"" + day +
                                          "\".");
    }
    TRY(CheckSkew(date, context.now));
    const auto declared = headers.Get("x-amz-content-sha256");
    if (!declared) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "Missing required header for this request: x-amz-content-sha256");
    }
    TRY(const auto seed,
        VerifySigV4(context, signature, CredentialPlace::kHeader, date, *declared));
    TRY(auto payload, DescribePayload(headers, declared, &seed));
    return IdentityOf(context, std::move(payload), AuthType::kSigV4Header, date);
}

Result<Identity> BySigV4Query(const Context& context) {
    TRY(const auto presigned, codec::ParseSigV4Query(context.query));
    if (presigned.date > context.now + kMaxSkew) return Denied("Request is not valid yet");
    if (context.now > presigned.date + presigned.expires) return Denied("Request has expired");
    auto declared = context.query.Get("X-Amz-Content-Sha256");
    if (!declared) declared = context.request.headers.Get("x-amz-content-sha256");
    TRY(VerifySigV4(context, presigned.signature, CredentialPlace::kQuery, presigned.date,
                    declared.value_or("UNSIGNED-PAYLOAD")));
    TRY(auto payload, DescribePayload(context.request.headers, declared, nullptr));
    return IdentityOf(context, std::move(payload), AuthType::kSigV4Query, presigned.date);
}

// What both forms of version 2 have in common. `expires`: of the presigned form, else empty.
Result<Identity> VerifySigV2(const Context& context, const codec::SigV2Signature& signature,
                             std::string_view expires) {
    TRY(const Secret* const secret, FindSecret(context, signature.access_key));
    std::string path(context.path);
    if (!context.virtual_bucket.empty()) path = "/" + std::string(context.virtual_bucket) + path;
    const std::string expected = codec::SigV2Sign(
        secret->Reveal(), codec::SigV2StringToSign(context.request.method, path, context.query,
                                                   context.headers, expires));
    if (!codec::EqualInConstantTime(expected, signature.signature)) return DoesNotMatch();
    TRY(auto payload,
        DescribePayload(context.request.headers,
                        context.request.headers.Get("x-amz-content-sha256"), nullptr));
    return IdentityOf(context, std::move(payload),
                      expires.empty() ? AuthType::kSigV2Header : AuthType::kSigV2Query);
}

Result<Identity> BySigV2Header(const Context& context) {
    const http::Headers& headers = context.request.headers;
    TRY(const auto signature, codec::ParseSigV2Authorization(headers.GetOr("authorization", "")));
    TRY(const Timestamp date, DateOf(headers));
    TRY(CheckSkew(date, context.now));
    return VerifySigV2(context, signature, "");
}

Result<Identity> BySigV2Query(const Context& context) {
    TRY(const auto presigned, codec::ParseSigV2Query(context.query));
    if (context.now > presigned.expires_at) return Denied("Request has expired");
    return VerifySigV2(context, presigned.signature, presigned.expires);
}

Result<Identity> Anonymous(const Context& context) {
    TRY(auto payload,
        DescribePayload(context.request.headers,
                        context.request.headers.Get("x-amz-content-sha256"), nullptr));
    return Identity{{}, std::move(payload)};
}

}  // namespace

Credentials::Credentials(std::string root_access_key, Secret root_secret_key)
    : root_access_key_(std::move(root_access_key)), root_secret_key_(std::move(root_secret_key)) {
    root_.kind = codec::policy::Principal::Kind::kRoot;
    root_.arn = "arn:aws:iam::" + std::string(kAccount) + ":root";
    root_.account = kAccount;
    root_.canonical_id = kCanonicalId;
    root_.user_id = kAccount;
}

const Secret* Credentials::Find(std::string_view access_key) const {
    return access_key == root_access_key_ ? &root_secret_key_ : nullptr;
}

Result<Identity> Authenticate(const http::Request& request, const codec::Query& query,
                              std::string_view virtual_bucket, const Credentials& credentials,
                              const AuthenticateOptions& options, Timestamp now) {
    TRY(CheckSingle(request.headers));
    const std::string_view path = codec::SplitTarget(request.target).path;
    Context context{request, path, query, {}, virtual_bucket, credentials, options, now};
    context.headers.reserve(request.headers.size());
    for (const http::Header& header : request.headers) {
        context.headers.push_back({header.name, header.value});
    }
    TRY(const AuthType mechanism, FindMechanism(context));
    switch (mechanism) {
        case AuthType::kNone:
            return Anonymous(context);
        case AuthType::kSigV4Header:
            return BySigV4Header(context);
        case AuthType::kSigV4Query:
            return BySigV4Query(context);
        case AuthType::kSigV2Header:
            return BySigV2Header(context);
        case AuthType::kSigV2Query:
            return BySigV2Query(context);
        case AuthType::kSigV4Form:
        case AuthType::kSigV2Form:
            break;
    }
    COFFER_FATAL("no such mechanism");
}

}  // namespace coffer::service
