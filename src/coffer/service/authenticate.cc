#include "coffer/service/authenticate.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "coffer/codec/ascii.h"
#include "coffer/codec/constant_time.h"
#include "coffer/codec/date.h"
#include "coffer/codec/sigv2.h"
#include "coffer/codec/sigv4.h"
#include "coffer/codec/sigv4_query.h"
#include "coffer/codec/uri.h"
#include "coffer/service/payload.h"

namespace coffer::service {
namespace {

using codec::CredentialPlace;
using codec::EqualsIgnoringCase;

constexpr std::chrono::minutes kMaxSkew{15};
constexpr std::string_view kMinio = "x-minio-";

// All that the checks look at.
struct Context {
    const http::Request& request;
    std::string_view path;  // as sent
    const codec::Query& query;
    std::span<const codec::HeaderField> headers;
    std::string_view virtual_bucket;
    const AuthenticateOptions& options;
    const Credentials::Found& credential;
    Timestamp now;
    std::optional<std::string_view> body_sha256;
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

Result<AuthType> FindMechanism(const http::Request& request, const codec::Query& query,
                               const AuthenticateOptions& options) {
    const auto has = [&](std::initializer_list<std::string_view> names) {
        return std::ranges::any_of(names, [&](auto name) { return query.Has(name); });
    };
    const auto authorization = request.headers.Get("authorization");
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
    if (is_v2 && !options.allow_sigv2) return MechanismNotSupported();
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

// The token of the request, wherever it stands: links have it in the query, some with a header's
// name. Two that differ are one too many.
Result<std::string_view> FindToken(const http::Request& request, const codec::Query& query) {
    std::optional<std::string_view> token = request.headers.Get("x-amz-security-token");
    for (const codec::QueryParameter& parameter : query.parameters()) {
        if (!EqualsIgnoringCase(parameter.name, "x-amz-security-token")) continue;
        if (token && *token != parameter.value)
            return InvalidArgument("The request has several security tokens.");
        token = parameter.value;
    }
    return token.value_or("");
}

Result<const Secret*> FindSecret(const Context& context) {
    if (context.credential != nullptr) return &context.credential->secret;
    return Error(ErrorKind::kDenied, "InvalidAccessKeyId",
                 "The AWS access key ID you provided does not exist in our records.");
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

// What changes a request's meaning: AWS's headers and MinIO's.
bool CountsAsSigned(std::string_view name) {
    return name.starts_with("x-amz-") || name.starts_with(kMinio);
}

Error NotSigned(std::string_view names) {
    return Denied(
        fmt::format("There were headers present in the request which were not signed: {}", names));
}

// Host and all of those must be signed: what is added on the way must not count.
Result<> CheckSignedHeaders(const Context& context,
                            const std::vector<std::string>& signed_headers) {
    const auto is_signed = [&](std::string_view name) {
        return std::ranges::any_of(
            signed_headers, [&](const auto& other) { return EqualsIgnoringCase(other, name); });
    };
    std::string missing = is_signed("host") ? "" : "host";
    for (const codec::HeaderField& header : context.headers) {
        const std::string name = codec::ToLower(header.name);
        if (!CountsAsSigned(name) || is_signed(name)) continue;
        missing += (missing.empty() ? "" : ", ") + name;
    }
    return missing.empty() ? Ok() : Result<>(NotSigned(missing));
}

// Version 2 signs none of MinIO's, which may come as parameters, too.
Result<> RefuseMinioHeaders(const Context& context) {
    const auto refuse = [](std::string_view name) -> Result<> {
        const std::string lower = codec::ToLower(name);
        return lower.starts_with(kMinio) ? Result<>(NotSigned(lower)) : Ok();
    };
    for (const codec::HeaderField& header : context.headers) {
        TRY(refuse(header.name));
    }
    for (const codec::QueryParameter& parameter : context.query.parameters()) {
        TRY(refuse(parameter.name));
    }
    return Ok();
}

// What both forms of version 4 have in common. `payload`: as it is signed.
Result<ChunkSeed> VerifySigV4(const Context& context, const codec::SigV4Signature& signature,
                              CredentialPlace place, Timestamp date, std::string_view payload) {
    TRY(CheckRegion(context, signature.credential, place));
    TRY(const Secret* const secret, FindSecret(context));
    TRY(CheckSignedHeaders(context, signature.signed_headers));
    thread_local codec::SigningKeyCache signing_keys;
    ChunkSeed seed;
    seed.signing_key = signing_keys.Get(*secret, signature.credential);
    seed.timestamp = codec::FormatBasicDate(date);
    seed.scope = signature.credential.Scope();
    for (const auto order : {codec::QueryOrder::kByNameAndValue, codec::QueryOrder::kByName}) {
        TRY(const std::string canonical,
            codec::SigV4CanonicalRequest(context.request.method, context.path,
                                         codec::SigV4CanonicalQuery(context.query, order),
                                         context.headers, signature.signed_headers, payload));
        seed.signature = codec::SigV4Sign(
            seed.signing_key,
            codec::SigV4StringToSign(seed.timestamp, signature.credential, canonical));
        if (codec::EqualInConstantTime(seed.signature, signature.signature)) return seed;
        if (!codec::HasRepeatedName(context.query)) break;
    }
    return DoesNotMatch();
}

// Of a request whose signature is right.
Result<Identity> Admit(const Context& context, Payload payload, AuthType auth_type,
                       std::optional<Timestamp> signed_at = std::nullopt) {
    TRY(CheckUsable(*context.credential, context.now));
    return Identity{context.credential->actor, std::move(payload), auth_type, signed_at};
}

Result<Identity> BySigV4Header(const Context& context, const codec::SigV4Signature& signature) {
    const http::Headers& headers = context.request.headers;
    TRY(const Timestamp date, DateOf(headers));
    const std::string day = codec::FormatBasicDate(date).substr(0, 8);
    if (signature.credential.date != day) {
        return codec::MalformedCredential(
            CredentialPlace::kHeader, "Invalid credential date \"" + signature.credential.date +
                                          "\". This date is not the same as X-Amz-Date: \"" + day +
                                          "\".");
    }
    TRY(CheckSkew(date, context.now));
    auto declared = headers.Get("x-amz-content-sha256");
    if (!declared) declared = context.body_sha256;
    if (!declared) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "Missing required header for this request: x-amz-content-sha256");
    }
    TRY(const auto seed,
        VerifySigV4(context, signature, CredentialPlace::kHeader, date, *declared));
    TRY(auto payload, DescribePayload(headers, declared, &seed));
    return Admit(context, std::move(payload), AuthType::kSigV4Header, date);
}

Result<Identity> BySigV4Query(const Context& context, const codec::SigV4Presigned& presigned) {
    if (presigned.date > context.now + kMaxSkew) return Denied("Request is not valid yet");
    if (context.now > presigned.date + presigned.expires) return Denied("Request has expired");
    auto declared = context.query.Get("X-Amz-Content-Sha256");
    if (!declared) declared = context.request.headers.Get("x-amz-content-sha256");
    TRY(VerifySigV4(context, presigned.signature, CredentialPlace::kQuery, presigned.date,
                    declared.value_or("UNSIGNED-PAYLOAD")));
    TRY(auto payload, DescribePayload(context.request.headers, declared, nullptr));
    return Admit(context, std::move(payload), AuthType::kSigV4Query, presigned.date);
}

// What both forms of version 2 have in common. `expires`: of the presigned form, else empty.
Result<Identity> VerifySigV2(const Context& context, const codec::SigV2Signature& signature,
                             std::string_view expires) {
    TRY(const Secret* const secret, FindSecret(context));
    std::string path(context.path);
    if (!context.virtual_bucket.empty()) path = "/" + std::string(context.virtual_bucket) + path;
    const std::string expected = codec::SigV2Sign(
        secret->Reveal(), codec::SigV2StringToSign(context.request.method, path, context.query,
                                                   context.headers, expires));
    if (!codec::EqualInConstantTime(expected, signature.signature)) return DoesNotMatch();
    TRY(RefuseMinioHeaders(context));
    TRY(auto payload,
        DescribePayload(context.request.headers,
                        context.request.headers.Get("x-amz-content-sha256"), nullptr));
    return Admit(context, std::move(payload),
                 expires.empty() ? AuthType::kSigV2Header : AuthType::kSigV2Query);
}

Result<Identity> BySigV2Header(const Context& context, const codec::SigV2Signature& signature) {
    TRY(const Timestamp date, DateOf(context.request.headers));
    TRY(CheckSkew(date, context.now));
    return VerifySigV2(context, signature, "");
}

Result<Identity> BySigV2Query(const Context& context, const codec::SigV2Presigned& presigned) {
    if (context.now > presigned.expires_at) return Denied("Request has expired");
    return VerifySigV2(context, presigned.signature, presigned.expires);
}

Result<Identity> WithoutCredentials(const Context& context) {
    TRY(auto payload,
        DescribePayload(context.request.headers,
                        context.request.headers.Get("x-amz-content-sha256"), nullptr));
    return Identity{Anonymous(), std::move(payload)};
}

}  // namespace

const std::shared_ptr<const Actor>& Anonymous() {
    static const auto anonymous = std::make_shared<const Actor>();
    return anonymous;
}

Claim::Claim(const http::Request& request, const codec::Query& query,
             std::string_view virtual_bucket, const AuthenticateOptions& options)
    : request_(request),
      query_(query),
      path_(codec::SplitTarget(request.target).path),
      virtual_bucket_(virtual_bucket),
      options_(options) {
    headers_.reserve(request.headers.size());
    for (const http::Header& header : request.headers)
        headers_.push_back({header.name, header.value});
}

Result<Claim> Claim::Read(const http::Request& request, const codec::Query& query,
                          std::string_view virtual_bucket, const AuthenticateOptions& options) {
    TRY(CheckSingle(request.headers));
    Claim claim(request, query, virtual_bucket, options);
    TRY(const AuthType mechanism, FindMechanism(request, query, options));
    if (mechanism != AuthType::kNone) {
        TRY(claim.token_, FindToken(request, query));
    }
    const std::string_view authorization = request.headers.GetOr("authorization", "");
    switch (mechanism) {
        case AuthType::kNone:
            break;
        case AuthType::kSigV4Header: {
            TRY(claim.signature_, codec::ParseSigV4Authorization(authorization, options.services));
            break;
        }
        case AuthType::kSigV4Query: {
            TRY(claim.signature_, codec::ParseSigV4Query(query));
            break;
        }
        case AuthType::kSigV2Header: {
            TRY(claim.signature_, codec::ParseSigV2Authorization(authorization));
            break;
        }
        case AuthType::kSigV2Query: {
            TRY(claim.signature_, codec::ParseSigV2Query(query));
            break;
        }
        case AuthType::kSigV4Form:
        case AuthType::kSigV2Form:
            break;
    }
    return claim;
}

std::string_view Claim::access_key() const {
    if (const auto* by = std::get_if<codec::SigV4Signature>(&signature_))
        return by->credential.access_key;
    if (const auto* by = std::get_if<codec::SigV4Presigned>(&signature_))
        return by->signature.credential.access_key;
    if (const auto* by = std::get_if<codec::SigV2Signature>(&signature_)) return by->access_key;
    if (const auto* by = std::get_if<codec::SigV2Presigned>(&signature_))
        return by->signature.access_key;
    return {};
}

Result<Identity> Claim::Prove(const Credentials::Found& credential, Timestamp now,
                              std::optional<std::string_view> body_sha256) const {
    const Context context{.request = request_,
                          .path = path_,
                          .query = query_,
                          .headers = headers_,
                          .virtual_bucket = virtual_bucket_,
                          .options = options_,
                          .credential = credential,
                          .now = now,
                          .body_sha256 = body_sha256};
    if (const auto* by = std::get_if<codec::SigV4Signature>(&signature_))
        return BySigV4Header(context, *by);
    if (const auto* by = std::get_if<codec::SigV4Presigned>(&signature_))
        return BySigV4Query(context, *by);
    if (const auto* by = std::get_if<codec::SigV2Signature>(&signature_))
        return BySigV2Header(context, *by);
    if (const auto* by = std::get_if<codec::SigV2Presigned>(&signature_))
        return BySigV2Query(context, *by);
    return WithoutCredentials(context);
}

Task<Result<Identity>> Authenticate(const http::Request& request, const codec::Query& query,
                                    std::string_view virtual_bucket, Credentials& credentials,
                                    const AuthenticateOptions& options, Timestamp now) {
    CO_TRY(const Claim claim, Claim::Read(request, query, virtual_bucket, options));
    Credentials::Found credential;
    if (!claim.access_key().empty()) {
        CO_TRY(credential, co_await credentials.Find(claim.access_key(), claim.token()));
    }
    co_return claim.Prove(credential, now);
}

}  // namespace coffer::service
