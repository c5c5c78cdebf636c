// Who asks? Answered once, in one place, for every request of the S3 port: SigV4 and SigV2, by
// header and by query.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/base/secret.h"
#include "coffer/codec/aws_chunked.h"
#include "coffer/codec/policy/request.h"
#include "coffer/codec/uri.h"
#include "coffer/http/message.h"

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

// Where access keys are looked up. There is one today: root's.
class Credentials {
  public:
    Credentials(std::string root_access_key, Secret root_secret_key);

    // The secret of an access key, or nothing where there is no such key.
    const Secret* Find(std::string_view access_key) const;
    const std::string& root_access_key() const { return root_access_key_; }

    // Who holds root's key.
    const codec::policy::Principal& root() const { return root_; }

  private:
    std::string root_access_key_;
    Secret root_secret_key_;
    codec::policy::Principal root_;
};

// Whose the server and all that it keeps is: there is one account. AWS's ids of accounts have 12
// digits, and those that ACLs use 64 hexadecimal ones.
inline constexpr std::string_view kAccount = "000000000000";
inline constexpr std::string_view kCanonicalId =
    "7d3c1e0b6a5f4928b1d0c3e7f6a9582410bd6f3e5c7a9281d4f0e6b3a7c5d912";

struct AuthenticateOptions {
    std::string region;  // empty: any region of the signer is accepted
    bool allow_sigv2 = true;
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
    codec::policy::Principal principal;
    Payload payload;
    AuthType auth_type = AuthType::kNone;
    std::optional<Timestamp> signed_at = std::nullopt;  // by version 4
};

// Checks the request's credentials against `now`. A request without any is anonymous.
// `query`: of the request's target, which outlives the call. `virtual_bucket`: the bucket that the
// Host header names in virtual-host style, or empty (SigV2 signs it as part of the path).
//
// Errors carry S3's codes: "SignatureDoesNotMatch", "InvalidAccessKeyId", "RequestTimeTooSkewed",
// "AccessDenied" (a link that has expired or is not valid yet, a date that is missing, headers that
// are not signed), "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError",
// "InvalidArgument" (several credentials, a header twice, an unknown scheme, a wrong
// x-amz-content-sha256), "InvalidRequest" (SigV2 where it is off, x-amz-content-sha256 missing),
// "InvalidToken", "InvalidURI", "MissingContentLength" (aws-chunked without
// x-amz-decoded-content-length), "NotImplemented" (SigV4A's chunks).
Result<Identity> Authenticate(const http::Request& request, const codec::Query& query,
                              std::string_view virtual_bucket, const Credentials& credentials,
                              const AuthenticateOptions& options, Timestamp now);

}  // namespace coffer::service
