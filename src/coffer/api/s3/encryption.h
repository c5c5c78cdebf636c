// The headers of encryption: what a request asks for, what a reply tells.
//
// Source: the Amazon S3 API Reference (PutObject, CopyObject, GetObject, UploadPart) and the User
// Guide, "Specifying server-side encryption with customer-provided keys (SSE-C)".
#pragma once

#include <optional>

#include "coffer/api/s3/call.h"
#include "coffer/service/encryptor.h"

namespace coffer::api::s3 {

// What a write asks for by x-amz-server-side-encryption and its kin; nothing where it says nothing.
// "InvalidArgument" for what contradicts itself; "InvalidEncryptionAlgorithmError"; kUnsupported
// "NotImplemented" for dual-layer encryption; and those of ParseCustomerKey.
Result<std::optional<service::EncryptionRequest>> ParseEncryption(const Call& call);

// Whose key: that of the object itself, or of the source of a copy.
enum class KeyOf : uint8_t { kObject, kCopySource };

// The client's own key. "InvalidRequest" over plain HTTP, unless the server is set to take it;
// "InvalidArgument", "InvalidEncryptionAlgorithmError" where algorithm, key and digest are not all
// there and right.
Result<std::optional<service::AeadKey>> ParseCustomerKey(const Call& call,
                                                         KeyOf whose = KeyOf::kObject);

// Refuses on a read the headers that only a write may have: "InvalidArgument".
Result<> RefuseEncryptionOfReads(const S3Request& request);

// Tells how an object is encrypted; nothing where it is not.
void WriteEncryption(const std::optional<service::Encryption>& encryption, const S3Request& request,
                     http::Headers& reply);

}  // namespace coffer::api::s3
