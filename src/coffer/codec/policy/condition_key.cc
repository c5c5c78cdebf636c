#include "coffer/codec/policy/condition_key.h"

#include <algorithm>
#include <iterator>

#include "coffer/codec/ascii.h"

namespace coffer::codec::policy {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kListings = "listbucket listbucketversions";
constexpr std::string_view kAcls =
    "createbucket putbucketacl putobject putobjectacl putobjectversionacl";
constexpr std::string_view kPuts = "putobject replicateobject";
// What reads or writes encrypted bytes, or what guards them.
constexpr std::string_view kEncrypted =
    "putobject replicateobject getobject getobjectversion putobjectretention getobjectretention "
    "putobjectlegalhold";
constexpr std::string_view kExistingTags =
    "getobject getobjectversion getobjectacl getobjectversionacl putobjectacl putobjectversionacl "
    "getobjecttagging getobjectversiontagging putobjecttagging putobjectversiontagging "
    "deleteobjecttagging deleteobjectversiontagging getobjectattributes "
    "getobjectversionattributes getobjectversionforreplication replicateobject replicatedelete "
    "replicatetags";
constexpr std::string_view kRequestTags =
    "putobject putobjecttagging putobjectversiontagging putbuckettagging "
    "bypassgovernanceretention";
constexpr std::string_view kLocks = "putobject putobjectretention bypassgovernanceretention";
constexpr std::string_view kVersions =
    "getobject getobjectversion getobjectversionacl putobjectversionacl deleteobject "
    "deleteobjectversion getobjecttagging putobjecttagging deleteobjecttagging "
    "getobjectversiontagging putobjectversiontagging deleteobjectversiontagging "
    "getobjectversionattributes getobjectversiontorrent getobjectversionforreplication "
    "replicateobject replicatedelete replicatetags putobject putobjectretention "
    "getobjectretention putobjectlegalhold getobjectlegalhold bypassgovernanceretention "
    "restoreobject";

struct Row {
    std::string_view name;
    KeyId id;
    std::string_view actions;  // of S3, in lower case
    bool has_detail = false;
};

constexpr Row kRows[] = {
    {"aws:currenttime", KeyId::kCurrentTime, kAny},
    {"aws:epochtime", KeyId::kEpochTime, kAny},
    {"aws:sourceip", KeyId::kSourceIp, kAny},
    {"aws:securetransport", KeyId::kSecureTransport, kAny},
    {"aws:useragent", KeyId::kUserAgent, kAny},
    {"aws:referer", KeyId::kReferer, kAny},
    {"aws:principaltype", KeyId::kPrincipalType, kAny},
    {"aws:principalarn", KeyId::kPrincipalArn, kAny},
    {"aws:principalaccount", KeyId::kPrincipalAccount, kAny},
    {"aws:userid", KeyId::kUserId, kAny},
    {"aws:username", KeyId::kUserName, kAny},
    {"aws:groups", KeyId::kGroups, kAny},
    {"aws:tokenissuetime", KeyId::kTokenIssueTime, kAny},
    {"aws:requestedregion", KeyId::kRequestedRegion, kAny},
    {"aws:resourceaccount", KeyId::kResourceAccount, kAny},
    {"s3:resourceaccount", KeyId::kResourceAccount, kAny},
    {"s3:signatureversion", KeyId::kSignatureVersion, kAny},
    {"s3:signatureage", KeyId::kSignatureAge, kAny},
    {"s3:authtype", KeyId::kAuthType, kAny},
    {"s3:tlsversion", KeyId::kTlsVersion, kAny},
    {"s3:x-amz-content-sha256", KeyId::kContentSha256, kAny},
    {"s3:prefix", KeyId::kPrefix, kListings},
    {"s3:delimiter", KeyId::kDelimiter, kListings},
    {"s3:max-keys", KeyId::kMaxKeys, kListings},
    {"s3:locationconstraint", KeyId::kLocationConstraint, "createbucket"},
    {"s3:x-amz-object-ownership", KeyId::kObjectOwnership, "createbucket"},
    {"s3:versionid", KeyId::kVersionId, kVersions},
    {"s3:x-amz-acl", KeyId::kAcl, kAcls},
    {"s3:x-amz-grant-read", KeyId::kGrantRead, kAcls},
    {"s3:x-amz-grant-write", KeyId::kGrantWrite, kAcls},
    {"s3:x-amz-grant-read-acp", KeyId::kGrantReadAcp, kAcls},
    {"s3:x-amz-grant-write-acp", KeyId::kGrantWriteAcp, kAcls},
    {"s3:x-amz-grant-full-control", KeyId::kGrantFullControl, kAcls},
    {"s3:x-amz-copy-source", KeyId::kCopySource, kPuts},
    {"s3:x-amz-metadata-directive", KeyId::kMetadataDirective, kPuts},
    {"s3:x-amz-storage-class", KeyId::kStorageClass, kPuts},
    {"s3:x-amz-website-redirect-location", KeyId::kWebsiteRedirectLocation, kPuts},
    {"s3:x-amz-server-side-encryption", KeyId::kServerSideEncryption, kEncrypted},
    {"s3:x-amz-server-side-encryption-aws-kms-key-id", KeyId::kKmsKeyId, kEncrypted},
    {"s3:x-amz-server-side-encryption-customer-algorithm", KeyId::kCustomerAlgorithm, kEncrypted},
    {"s3:existingobjecttag", KeyId::kExistingObjectTag, kExistingTags, true},
    {"s3:requestobjecttag", KeyId::kRequestObjectTag, kRequestTags, true},
    {"s3:requestobjecttagkeys", KeyId::kRequestObjectTagKeys, kRequestTags},
    {"s3:object-lock-mode", KeyId::kObjectLockMode, kLocks},
    {"s3:object-lock-retain-until-date", KeyId::kObjectLockRetainUntilDate, kLocks},
    {"s3:object-lock-remaining-retention-days", KeyId::kObjectLockRemainingRetentionDays, kLocks},
    {"s3:object-lock-legal-hold", KeyId::kObjectLockLegalHold,
     "putobject putobjectlegalhold bypassgovernanceretention"},
    {"s3:if-match", KeyId::kIfMatch, "putobject deleteobject deleteobjectversion"},
    {"s3:if-none-match", KeyId::kIfNoneMatch, "putobject"},
    {"s3:objectcreationoperation", KeyId::kObjectCreationOperation, "putobject"},
    {"s3:dataaccesspointarn", KeyId::kOther, kAny},
    {"s3:dataaccesspointaccount", KeyId::kOther, kAny},
    {"s3:accesspointnetworkorigin", KeyId::kOther, kAny},
    {"s3:accessgrantsinstancearn", KeyId::kOther, kAny},
    {"s3:inventoryaccessibleoptionalfields", KeyId::kOther, "putinventoryconfiguration"},
    {"iam:policyarn", KeyId::kPolicyArn, ""},
    {"sts:durationseconds", KeyId::kSessionSeconds, ""},
    {"svc:durationseconds", KeyId::kServiceAccountSeconds, ""},
};

const Row* FindRow(std::string_view name) {
    const auto* row = std::ranges::find(kRows, name, &Row::name);
    return row == std::end(kRows) ? nullptr : row;
}

// Without taking the list apart: policies can be long.
bool HasWord(std::string_view words, std::string_view word) {
    for (size_t at = words.find(word); at != words.npos; at = words.find(word, at + 1)) {
        const size_t end = at + word.size();
        if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
            return true;
    }
    return false;
}

// Values of these vendors may be there for any request, whatever the key.
bool IsGlobal(std::string_view name) {
    return name.starts_with("aws:") || name.starts_with("jwt:") || name.starts_with("ldap:");
}

}  // namespace

