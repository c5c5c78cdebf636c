// The headers that describe an object: taken from a request, written to a reply.
#pragma once

#include "coffer/api/s3/request.h"
#include "coffer/service/types.h"

namespace coffer::api::s3 {

// AWS's limit for the names and values of user metadata together, in bytes of UTF-8.
inline constexpr size_t kMaxUserMetadataBytes = 2048;

// Content-Type and its kin as sent, and x-amz-meta-*. "aws-chunked" is taken out of
// Content-Encoding, as it ended with the transfer. Metadata values that are not ASCII come as raw
// UTF-8, as Latin-1 (what Python's http.client makes of them), or encoded by RFC 2047; they are
// kept as UTF-8. kInvalid "MetadataTooLarge".
Result<service::ObjectHeaders> ParseObjectHeaders(const S3Request& request);

// Writes them to a reply, and how many tags there are. Values that are not ASCII are encoded by RFC
// 2047, as S3 does.
void WriteObjectHeaders(const service::ObjectHeaders& headers, http::Headers& reply);

// Refuses with 501 NotImplemented the headers of a write that ask for what Coffer does not offer:
// redirects. Ignored, they would make a wrong success. kInvalid
// "InvalidStorageClass" for a storage class that S3 does not have.
Result<> RefuseUnofferedHeaders(const S3Request& request);

// ETag, Last-Modified, Content-Length's siblings: what GET, HEAD and 304 say of an object.
void WriteEntityHeaders(const service::VersionInfo& info, http::Headers& reply);

// x-amz-version-id; nothing where `version_id` is empty.
void WriteVersionId(std::string_view version_id, http::Headers& reply);

// x-amz-checksum-<algorithm> and x-amz-checksum-type.
void WriteChecksumHeaders(const service::Checksum& checksum, int parts_count, http::Headers& reply);

// The value of a checksum as S3 writes it: Base64, and "-<parts>" behind a composite one.
std::string FormatChecksum(const service::Checksum& checksum, int parts_count);

// "FULL_OBJECT" or "COMPOSITE".
std::string_view ChecksumTypeName(service::ChecksumType type);

}  // namespace coffer::api::s3
