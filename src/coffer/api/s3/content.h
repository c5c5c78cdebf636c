// The content of an upload: what the client promised of it, and the bytes themselves, freed of
// their coding.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "coffer/api/s3/chunked_body.h"
#include "coffer/service/objects.h"

namespace coffer::api::s3 {

// AWS's limit for one PUT of an object or a part.
inline constexpr uint64_t kMaxPutBytes = 5_GiB;

// What a request's headers promise of its body, and the decoded body. Lives as long as the
// operation that reads it.
class Content {
  public:
    // Whether x-amz-checksum-* and its kin are about the body.
    enum class Checksums : uint8_t { kOfBody, kNone };

    // Reads nothing of the body yet. Errors, as S3 names them: "MissingContentLength",
    // "EntityTooLarge", "InvalidDigest" (Content-MD5), "InvalidRequest" (checksum headers that
    // contradict each other, or a trailer), "BadDigest" (a checksum that no content can have).
    static Result<Content> Open(const Call& call, Checksums checksums = Checksums::kOfBody);

    // What the services check. It refers to source(), and holds while this object lives.
    const service::ExpectedContent& expected() const { return expected_; }
    ByteSource& source() const;

    // Whether the client gave a Content-MD5 or a checksum.
    bool has_digest() const { return expected_.md5 || expected_.checksum; }

    // Reads a body that is a document, checked against all that the client promised of it.
    // "MalformedXML" over `limit_bytes`.
    Task<Result<std::string>> ReadDocument(size_t limit_bytes);

  private:
    Content() = default;
    Result<> ParseChecksums(const Call& call);

    service::ExpectedContent expected_;
    ByteSource* plain_ = nullptr;
    std::unique_ptr<ChunkedBody> decoded_;  // its address is in expected_.checksum_value
    std::unique_ptr<LimitedBody> limited_;
};

// What a bucket's configuration in XML may be long.
inline constexpr size_t kMaxConfigurationBytes = 64_KiB;

// The body of a request that is a document: Content::Open, and its ReadDocument.
Task<Result<std::string>> ReadDocument(Call& call, size_t limit_bytes);

// The value of x-amz-checksum-*: the raw digest. kInvalid "BadDigest" where it is not Base64 of the
// algorithm's size: no content has it.
Result<std::string> ParseChecksumValue(codec::ChecksumAlgorithm algorithm, std::string_view base64);

// The algorithm that a header names; kInvalid "InvalidRequest" where S3 has none of that name.
Result<codec::ChecksumAlgorithm> ParseChecksumAlgorithm(std::string_view name);

// The checksum that x-amz-checksum-* headers give, if any. kInvalid "InvalidRequest" where there
// are several.
Result<std::optional<service::Checksum>> ParseChecksumHeaders(const S3Request& request);

}  // namespace coffer::api::s3
