// The condition keys of policies ("aws:SourceIp", "s3:ExistingObjectTag/team"): one table of those
// that Coffer knows, and the actions that each comes with. Pure functions; any thread may call
// them.
//
// Source: the Service Authorization Reference, "Actions, resources, and condition keys for Amazon
// S3"; the IAM User Guide, "AWS global condition context keys"; MinIO for jwt:, ldap: and svc:.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::codec::policy {

// The keys that a server may have values for. Every other key is kOther: it may stand in a policy,
// and is told by its name.
enum class KeyId : uint8_t {
    kOther,
    // of any request
    kCurrentTime,
    kEpochTime,
    kSourceIp,
    kSecureTransport,
    kUserAgent,
    kReferer,
    kPrincipalType,
    kPrincipalArn,
    kPrincipalAccount,
    kUserId,
    kUserName,
    kGroups,
    kTokenIssueTime,
    kRequestedRegion,
    kResourceAccount,
    kSignatureVersion,
    kSignatureAge,
    kAuthType,
    kTlsVersion,
    kContentSha256,
    // of listings and buckets
    kPrefix,
    kDelimiter,
    kMaxKeys,
    kLocationConstraint,
    kObjectOwnership,
    // of objects
    kVersionId,
    kAcl,
    kGrantRead,
    kGrantWrite,
    kGrantReadAcp,
    kGrantWriteAcp,
    kGrantFullControl,
    kCopySource,
    kMetadataDirective,
    kStorageClass,
    kWebsiteRedirectLocation,
    kServerSideEncryption,
    kKmsKeyId,
    kCustomerAlgorithm,
    kExistingObjectTag,     // detail: the tag's key
    kRequestObjectTag,      // detail: the tag's key
    kRequestObjectTagKeys,  // several values
    kObjectLockMode,
    kObjectLockRetainUntilDate,
    kObjectLockRemainingRetentionDays,
    kObjectLockLegalHold,
    kIfMatch,
    kIfNoneMatch,
    kObjectCreationOperation,
    // of tokens
    kJwtClaim,               // detail: the claim
    kSessionSeconds,         // that a session is to last
    kServiceAccountSeconds,  // until a service account is to expire
    // of policies that are attached and detached
    kPolicyArn,
};

// A key as a policy names it. Names are compared without regard to case, details with it.
struct ConditionKey {
    KeyId id = KeyId::kOther;
    std::string name;    // in lower case, without the detail: "s3:existingobjecttag"
    std::string detail;  // what follows the first '/', or the claim of jwt:

    bool operator==(const ConditionKey&) const = default;
};

// Nothing where no policy can mean this: no vendor before a ':', a key of S3 that there is not, a
// key that needs a detail without one.
std::optional<ConditionKey> ParseConditionKey(std::string_view text);

// Whether it is a mistake in a new policy: a key of a vendor that Coffer serves (iam:, sts:, svc:,
// admin:, kms:) which no request has. Those of s3: are no keys at all; those of other vendors are
// none of its business.
bool IsMistaken(const ConditionKey& key);

// Whether a bucket policy may have the key: those of other services than S3 it may not.
bool IsForBuckets(const ConditionKey& key);

// Whether the key can come with an action of S3, named in lower case without "s3:". Global keys
// come with all.
bool ComesWith(const ConditionKey& key, std::string_view action);

}  // namespace coffer::codec::policy
