// AWS Signature Version 4, as Amazon S3 uses it: what a request says of its signature, and what it
// must be.
//
// Sources: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)": by header,
// by query parameters, and its examples. S3 does not normalise a path, and encodes it once. Pure
// functions; any thread may call them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"
#include "coffer/base/secret.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/uri.h"

namespace coffer::codec {

inline constexpr std::string_view kSigV4Algorithm = "AWS4-HMAC-SHA256";

// Where credentials stand in a request.
enum class CredentialPlace : uint8_t { kHeader, kQuery };

// A header as sent, without the white space around its value. A name may occur more than once.
struct HeaderField {
    std::string_view name;
    std::string_view value;
};

// "<access key>/20260101/us-east-1/s3/aws4_request"
struct SigV4Credential {
    std::string access_key;
    std::string date;  // eight digits
    std::string region;
    std::string service = "s3";

    // "20260101/us-east-1/s3/aws4_request"
    std::string Scope() const;
};

// Which services a request may be signed for.
enum class SigV4Services : uint8_t {
    kS3,
    kIdentity,  // "iam" and "sts"
};

struct SigV4Signature {
    SigV4Credential credential;
    std::vector<std::string> signed_headers;  // as sent
    std::string signature;                    // as sent, of any form
};

struct SigV4Presigned {
    SigV4Signature signature;
    Timestamp date;
    std::chrono::seconds expires{};  // 1 to 604,800
};

// Of the X-Amz-Credential of a link or a form, or a header's Credential. Errors as
// MalformedCredential has them.
Result<SigV4Credential> ParseSigV4Credential(std::string_view text, CredentialPlace place,
                                             SigV4Services services = SigV4Services::kS3);

// Of an Authorization header that begins with kSigV4Algorithm. kInvalid
// "AuthorizationHeaderMalformed".
Result<SigV4Signature> ParseSigV4Authorization(std::string_view header,
                                               SigV4Services services = SigV4Services::kS3);

// Of a query with X-Amz-Signature. A parameter that is given twice, in any case of letters, is
// refused. kInvalid "AuthorizationQueryParametersError".
Result<SigV4Presigned> ParseSigV4Query(const Query& query);

// The error of a credential that is not right: `problem` ("the region 'a' is wrong; expecting 'b'")
// behind S3's words for the place.
Error MalformedCredential(CredentialPlace place, std::string_view problem);

// Method, path, query, headers and payload, as they are signed. `raw_path`: as sent; decoded once
// and encoded once, so that "%2f" and "%2F" are alike. X-Amz-Signature is left out of the query.
// `payload`: x-amz-content-sha256. Headers that are signed and not there count as empty. kInvalid
// "InvalidURI".
Result<std::string> SigV4CanonicalRequest(std::string_view method, std::string_view raw_path,
                                          const Query& query, std::span<const HeaderField> headers,
                                          std::span<const std::string> signed_headers,
                                          std::string_view payload);

// `timestamp`: "20260101T000000Z".
std::string SigV4StringToSign(std::string_view timestamp, const SigV4Credential& credential,
                              std::string_view canonical_request);

// The key that signs what has the credential's scope.
Sha256Digest SigV4SigningKey(std::string_view secret, const SigV4Credential& credential);

// In hex.
std::string SigV4Sign(const Sha256Digest& signing_key, std::string_view string_to_sign);

// Remembers the last signing key, since most requests of a day have the same. One thread at a time.
class SigningKeyCache {
  public:
    const Sha256Digest& Get(const Secret& secret, const SigV4Credential& credential);

  private:
    Secret secret_;
    std::string scope_;
    Sha256Digest key_{};
};

}  // namespace coffer::codec
