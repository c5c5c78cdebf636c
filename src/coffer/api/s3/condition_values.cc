#include "coffer/api/s3/condition_values.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "coffer/api/s3/copy_source.h"
#include "coffer/api/s3/lock_values.h"
#include "coffer/api/s3/tag_values.h"
#include "coffer/api/s3/tagging.h"
#include "coffer/codec/kms_key_name.h"

namespace coffer::api::s3 {
namespace {

using codec::policy::ConditionKey;
using codec::policy::ConditionValues;
using codec::policy::KeyId;

// Keys that are a header's value, or a parameter's.
struct Place {
    KeyId key;
    std::string_view name;
};
constexpr Place kHeaders[] = {
    {KeyId::kContentSha256, "x-amz-content-sha256"},
    {KeyId::kObjectOwnership, "x-amz-object-ownership"},
    {KeyId::kAcl, "x-amz-acl"},
    {KeyId::kGrantRead, "x-amz-grant-read"},
    {KeyId::kGrantWrite, "x-amz-grant-write"},
    {KeyId::kGrantReadAcp, "x-amz-grant-read-acp"},
    {KeyId::kGrantWriteAcp, "x-amz-grant-write-acp"},
    {KeyId::kGrantFullControl, "x-amz-grant-full-control"},
    {KeyId::kMetadataDirective, "x-amz-metadata-directive"},
    {KeyId::kStorageClass, "x-amz-storage-class"},
    {KeyId::kWebsiteRedirectLocation, "x-amz-website-redirect-location"},
    {KeyId::kServerSideEncryption, "x-amz-server-side-encryption"},
    {KeyId::kCustomerAlgorithm, "x-amz-server-side-encryption-customer-algorithm"},
    {KeyId::kObjectLockMode, "x-amz-object-lock-mode"},
    {KeyId::kObjectLockRetainUntilDate, "x-amz-object-lock-retain-until-date"},
    {KeyId::kObjectLockLegalHold, "x-amz-object-lock-legal-hold"},
    {KeyId::kIfMatch, "if-match"},
    {KeyId::kIfNoneMatch, "if-none-match"},
};
constexpr Place kParameters[] = {
    {KeyId::kPrefix, "prefix"},
    {KeyId::kDelimiter, "delimiter"},
    {KeyId::kMaxKeys, "max-keys"},
    {KeyId::kVersionId, "versionId"},
};

template <size_t kSize>
const Place* FindPlace(const Place (&places)[kSize], KeyId key) {
    const auto* const found = std::ranges::find(places, key, &Place::key);
    return found == std::end(places) ? nullptr : found;
}

ConditionValues One(std::optional<std::string_view> value) {
    if (!value) return std::nullopt;
    return std::vector{std::string(*value)};
}

// Its name, however the client wrote it.
ConditionValues KmsKey(const S3Request& request) {
    const auto id = request.Header("x-amz-server-side-encryption-aws-kms-key-id");
    if (!id) return std::nullopt;
    return One(codec::KmsKeyName(*id));
}

// "bucket/key", however the client wrote it.
ConditionValues CopySource(const S3Request& request) {
    const auto header = request.Header("x-amz-copy-source");
    if (!header) return std::nullopt;
    const auto source = ParseCopySource(*header);
    if (!source) return std::nullopt;
    return std::vector{source.value().bucket.text() + "/" + source.value().key.bytes()};
}

// Whether x-amz-tagging says what becomes of the object, or is passed over.
bool TakesTags(const S3Request& request, std::string_view operation) {
    if (operation == "CopyObject")
        return request.Header("x-amz-tagging-directive").value_or("") == "REPLACE";
    return operation == "PutObject" || operation == "CreateMultipartUpload" ||
           operation == "PostObject";
}

// The tags that a request brings in x-amz-tagging, which is a query.
ConditionValues RequestTags(const S3Request& request, std::string_view operation,
                            const ConditionKey& key) {
    const auto header = request.Header("x-amz-tagging");
    if (!header || !TakesTags(request, operation)) return std::nullopt;
    const auto tags = ParseTagQuery(*header);
    if (!tags) return std::nullopt;
    return FindTagValue(key, tags.value());
}

ConditionValues RemainingDays(const S3Request& request, const ConditionKey& key, Timestamp now) {
    const auto header = request.Header("x-amz-object-lock-retain-until-date");
    const auto until = codec::ParseRetainUntil(header.value_or(""));
    if (!until) return std::nullopt;
    return FindLockValue(key, {.retention = codec::Retention{.until = *until}}, now);
}

bool IsOfEncryption(KeyId key) {
    return key == KeyId::kServerSideEncryption || key == KeyId::kKmsKeyId ||
           key == KeyId::kCustomerAlgorithm;
}

ConditionValues EncryptionValue(const std::optional<service::Encryption>& encryption, KeyId key) {
    using service::EncryptionKind;
    if (!encryption) return std::nullopt;
    const EncryptionKind kind = encryption->kind;
    if (key == KeyId::kServerSideEncryption && kind != EncryptionKind::kCustomer)
        return One(kind == EncryptionKind::kKms ? "aws:kms" : "AES256");
    if (key == KeyId::kKmsKeyId && kind == EncryptionKind::kKms) return One(encryption->key_name);
    if (key == KeyId::kCustomerAlgorithm && kind == EncryptionKind::kCustomer) return One("AES256");
    return std::nullopt;
}

bool CreatesObject(std::string_view operation) {
    return operation == "PutObject" || operation == "CopyObject" ||
           operation == "CompleteMultipartUpload" || operation == "PostObject";
}

}  // namespace

ConditionValues RequestValues::Find(const ConditionKey& key) {
    if (continues_upload_ && IsOfEncryption(key.id))
        return EncryptionValue(upload_encryption_, key.id);
    if (key.id == KeyId::kKmsKeyId) return KmsKey(request_);
    if (const Place* place = FindPlace(kHeaders, key.id)) return One(request_.Header(place->name));
    if (const Place* place = FindPlace(kParameters, key.id))
        return One(request_.Parameter(place->name));
    switch (key.id) {
        case KeyId::kCopySource:
            return CopySource(request_);
        case KeyId::kRequestObjectTag:
        case KeyId::kRequestObjectTagKeys:
            return RequestTags(request_, operation_, key);
        case KeyId::kObjectLockRemainingRetentionDays:
            return RemainingDays(request_, key, now_);
        case KeyId::kObjectCreationOperation:
            return One(CreatesObject(operation_) ? "true" : "false");
        default:
            return global_.Find(key);
    }
}

}  // namespace coffer::api::s3
