// Who asks? Answered once, in one place, for every request of the S3 port: SigV4 and SigV2, by
// header and by query.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/codec/aws_chunked.h"
#include "coffer/codec/sigv2.h"
#include "coffer/codec/sigv4.h"
#include "coffer/codec/uri.h"
#include "coffer/http/message.h"
#include "coffer/runtime/task.h"
#include "coffer/service/actor.h"
#include "coffer/service/iam/credentials.h"

namespace coffer::service {

// How a request proved who sent it.
enum class AuthType : uint8_t {
    kNone,
    kSigV4Header,
    kSigV4Query,
    kSigV4Form,
    kSigV2Header,
    kSigV2Query,
    kSigV2Form,
};

struct AuthenticateOptions {
    std::string region;  // empty: any region of the signer is accepted
    bool allow_sigv2 = true;
    codec::SigV4Services services = codec::SigV4Services::kS3;
};

// How the body is to be read and checked.
struct Payload {
    enum class Kind : uint8_t {
        kPlain,    // the bytes of the body, unsigned
        kDigest,   // the bytes of the body, whose SHA-256 was signed
        kChunked,  // aws-chunked: `chunked` says how chunks and trailer are signed
    };
    Kind kind = Kind::kPlain;
    std::optional<codec::Sha256Digest> sha256;        // kDigest
    std::optional<codec::AwsChunkedOptions> chunked;  // kChunked
};

struct Identity {
    std::shared_ptr<const Actor> actor;  // never null
    Payload payload;
    AuthType auth_type = AuthType::kNone;
    std::optional<Timestamp> signed_at = std::nullopt;  // by version 4
};

// Of a request that needs no credentials, or has none.
const std::shared_ptr<const Actor>& Anonymous();

// What a request says of who sent it, before it is known whether that is true. It lives no longer
// than the request, its query and the options.
class Claim {
  public:
    // `query`: of the request's target. `virtual_bucket`: the bucket that the Host header names in
    // virtual-host style, or empty (SigV2 signs it as part of the path).
    static Result<Claim> Read(const http::Request& request, const codec::Query& query,
                              std::string_view virtual_bucket, const AuthenticateOptions& options);

    // Empty where the request has no credentials.
    std::string_view access_key() const;

    // The session token that came with it, or empty.
    std::string_view token() const { return token_; }

    // Whether it is true at the time `now`; without credentials it is. `credential`: of the access
    // key and token, null where there is none. `body_sha256`: where the request has no
    // x-amz-content-sha256, as those to IAM and STS have none.
    Result<Identity> Prove(const Credentials::Found& credential, Timestamp now,
                           std::optional<std::string_view> body_sha256 = std::nullopt) const;

  private:
    using Signature = std::variant<std::monostate, codec::SigV4Signature, codec::SigV4Presigned,
                                   codec::SigV2Signature, codec::SigV2Presigned>;

    Claim(const http::Request& request, const codec::Query& query, std::string_view virtual_bucket,
          const AuthenticateOptions& options);

    const http::Request& request_;
    const codec::Query& query_;
    std::string_view path_;  // as sent
    std::string_view virtual_bucket_;
    const AuthenticateOptions& options_;
    std::vector<codec::HeaderField> headers_;
    std::string_view token_;
    Signature signature_;
};

// Checks the request's credentials against `now`. A request without any is anonymous. All that is
// given by reference outlives the task.
//
// Errors carry S3's codes: "SignatureDoesNotMatch", "InvalidAccessKeyId", "RequestTimeTooSkewed",
// "AccessDenied" (a link that has expired or is not valid yet, a date that is missing, headers that
// are not signed), "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError",
// "InvalidArgument" (several credentials, a header twice, an unknown scheme, a wrong
// x-amz-content-sha256), "InvalidRequest" (SigV2 where it is off, x-amz-content-sha256 missing),
// "InvalidToken", "ExpiredToken", "InvalidURI", "MissingContentLength" (aws-chunked without
// x-amz-decoded-content-length), "NotImplemented" (SigV4A's chunks); or are the catalogue's.
Task<Result<Identity>> Authenticate(const http::Request& request, const codec::Query& query,
                                    std::string_view virtual_bucket, Credentials& credentials,
                                    const AuthenticateOptions& options, Timestamp now);

}  // namespace coffer::service
