// The policy of an HTML form that uploads an object: what its signer lets the form's fields say.
// Pure code; an object is immutable, any thread may use it.
//
// Source: the Amazon S3 API Reference, "POST Object" and "Creating a POST policy".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"

namespace coffer::codec {

// A field of a form; names are compared without regard to case.
struct FormField {
    std::string name;
    std::string value;
};

class PostPolicy {
  public:
    // The value of the field "policy": a JSON document in base64. kInvalid "InvalidPolicyDocument",
    // in S3's words: no base64, no JSON (one name twice in an object is none), no expiration or
    // conditions, fields beside these, a condition that means nothing.
    static Result<PostPolicy> Parse(std::string_view base64);

    // Whether the form may be used now, and every field is as a condition says. `fields`: all of
    // the form but the file, with "${filename}" replaced; the bucket is the request's. Each
    // condition needs its field, and each field a condition, but for what carries the signature
    // ("x-amz-signature", "signature", "AWSAccessKeyId"), "policy", "file", "x-ignore-…", and a
    // checksum of the file, which can only refuse it.
    // kDenied "AccessDenied", in S3's words: expired, a condition that does not hold, a field
    // without one.
    Result<> Check(const std::vector<FormField>& fields, std::string_view bucket,
                   Timestamp now) const;

    // How large the file may be, so that an upload can end where it is too large.
    uint64_t min_bytes() const { return min_bytes_; }
    uint64_t max_bytes() const { return max_bytes_; }

    // kInvalid "EntityTooSmall" or "EntityTooLarge" where a file of that size may not be.
    Result<> CheckSize(uint64_t size_bytes) const;

  private:
    struct Condition {
        bool is_prefix = false;
        std::string field;  // in lower case
        std::string value;

        std::string ToString() const;
        bool Holds(std::string_view of_form) const;
    };

    friend class PostPolicyReader;

    Timestamp expiration_;
    std::vector<Condition> conditions_;
    uint64_t min_bytes_ = 0;
    uint64_t max_bytes_ = UINT64_MAX;
};

// A field's value with "${filename}" replaced by the file's name, of which browsers may send the
// whole path.
std::string PutInFileName(std::string_view value, std::string_view file_name);

}  // namespace coffer::codec