std::optional<ConditionKey> ParseConditionKey(std::string_view text) {
    const size_t slash = text.find('/');
    ConditionKey key{.name = ToLower(text.substr(0, slash))};
    if (slash != text.npos) key.detail = text.substr(slash + 1);
    const size_t colon = key.name.find(':');
    if (colon == key.name.npos || colon == 0 || colon + 1 == key.name.size()) return std::nullopt;
    if (slash != text.npos && key.detail.empty()) return std::nullopt;

    if (key.name.starts_with("jwt:")) {
        key.id = KeyId::kJwtClaim;
        key.detail = text.substr(colon + 1);
        key.name.resize(colon + 1);
        return key;
    }
    const Row* row = FindRow(key.name);
    if (row != nullptr) {
        if (row->has_detail == key.detail.empty()) return std::nullopt;
        key.id = row->id;
        return key;
    }
    if (key.name.starts_with("s3:")) return std::nullopt;
    return key;
}

bool IsMistaken(const ConditionKey& key) {
    constexpr std::string_view kServed[] = {"iam:", "sts:", "svc:", "admin:", "kms:"};
    return key.id == KeyId::kOther && std::ranges::any_of(kServed, [&](std::string_view vendor) {
               return key.name.starts_with(vendor);
           });
}

bool IsForBuckets(const ConditionKey& key) {
    return IsGlobal(key.name) || key.name.starts_with("s3:");
}

bool ComesWith(const ConditionKey& key, std::string_view action) {
    if (IsGlobal(key.name)) return true;
    const Row* row = FindRow(key.name);
    if (row == nullptr) return false;
    if (row->actions == kAny) return true;
    return HasWord(row->actions, action);
}

}  // namespace coffer::codec::policy
