// Values of query parameters that several operations share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/api/s3/request.h"
#include "coffer/codec/uri.h"

namespace coffer::api::s3 {

// AWS's limit for one page of any listing.
inline constexpr size_t kMaxPage = 1000;

// A number of at most `limit`; more is taken for `limit`, as S3 does. `otherwise` where the
// parameter is not there or empty. kInvalid "InvalidArgument" for anything else.
Result<size_t> ParseCount(const S3Request& request, std::string_view name, size_t otherwise,
                          size_t limit);

// A prefix, delimiter or marker; empty where it is not there. kInvalid "InvalidArgument" where it
// is not UTF-8: no key has it, and XML could not give it back.
Result<std::string> ParseName(const S3Request& request, std::string_view name);

// The id of a version, as a client names one. kInvalid "InvalidArgument" where no version can have
// it.
Result<std::string> ParseVersionId(std::string_view text);

// "versionId", likewise; nothing where it is not there.
Result<std::optional<std::string>> ParseVersionId(const S3Request& request);

// "partNumber", 1 to 10,000. kInvalid "InvalidArgument".
Result<int> ParsePartNumber(const S3Request& request);

// Whether names in the reply are to be percent-encoded ("encoding-type=url"). kInvalid
// "InvalidArgument" for another type.
Result<bool> ParseEncodingType(const S3Request& request);

// What becomes of '/' in a name that is percent-encoded in a reply.
inline constexpr codec::Slash kSlashInNames = codec::Slash::kKeep;

// A name as the reply has it: percent-encoded where the client asked for that.
std::string EncodeName(std::string_view name, bool url);

}  // namespace coffer::api::s3
