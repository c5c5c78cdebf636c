// An S3 request, parsed once: bucket, key and query have one meaning each, whoever asks for them
// later.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "coffer/codec/names.h"
#include "coffer/codec/uri.h"
#include "coffer/http/message.h"

namespace coffer::api::s3 {

// What a request is about.
enum class Scope : uint8_t { kService, kBucket, kObject };

// A view of an http::Request, which outlives it.
class S3Request {
  public:
    // Path style, or virtual-host style where Host is "<bucket>.<domain>". Path and query are
    // percent-decoded once; '+' is a space in the query and itself in a key. kInvalid:
    // "InvalidURI", "InvalidBucketName", "KeyTooLongError".
    static Result<S3Request> Parse(const http::Request& request,
                                   std::span<const std::string> domains);

    Scope scope() const;
    const std::string& method() const { return http_->method; }
    const http::Request& http() const { return *http_; }

    // To be asked only for what scope() says is there.
    const codec::BucketName& bucket() const;
    const codec::ObjectKey& key() const;

    // The bucket where the Host header names it, else empty.
    std::string_view virtual_bucket() const;

    // The first parameter of that name; names are compared exactly.
    std::optional<std::string_view> Parameter(std::string_view name) const {
        return query_.Get(name);
    }
    const codec::Query& query() const { return query_; }

    // A header, named in lower case. An "x-amz-…" header may come as a query parameter of that
    // name: this is how some SDKs make presigned links ("hoisting"). Both versions of the signature
    // cover it there.
    std::optional<std::string_view> Header(std::string_view name) const;

    // Calls `each(name, value)` for every header whose name begins with `prefix` (lower case),
    // wherever Header() would find it; `name` is in lower case.
    void EachHeader(
        std::string_view prefix,
        const std::function<void(std::string_view name, std::string_view value)>& each) const;

  private:
    explicit S3Request(const http::Request& http) : http_(&http) {}

    const http::Request* http_;
    std::optional<codec::BucketName> bucket_;
    std::optional<codec::ObjectKey> key_;
    bool virtual_host_ = false;
    codec::Query query_;
};

// Whether a query parameter belongs to the signature of a presigned link: "X-Amz-Signature",
// "AWSAccessKeyId", …
bool IsSignatureParameter(std::string_view name);

}  // namespace coffer::api::s3
