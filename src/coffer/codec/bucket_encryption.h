// How a bucket encrypts what is put without saying how: ServerSideEncryptionConfiguration as XML,
// and back. Pure functions; any thread may call them.
//
// Source: the Amazon S3 API Reference, PutBucketEncryption and ServerSideEncryptionByDefault.
#pragma once

#include <string>
#include <string_view>

#include "coffer/base/result.h"

namespace coffer::codec {

struct BucketEncryption {
    bool kms = false;     // "aws:kms"; else "AES256"
    std::string kms_key;  // empty: the server's default key
    bool bucket_key = false;

    bool operator==(const BucketEncryption&) const = default;
};

// One rule. kInvalid "MalformedXML"; "InvalidArgument" for a key where the algorithm takes none;
// kUnsupported "NotImplemented" for "aws:kms:dsse".
Result<BucketEncryption> ParseBucketEncryption(std::string_view document);

// The document of GetBucketEncryption; ParseBucketEncryption reads it.
std::string WriteBucketEncryption(const BucketEncryption& encryption);

}  // namespace coffer::codec
