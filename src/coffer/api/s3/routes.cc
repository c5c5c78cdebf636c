#include "coffer/api/s3/routes.h"

#include <algorithm>
#include <array>

#include "coffer/api/s3/operations.h"

namespace coffer::api::s3 {
namespace {

constexpr auto kService = Scope::kService;
constexpr auto kBucket = Scope::kBucket;
constexpr auto kObject = Scope::kObject;

constexpr std::string_view kListParameters = "prefix delimiter max-keys encoding-type marker";
constexpr std::string_view kListV2Parameters =
    "prefix delimiter max-keys encoding-type continuation-token start-after fetch-owner metadata";
constexpr std::string_view kReadParameters =
    "versionId partNumber response-content-type response-content-language response-expires "
    "response-cache-control response-content-disposition response-content-encoding";

// clang-format off: a row is a line
constexpr Route kRoutes[] = {
    // The account
    {"GET", kService, "max-directory-buckets", "", "ListDirectoryBuckets", Rule("s3:ListAllMyBuckets"), NotOffered, ""},
    {"GET", kService, "events", "", "ListenNotification", Rule("s3:ListenNotification"), ListenToEvents, "prefix suffix ping"},
    {"GET", kService, "", "", "ListBuckets", Rule("s3:ListAllMyBuckets"), ListBuckets, "prefix max-buckets continuation-token bucket-region"},
    {"OPTIONS", kService, "", "", "CorsPreflight", Rule::Anybody(), CorsPreflight, ""},

    // Buckets: reading
    {"GET", kBucket, "abac", "", "GetBucketAbac", Rule("s3:GetBucketAbac"), NotOffered, ""},
    {"GET", kBucket, "accelerate", "", "GetBucketAccelerateConfiguration", Rule("s3:GetAccelerateConfiguration"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "acl", "", "GetBucketAcl", Rule("s3:GetBucketAcl"), GetBucketAcl, ""},
    {"GET", kBucket, "analytics id", "", "GetBucketAnalyticsConfiguration", Rule("s3:GetAnalyticsConfiguration"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "analytics", "", "ListBucketAnalyticsConfigurations", Rule("s3:GetAnalyticsConfiguration"), GetAbsentBucketConfiguration, "continuation-token"},
    {"GET", kBucket, "cors", "", "GetBucketCors", Rule("s3:GetBucketCORS"), GetBucketCors, ""},
    {"GET", kBucket, "encryption", "", "GetBucketEncryption", Rule("s3:GetEncryptionConfiguration"), GetBucketEncryption, ""},
    {"GET", kBucket, "events", "", "ListenBucketNotification", Rule("s3:ListenBucketNotification"), ListenToEvents, "prefix suffix ping"},
    {"GET", kBucket, "intelligent-tiering id", "", "GetBucketIntelligentTieringConfiguration", Rule("s3:GetIntelligentTieringConfiguration"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "intelligent-tiering", "", "ListBucketIntelligentTieringConfigurations", Rule("s3:GetIntelligentTieringConfiguration"), GetAbsentBucketConfiguration, "continuation-token"},
    {"GET", kBucket, "inventory id", "", "GetBucketInventoryConfiguration", Rule("s3:GetInventoryConfiguration"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "inventory", "", "ListBucketInventoryConfigurations", Rule("s3:GetInventoryConfiguration"), GetAbsentBucketConfiguration, "continuation-token"},
    {"GET", kBucket, "lifecycle", "", "GetBucketLifecycleConfiguration", Rule("s3:GetLifecycleConfiguration"), GetBucketLifecycle, "withUpdatedAt"},
    {"GET", kBucket, "location", "", "GetBucketLocation", Rule("s3:GetBucketLocation"), GetBucketLocation, ""},
    {"GET", kBucket, "logging", "", "GetBucketLogging", Rule("s3:GetBucketLogging"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "metadataConfiguration", "", "GetBucketMetadataConfiguration", Rule("s3:GetBucketMetadataTableConfiguration"), NotOffered, ""},
    {"GET", kBucket, "metadataTable", "", "GetBucketMetadataTableConfiguration", Rule("s3:GetBucketMetadataTableConfiguration"), NotOffered, ""},
    {"GET", kBucket, "metrics id", "", "GetBucketMetricsConfiguration", Rule("s3:GetMetricsConfiguration"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "metrics", "", "ListBucketMetricsConfigurations", Rule("s3:GetMetricsConfiguration"), GetAbsentBucketConfiguration, "continuation-token"},
    {"GET", kBucket, "notification", "", "GetBucketNotificationConfiguration", Rule("s3:GetBucketNotification"), GetBucketNotification, ""},
    {"GET", kBucket, "object-lock", "", "GetObjectLockConfiguration", Rule("s3:GetBucketObjectLockConfiguration"), GetObjectLockConfiguration, ""},
    {"GET", kBucket, "ownershipControls", "", "GetBucketOwnershipControls", Rule("s3:GetBucketOwnershipControls"), GetBucketOwnershipControls, ""},
    {"GET", kBucket, "policy", "", "GetBucketPolicy", Rule("s3:GetBucketPolicy"), GetBucketPolicy, ""},
    {"GET", kBucket, "policyStatus", "", "GetBucketPolicyStatus", Rule("s3:GetBucketPolicyStatus"), GetBucketPolicyStatus, ""},
    {"GET", kBucket, "publicAccessBlock", "", "GetPublicAccessBlock", Rule("s3:GetBucketPublicAccessBlock"), GetPublicAccessBlock, ""},
    {"GET", kBucket, "replication", "", "GetBucketReplication", Rule("s3:GetReplicationConfiguration"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "requestPayment", "", "GetBucketRequestPayment", Rule("s3:GetBucketRequestPayment"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "session", "", "CreateSession", Rule("s3:CreateSession"), NotOffered, ""},
    {"GET", kBucket, "tagging", "", "GetBucketTagging", Rule("s3:GetBucketTagging"), GetBucketTagging, ""},
    {"GET", kBucket, "uploads", "", "ListMultipartUploads", Rule("s3:ListBucketMultipartUploads"), ListMultipartUploads, "prefix delimiter key-marker upload-id-marker max-uploads encoding-type"},
    {"GET", kBucket, "versioning", "", "GetBucketVersioning", Rule("s3:GetBucketVersioning"), GetBucketVersioning, ""},
    {"GET", kBucket, "versions", "", "ListObjectVersions", Rule("s3:ListBucketVersions"), ListObjectVersions, "prefix delimiter key-marker version-id-marker max-keys encoding-type"},
    {"GET", kBucket, "website", "", "GetBucketWebsite", Rule("s3:GetBucketWebsite"), GetAbsentBucketConfiguration, ""},
    {"GET", kBucket, "list-type=2", "", "ListObjectsV2", Rule("s3:ListBucket"), ListObjectsV2, kListV2Parameters},
    {"GET", kBucket, "", "", "ListObjects", Rule("s3:ListBucket"), ListObjects, kListParameters},
    {"HEAD", kBucket, "", "", "HeadBucket", Rule("s3:ListBucket"), HeadBucket, ""},
    {"OPTIONS", kBucket, "", "", "CorsPreflight", Rule::Anybody(), CorsPreflight, ""},

    // Buckets: changing
    {"PUT", kBucket, "abac", "", "PutBucketAbac", Rule("s3:PutBucketAbac"), NotOffered, ""},
    {"PUT", kBucket, "accelerate", "", "PutBucketAccelerateConfiguration", Rule("s3:PutAccelerateConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "acl", "", "PutBucketAcl", Rule("s3:PutBucketAcl"), PutBucketAcl, ""},
    {"PUT", kBucket, "analytics", "", "PutBucketAnalyticsConfiguration", Rule("s3:PutAnalyticsConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "cors", "", "PutBucketCors", Rule("s3:PutBucketCORS"), PutBucketCors, ""},
    {"PUT", kBucket, "encryption", "", "PutBucketEncryption", Rule("s3:PutEncryptionConfiguration"), PutBucketEncryption, ""},
    {"PUT", kBucket, "intelligent-tiering", "", "PutBucketIntelligentTieringConfiguration", Rule("s3:PutIntelligentTieringConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "inventory", "", "PutBucketInventoryConfiguration", Rule("s3:PutInventoryConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "lifecycle", "", "PutBucketLifecycleConfiguration", Rule("s3:PutLifecycleConfiguration"), PutBucketLifecycle, ""},
    {"PUT", kBucket, "logging", "", "PutBucketLogging", Rule("s3:PutBucketLogging"), NotOffered, ""},
    {"PUT", kBucket, "metadataInventoryTable", "", "UpdateBucketMetadataInventoryTableConfiguration", Rule("s3:UpdateBucketMetadataInventoryTableConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "metadataJournalTable", "", "UpdateBucketMetadataJournalTableConfiguration", Rule("s3:UpdateBucketMetadataJournalTableConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "metrics", "", "PutBucketMetricsConfiguration", Rule("s3:PutMetricsConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "notification", "", "PutBucketNotificationConfiguration", Rule("s3:PutBucketNotification"), PutBucketNotification, ""},
    {"PUT", kBucket, "object-lock", "", "PutObjectLockConfiguration", Rule("s3:PutBucketObjectLockConfiguration"), PutObjectLockConfiguration, ""},
    {"PUT", kBucket, "ownershipControls", "", "PutBucketOwnershipControls", Rule("s3:PutBucketOwnershipControls"), PutBucketOwnershipControls, ""},
    {"PUT", kBucket, "policy", "", "PutBucketPolicy", Rule("s3:PutBucketPolicy"), PutBucketPolicy, ""},
    {"PUT", kBucket, "publicAccessBlock", "", "PutPublicAccessBlock", Rule("s3:PutBucketPublicAccessBlock"), PutPublicAccessBlock, ""},
    {"PUT", kBucket, "replication", "", "PutBucketReplication", Rule("s3:PutReplicationConfiguration"), NotOffered, ""},
    {"PUT", kBucket, "requestPayment", "", "PutBucketRequestPayment", Rule("s3:PutBucketRequestPayment"), NotOffered, ""},
    {"PUT", kBucket, "tagging", "", "PutBucketTagging", Rule::OfDocument("s3:PutBucketTagging"), PutBucketTagging, ""},
    {"PUT", kBucket, "versioning", "", "PutBucketVersioning", Rule("s3:PutBucketVersioning"), PutBucketVersioning, ""},
    {"PUT", kBucket, "website", "", "PutBucketWebsite", Rule("s3:PutBucketWebsite"), NotOffered, ""},
    {"PUT", kBucket, "", "", "CreateBucket", Rule("s3:CreateBucket"), CreateBucket, ""},

    {"POST", kBucket, "delete", "", "DeleteObjects", Rule::ForEachKey("s3:DeleteObject", "s3:DeleteObjectVersion"), DeleteObjects, ""},
    {"POST", kBucket, "metadataConfiguration", "", "CreateBucketMetadataConfiguration", Rule("s3:CreateBucketMetadataTableConfiguration"), NotOffered, ""},
    {"POST", kBucket, "metadataTable", "", "CreateBucketMetadataTableConfiguration", Rule("s3:CreateBucketMetadataTableConfiguration"), NotOffered, ""},
    {"POST", kBucket, "", "x-amz-request-route", "WriteGetObjectResponse", Rule("s3:WriteGetObjectResponse"), NotOffered, ""},
    // A browser's form brings its credentials in its fields, so that the operation asks.
    {"POST", kBucket, "", "", "PostObject", Rule::Anybody(), PostObject, ""},

    {"DELETE", kBucket, "analytics", "", "DeleteBucketAnalyticsConfiguration", Rule("s3:PutAnalyticsConfiguration"), NotOffered, ""},
    {"DELETE", kBucket, "cors", "", "DeleteBucketCors", Rule("s3:PutBucketCORS"), DeleteBucketCors, ""},
    {"DELETE", kBucket, "encryption", "", "DeleteBucketEncryption", Rule("s3:PutEncryptionConfiguration"), DeleteBucketEncryption, ""},
    {"DELETE", kBucket, "intelligent-tiering", "", "DeleteBucketIntelligentTieringConfiguration", Rule("s3:PutIntelligentTieringConfiguration"), NotOffered, ""},
    {"DELETE", kBucket, "inventory", "", "DeleteBucketInventoryConfiguration", Rule("s3:PutInventoryConfiguration"), NotOffered, ""},
    {"DELETE", kBucket, "lifecycle", "", "DeleteBucketLifecycle", Rule("s3:PutLifecycleConfiguration"), DeleteBucketLifecycle, ""},
    {"DELETE", kBucket, "metadataConfiguration", "", "DeleteBucketMetadataConfiguration", Rule("s3:DeleteBucketMetadataTableConfiguration"), NotOffered, ""},
    {"DELETE", kBucket, "metadataTable", "", "DeleteBucketMetadataTableConfiguration", Rule("s3:DeleteBucketMetadataTableConfiguration"), NotOffered, ""},
    {"DELETE", kBucket, "metrics", "", "DeleteBucketMetricsConfiguration", Rule("s3:PutMetricsConfiguration"), NotOffered, ""},
    {"DELETE", kBucket, "ownershipControls", "", "DeleteBucketOwnershipControls", Rule("s3:PutBucketOwnershipControls"), DeleteBucketOwnershipControls, ""},
    {"DELETE", kBucket, "policy", "", "DeleteBucketPolicy", Rule("s3:DeleteBucketPolicy"), DeleteBucketPolicy, ""},
    {"DELETE", kBucket, "publicAccessBlock", "", "DeletePublicAccessBlock", Rule("s3:PutBucketPublicAccessBlock"), DeletePublicAccessBlock, ""},
    {"DELETE", kBucket, "replication", "", "DeleteBucketReplication", Rule("s3:PutReplicationConfiguration"), NotOffered, ""},
    {"DELETE", kBucket, "tagging", "", "DeleteBucketTagging", Rule("s3:PutBucketTagging"), DeleteBucketTagging, ""},
    {"DELETE", kBucket, "website", "", "DeleteBucketWebsite", Rule("s3:DeleteBucketWebsite"), NotOffered, ""},
    {"DELETE", kBucket, "", "", "DeleteBucket", Rule("s3:DeleteBucket"), DeleteBucket, ""},

    // Objects: reading
    {"GET", kObject, "acl", "", "GetObjectAcl", Rule("s3:GetObjectAcl", "s3:GetObjectVersionAcl"), GetObjectAcl, "versionId"},
    {"GET", kObject, "attributes", "", "GetObjectAttributes", Rule("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"), GetObjectAttributes, "versionId"},
    {"GET", kObject, "legal-hold", "", "GetObjectLegalHold", Rule("s3:GetObjectLegalHold"), GetObjectLegalHold, "versionId"},
    {"GET", kObject, "retention", "", "GetObjectRetention", Rule("s3:GetObjectRetention"), GetObjectRetention, "versionId"},
    {"GET", kObject, "tagging", "", "GetObjectTagging", Rule("s3:GetObjectTagging", "s3:GetObjectVersionTagging"), GetObjectTagging, "versionId"},
    {"GET", kObject, "torrent", "", "GetObjectTorrent", Rule("s3:GetObjectTorrent", "s3:GetObjectVersionTorrent"), NotOffered, ""},
    {"GET", kObject, "uploadId", "", "ListParts", Rule("s3:ListMultipartUploadParts"), ListParts, "max-parts part-number-marker encoding-type"},
    {"GET", kObject, "", "", "GetObject", Rule("s3:GetObject", "s3:GetObjectVersion"), GetObject, kReadParameters},
    {"HEAD", kObject, "", "", "HeadObject", Rule("s3:GetObject", "s3:GetObjectVersion"), HeadObject, kReadParameters},
    {"OPTIONS", kObject, "", "", "CorsPreflight", Rule::Anybody(), CorsPreflight, ""},

    // Objects: changing
    {"PUT", kObject, "acl", "", "PutObjectAcl", Rule("s3:PutObjectAcl", "s3:PutObjectVersionAcl"), PutObjectAcl, "versionId"},
    {"PUT", kObject, "encryption", "", "UpdateObjectEncryption", Rule("s3:UpdateObjectEncryption"), NotOffered, ""},
    {"PUT", kObject, "legal-hold", "", "PutObjectLegalHold", Rule::OfDocument("s3:PutObjectLegalHold"), PutObjectLegalHold, "versionId"},
    {"PUT", kObject, "renameObject", "", "RenameObject", Rule("s3:RenameObject"), NotOffered, ""},
    {"PUT", kObject, "retention", "", "PutObjectRetention", Rule::OfDocument("s3:PutObjectRetention"), PutObjectRetention, "versionId"},
    {"PUT", kObject, "tagging", "", "PutObjectTagging", Rule::OfDocument("s3:PutObjectTagging", "s3:PutObjectVersionTagging"), PutObjectTagging, "versionId"},
    {"PUT", kObject, "partNumber uploadId", "x-amz-copy-source", "UploadPartCopy", Rule("s3:PutObject"), UploadPartCopy, ""},
    {"PUT", kObject, "partNumber uploadId", "", "UploadPart", Rule("s3:PutObject"), UploadPart, ""},
    {"PUT", kObject, "", "x-amz-copy-source", "CopyObject", Rule("s3:PutObject"), CopyObject, ""},
    {"PUT", kObject, "", "", "PutObject", Rule("s3:PutObject"), PutObject, ""},

    {"POST", kObject, "restore", "", "RestoreObject", Rule("s3:RestoreObject"), NotOffered, ""},
    {"POST", kObject, "select", "", "SelectObjectContent", Rule("s3:GetObject"), NotOffered, ""},
    {"POST", kObject, "uploads", "", "CreateMultipartUpload", Rule("s3:PutObject"), CreateMultipartUpload, ""},
    {"POST", kObject, "uploadId", "", "CompleteMultipartUpload", Rule("s3:PutObject"), CompleteMultipartUpload, ""},

    {"DELETE", kObject, "tagging", "", "DeleteObjectTagging", Rule("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"), DeleteObjectTagging, "versionId"},
    {"DELETE", kObject, "uploadId", "", "AbortMultipartUpload", Rule("s3:AbortMultipartUpload"), AbortMultipartUpload, ""},
    {"DELETE", kObject, "", "", "DeleteObject", Rule("s3:DeleteObject", "s3:DeleteObjectVersion"), DeleteObject, "versionId"},
};

// What no row fits may be anything, so that it takes a rule that allows everything.
constexpr Route kUnknownSubresource =
    {"", kService, "", "", "Unknown", Rule("s3:*"), NotOffered, ""};
constexpr Route kUnknownMethod =
    {"", kService, "", "", "Unknown", Rule("s3:*"), MethodNotAllowed, ""};
// clang-format on

// Whether `words`, separated by spaces, hold one that fits.
template <class Fits>
bool AnyWord(std::string_view words, Fits fits) {
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        if (fits(word)) return true;
        words.remove_prefix(std::min(word.size() + 1, words.size()));
    }
    return false;
}

bool Fits(const Route& route, const S3Request& request) {
    if (route.method != request.method() || route.scope != request.scope()) return false;
    if (!route.query.empty() && request.query().parameters().empty()) return false;
    if (!route.header.empty() && !request.Header(route.header)) return false;
    return !AnyWord(route.query, [&](std::string_view word) {
        const size_t equals = word.find('=');
        const auto value = request.Parameter(word.substr(0, equals));
        return !value || (equals != std::string_view::npos && *value != word.substr(equals + 1));
    });
}

bool Understands(const Route& route, const codec::QueryParameter& parameter) {
    // "x-id" is how SDKs name the operation, for people who read logs; "x-amz-*" are headers that
    // came as parameters.
    if (parameter.name == "x-id" || IsSignatureParameter(parameter.name)) return true;
    if (parameter.name.starts_with("x-amz-") || parameter.name.starts_with("X-Amz-")) return true;
    const auto names_it = [&](std::string_view word) {
        return word.substr(0, word.find('=')) == parameter.name;
    };
    return AnyWord(route.query, names_it) || AnyWord(route.parameters, names_it);
}

}  // namespace

std::span<const Route> Routes() {
    return kRoutes;
}

const Route& FindRoute(const S3Request& request) {
    const auto* route = std::find_if(std::begin(kRoutes), std::end(kRoutes),
                                     [&](const Route& row) { return Fits(row, request); });
    if (route == std::end(kRoutes)) {
        // A method that other rows of this scope have was meant for a sub-resource.
        const bool known = std::ranges::any_of(kRoutes, [&](const Route& row) {
            return row.method == request.method() && row.scope == request.scope();
        });
        return known && !request.query().parameters().empty() ? kUnknownSubresource
                                                              : kUnknownMethod;
    }
    // A preflight says nothing of the query of what is to come.
    if (route->act == NotOffered || route->method == "OPTIONS") return *route;
    const bool reads = route->method == "GET" || route->method == "HEAD";
    for (const codec::QueryParameter& parameter : request.query().parameters()) {
        if (Understands(*route, parameter)) continue;
        if (!reads || parameter.value.empty()) return kUnknownSubresource;
    }
    return *route;
}

}  // namespace coffer::api::s3
