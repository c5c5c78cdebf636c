#include "coffer/api/s3/encryption.h"

#include <fmt/format.h>

#include "coffer/codec/base64.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/json.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kMethod = "x-amz-server-side-encryption";
constexpr std::string_view kKeyId = "x-amz-server-side-encryption-aws-kms-key-id";
constexpr std::string_view kContext = "x-amz-server-side-encryption-context";
constexpr std::string_view kBucketKey = "x-amz-server-side-encryption-bucket-key-enabled";
constexpr std::string_view kCustomerMd5 = "x-amz-server-side-encryption-customer-key-md5";

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

// The three headers of a client's key.
struct CustomerHeaders {
    std::optional<std::string_view> algorithm;
    std::optional<std::string_view> key;
    std::optional<std::string_view> md5;

    bool any() const { return algorithm || key || md5; }
};

CustomerHeaders ReadCustomerHeaders(const S3Request& request, KeyOf whose) {
    const std::string prefix = whose == KeyOf::kObject
                                   ? "x-amz-server-side-encryption-customer-"
                                   : "x-amz-copy-source-server-side-encryption-customer-";
    return {request.Header(prefix + "algorithm"), request.Header(prefix + "key"),
            request.Header(prefix + "key-md5")};
}

// Base64 of a JSON object of texts; kept as the JSON that it is.
Result<std::string> ParseContext(std::string_view header) {
    const Error wrong = InvalidArgument(
        "The header 'x-amz-server-side-encryption-context' must be the Base64 encoding of a JSON "
        "object with string values.");
    const auto text = codec::Base64Decode(header);
    if (!text) return wrong;
    const auto json = codec::ParseJson(*text);
    if (!json || json.value().AsObject() == nullptr) return wrong;
    for (const codec::JsonMember& member : *json.value().AsObject()) {
        if (member.value.AsString() == nullptr) return wrong;
    }
    return *text;
}

Result<service::EncryptionRequest> ParseKms(const S3Request& request) {
    service::EncryptionRequest asked{.kind = service::EncryptionKind::kKms};
    asked.key_name = request.Header(kKeyId).value_or("");
    if (const auto context = request.Header(kContext)) {
        TRY(asked.context, ParseContext(*context));
    }
    const std::string_view bucket_key = request.Header(kBucketKey).value_or("false");
    if (bucket_key != "true" && bucket_key != "false")
        return InvalidArgument(
            "x-amz-server-side-encryption-bucket-key-enabled must be true or false.");
    asked.bucket_key = bucket_key == "true";
    return asked;
}

}  // namespace

Result<std::optional<service::AeadKey>> ParseCustomerKey(const Call& call, KeyOf whose) {
    const CustomerHeaders headers = ReadCustomerHeaders(call.request, whose);
    if (!headers.any()) return std::optional<service::AeadKey>();
    if (!call.request.http().peer.tls && !call.dependencies.options.customer_keys_over_http) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "Requests specifying Server Side Encryption with Customer provided keys must "
                     "be made over a secure connection.");
    }
    if (!headers.algorithm)
        return InvalidArgument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "a valid encryption algorithm.");
    if (*headers.algorithm != "AES256")
        return Error(ErrorKind::kInvalid, "InvalidEncryptionAlgorithmError", "");
    if (!headers.key)
        return InvalidArgument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "an appropriate secret key.");
    service::AeadKey key;
    if (!codec::Base64Decode(*headers.key, key))
        return InvalidArgument("The secret key was invalid for the specified algorithm.");
    if (!headers.md5)
        return InvalidArgument(
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "the client calculated MD5 of the secret key.");
    codec::Md5Digest md5;
    if (!codec::Base64Decode(*headers.md5, md5) || md5 != codec::Md5(key))
        return InvalidArgument(
            "The calculated MD5 hash of the key did not match the hash that was provided.");
    return std::optional(key);
}

Result<std::optional<service::EncryptionRequest>> ParseEncryption(const Call& call) {
    const S3Request& request = call.request;
    const auto method = request.Header(kMethod);
    if (ReadCustomerHeaders(request, KeyOf::kObject).any()) {
        if (method || request.Header(kKeyId))
            return InvalidArgument(
                "Server Side Encryption with Customer provided key is incompatible with the "
                "encryption method specified");
        TRY(const auto key, ParseCustomerKey(call));
        return service::EncryptionRequest{.kind = service::EncryptionKind::kCustomer,
                                          .customer_key = key};
    }
    if (method == "aws:kms") {
        TRY(auto asked, ParseKms(request));
        return asked;
    }
    if (method == "aws:kms:dsse") {
        return Error(ErrorKind::kUnsupported, "NotImplemented",
                     "Dual-layer encryption (aws:kms:dsse) is not implemented.");
    }
    if (method && *method != "AES256")
        return InvalidArgument("The encryption method specified is not supported");
    if (request.Header(kKeyId) || request.Header(kContext))
        return InvalidArgument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            "x-amz-server-side-encryption : aws:kms");
    if (!method) return std::optional<service::EncryptionRequest>();
    return service::EncryptionRequest{.kind = service::EncryptionKind::kS3};
}

Result<> RefuseEncryptionOfReads(const S3Request& request) {
    for (const std::string_view name : {kMethod, kKeyId, kContext, kBucketKey}) {
        if (request.Header(name))
            return InvalidArgument(
                fmt::format("{} header is not supported for this operation.", name));
    }
    return Ok();
}

void WriteEncryption(const std::optional<service::Encryption>& encryption, const S3Request& request,
                     http::Headers& reply) {
    if (!encryption) return;
    switch (encryption->kind) {
        case service::EncryptionKind::kS3:
            reply.Set(kMethod, "AES256");
            return;
        case service::EncryptionKind::kKms:
            reply.Set(kMethod, "aws:kms");
            reply.Set(kKeyId, encryption->key_name);
            if (!encryption->context.empty())
                reply.Set(kContext, codec::Base64Encode(AsBytes(encryption->context)));
            if (encryption->bucket_key) reply.Set(kBucketKey, "true");
            return;
        case service::EncryptionKind::kCustomer:
            reply.Set("x-amz-server-side-encryption-customer-algorithm", "AES256");
            // The digest of a key that the request has shown to know.
            if (const auto md5 = request.Header(kCustomerMd5))
                reply.Set("x-amz-server-side-encryption-customer-key-MD5", *md5);
            return;
    }
}

}  // namespace coffer::api::s3
