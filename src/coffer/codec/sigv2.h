// AWS Signature Version 2, as Amazon S3 uses it.
//
// Source: Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version
// 2)". It leaves most of a request unsigned, above all its body and the query parameters that are
// no sub-resources. Pure functions; any thread may call them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"
#include "coffer/codec/sigv4.h"
#include "coffer/codec/uri.h"

namespace coffer::codec {

struct SigV2Signature {
    std::string access_key;
    std::string signature;  // as sent: Base64, where it is right
};

struct SigV2Presigned {
    SigV2Signature signature;
    std::string expires;  // as sent
    Timestamp expires_at;
};

// Of an Authorization header "AWS <access key>:<signature>". kInvalid "InvalidArgument".
Result<SigV2Signature> ParseSigV2Authorization(std::string_view header);

// Of a query with AWSAccessKeyId, Signature and Expires (seconds since 1970). kDenied
// "AccessDenied" where one is missing, comes twice or is malformed.
Result<SigV2Presigned> ParseSigV2Query(const Query& query);

// `resource_path`: the path as sent, with "/<bucket>" before it where the Host header names the
// bucket. `expires`: of a presigned request, empty for others, which sign their Date header (or
// nothing where they have x-amz-date). Query parameters that stand for x-amz-* headers are signed
// as if they were headers.
std::string SigV2StringToSign(std::string_view method, std::string_view resource_path,
                              const Query& query, std::span<const HeaderField> headers,
                              std::string_view expires);

// In Base64.
std::string SigV2Sign(std::string_view secret, std::string_view string_to_sign);

}  // namespace coffer::codec
