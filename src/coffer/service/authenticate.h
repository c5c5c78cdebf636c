// Who asks? Answered once, in one place, for every request of the S3 port: SigV4 and SigV2, by
// header and by query.
#pragma once

#include <optional>
#include <string>

#include "coffer/base/clock.h"
#include "coffer/base/secret.h"
#include "coffer/codec/aws_chunked.h"
#include "coffer/codec/uri.h"
#include "coffer/http/message.h"

namespace coffer::service {

// Who acts.
struct Principal {
    enum class Kind : uint8_t { kAnonymous, kRoot };
    Kind kind = Kind::kAnonymous;
    std::string access_key;  // empty for kAnonymous
};

// Where access keys are looked up. There is one today: root's.
class Credentials {
  public:
    Credentials(std::string root_access_key, Secret root_secret_key);

    // The secret of an access key, or nothing where there is no such key.
    const Secret* Find(std::string_view access_key) const;
    const std::string& root_access_key() const { return root_access_key_; }

  private:
    std::string root_access_key_;
    Secret root_secret_key_;
};

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
    Principal principal;
    Payload payload;
    bool presigned = false;  // by query
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
