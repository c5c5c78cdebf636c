// Object keys and bucket names: parsed once, where they enter; compared and stored only as these
// types.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "coffer/base/result.h"

namespace coffer::codec {

// 1 to 1,024 bytes of UTF-8, kept exactly as sent (after the one percent-decoding of a URI). No
// byte has a meaning to Coffer: "//", "..", a trailing "/" and "\" are ordinary parts of a key.
// Keys are ordered by their bytes.
class ObjectKey {
  public:
    // kInvalid: "KeyTooLongError" (over 1,024 bytes), "InvalidURI" (empty, NUL, not UTF-8: overlong
    // forms and lone surrogates are not UTF-8).
    static Result<ObjectKey> Parse(std::string_view bytes);

    const std::string& bytes() const { return bytes_; }
    auto operator<=>(const ObjectKey&) const = default;

  private:
    explicit ObjectKey(std::string bytes) : bytes_(std::move(bytes)) {}
    std::string bytes_;
};

// A name by AWS's rules for general purpose buckets (docs.aws.amazon.com, "Bucket naming rules"): 3
// to 63 of a-z, 0-9,
// '.' and '-', beginning and ending with a letter or digit, no "..", not an IPv4 address, no
// reserved prefix or suffix. "minio" is refused, as MinIO does, since its paths on the S3 port
// begin with it.
class BucketName {
  public:
    // kInvalid "InvalidBucketName".
    static Result<BucketName> Parse(std::string_view text);

    const std::string& text() const { return text_; }
    auto operator<=>(const BucketName&) const = default;

  private:
    explicit BucketName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// Whether `bytes` is UTF-8 as Unicode 15, table 3-7 has it.
bool IsUtf8(std::string_view bytes);

// How many characters a text in UTF-8 has.
size_t CountCharacters(std::string_view utf8);

}  // namespace coffer::codec
