#include "coffer/api/s3/routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "coffer/api/s3/operations.h"

namespace coffer::api::s3 {
namespace {

// A request that names `operation`, as the Amazon S3 API Reference (2006-03-01) has it.
struct ApiOperation {
    std::string_view operation;
    std::string_view method;
    std::string_view target;
    std::string_view header;
};

// clang-format off
// Every action of the reference. GetBucketLifecycle, GetBucketNotification and their PUT forms are older names of the
// same requests as those that end in "Configuration".
constexpr ApiOperation kApi[] = {
    {"AbortMultipartUpload", "DELETE", "/bucket/key?uploadId=u", ""},
    {"CompleteMultipartUpload", "POST", "/bucket/key?uploadId=u", ""},
    {"CopyObject", "PUT", "/bucket/key", "x-amz-copy-source"},
    {"CreateBucket", "PUT", "/bucket", ""},
    {"CreateBucketMetadataConfiguration", "POST", "/bucket?metadataConfiguration", ""},
    {"CreateBucketMetadataTableConfiguration", "POST", "/bucket?metadataTable", ""},
    {"CreateMultipartUpload", "POST", "/bucket/key?uploads", ""},
    {"CreateSession", "GET", "/bucket?session", ""},
    {"DeleteBucket", "DELETE", "/bucket", ""},
    {"DeleteBucketAnalyticsConfiguration", "DELETE", "/bucket?analytics&id=i", ""},
    {"DeleteBucketCors", "DELETE", "/bucket?cors", ""},
    {"DeleteBucketEncryption", "DELETE", "/bucket?encryption", ""},
    {"DeleteBucketIntelligentTieringConfiguration", "DELETE", "/bucket?intelligent-tiering&id=i", ""},
    {"DeleteBucketInventoryConfiguration", "DELETE", "/bucket?inventory&id=i", ""},
    {"DeleteBucketLifecycle", "DELETE", "/bucket?lifecycle", ""},
    {"DeleteBucketMetadataConfiguration", "DELETE", "/bucket?metadataConfiguration", ""},
    {"DeleteBucketMetadataTableConfiguration", "DELETE", "/bucket?metadataTable", ""},
    {"DeleteBucketMetricsConfiguration", "DELETE", "/bucket?metrics&id=i", ""},
    {"DeleteBucketOwnershipControls", "DELETE", "/bucket?ownershipControls", ""},
    {"DeleteBucketPolicy", "DELETE", "/bucket?policy", ""},
    {"DeleteBucketReplication", "DELETE", "/bucket?replication", ""},
    {"DeleteBucketTagging", "DELETE", "/bucket?tagging", ""},
    {"DeleteBucketWebsite", "DELETE", "/bucket?website", ""},
    {"DeleteObject", "DELETE", "/bucket/key", ""},
    {"DeleteObjectTagging", "DELETE", "/bucket/key?tagging", ""},
    {"DeleteObjects", "POST", "/bucket?delete", ""},
    {"DeletePublicAccessBlock", "DELETE", "/bucket?publicAccessBlock", ""},
    {"GetBucketAbac", "GET", "/bucket?abac", ""},
    {"GetBucketAccelerateConfiguration", "GET", "/bucket?accelerate", ""},
    {"GetBucketAcl", "GET", "/bucket?acl", ""},
    {"GetBucketAnalyticsConfiguration", "GET", "/bucket?analytics&id=i", ""},
    {"GetBucketCors", "GET", "/bucket?cors", ""},
    {"GetBucketEncryption", "GET", "/bucket?encryption", ""},
    {"GetBucketIntelligentTieringConfiguration", "GET", "/bucket?intelligent-tiering&id=i", ""},
    {"GetBucketInventoryConfiguration", "GET", "/bucket?inventory&id=i", ""},
    {"GetBucketLifecycleConfiguration", "GET", "/bucket?lifecycle", ""},
    {"GetBucketLocation", "GET", "/bucket?location", ""},
    {"GetBucketLogging", "GET", "/bucket?logging", ""},
    {"GetBucketMetadataConfiguration", "GET", "/bucket?metadataConfiguration", ""},
    {"GetBucketMetadataTableConfiguration", "GET", "/bucket?metadataTable", ""},
    {"GetBucketMetricsConfiguration", "GET", "/bucket?metrics&id=i", ""},
    {"GetBucketNotificationConfiguration", "GET", "/bucket?notification", ""},
    {"GetBucketOwnershipControls", "GET", "/bucket?ownershipControls", ""},
    {"GetBucketPolicy", "GET", "/bucket?policy", ""},
    {"GetBucketPolicyStatus", "GET", "/bucket?policyStatus", ""},
    {"GetBucketReplication", "GET", "/bucket?replication", ""},
    {"GetBucketRequestPayment", "GET", "/bucket?requestPayment", ""},
    {"GetBucketTagging", "GET", "/bucket?tagging", ""},
    {"GetBucketVersioning", "GET", "/bucket?versioning", ""},
    {"GetBucketWebsite", "GET", "/bucket?website", ""},
    {"GetObject", "GET", "/bucket/key", ""},
    {"GetObjectAcl", "GET", "/bucket/key?acl", ""},
    {"GetObjectAttributes", "GET", "/bucket/key?attributes", ""},
    {"GetObjectLegalHold", "GET", "/bucket/key?legal-hold", ""},
    {"GetObjectLockConfiguration", "GET", "/bucket?object-lock", ""},
    {"GetObjectRetention", "GET", "/bucket/key?retention", ""},
    {"GetObjectTagging", "GET", "/bucket/key?tagging", ""},
    {"GetObjectTorrent", "GET", "/bucket/key?torrent", ""},
    {"GetPublicAccessBlock", "GET", "/bucket?publicAccessBlock", ""},
    {"HeadBucket", "HEAD", "/bucket", ""},
    {"HeadObject", "HEAD", "/bucket/key", ""},
    {"ListBucketAnalyticsConfigurations", "GET", "/bucket?analytics", ""},
    {"ListBucketIntelligentTieringConfigurations", "GET", "/bucket?intelligent-tiering", ""},
    {"ListBucketInventoryConfigurations", "GET", "/bucket?inventory", ""},
    {"ListBucketMetricsConfigurations", "GET", "/bucket?metrics", ""},
    {"ListBuckets", "GET", "/", ""},
    {"ListDirectoryBuckets", "GET", "/?max-directory-buckets=10", ""},
    {"ListMultipartUploads", "GET", "/bucket?uploads", ""},
    {"ListObjectVersions", "GET", "/bucket?versions", ""},
    {"ListObjects", "GET", "/bucket", ""},
    {"ListObjectsV2", "GET", "/bucket?list-type=2", ""},
    {"ListParts", "GET", "/bucket/key?uploadId=u", ""},
    {"PutBucketAbac", "PUT", "/bucket?abac", ""},
    {"PutBucketAccelerateConfiguration", "PUT", "/bucket?accelerate", ""},
    {"PutBucketAcl", "PUT", "/bucket?acl", ""},
    {"PutBucketAnalyticsConfiguration", "PUT", "/bucket?analytics&id=i", ""},
    {"PutBucketCors", "PUT", "/bucket?cors", ""},
    {"PutBucketEncryption", "PUT", "/bucket?encryption", ""},
    {"PutBucketIntelligentTieringConfiguration", "PUT", "/bucket?intelligent-tiering&id=i", ""},
    {"PutBucketInventoryConfiguration", "PUT", "/bucket?inventory&id=i", ""},
    {"PutBucketLifecycleConfiguration", "PUT", "/bucket?lifecycle", ""},
    {"PutBucketLogging", "PUT", "/bucket?logging", ""},
    {"PutBucketMetricsConfiguration", "PUT", "/bucket?metrics&id=i", ""},
    {"PutBucketNotificationConfiguration", "PUT", "/bucket?notification", ""},
    {"PutBucketOwnershipControls", "PUT", "/bucket?ownershipControls", ""},
    {"PutBucketPolicy", "PUT", "/bucket?policy", ""},
    {"PutBucketReplication", "PUT", "/bucket?replication", ""},
    {"PutBucketRequestPayment", "PUT", "/bucket?requestPayment", ""},
    {"PutBucketTagging", "PUT", "/bucket?tagging", ""},
    {"PutBucketVersioning", "PUT", "/bucket?versioning", ""},
    {"PutBucketWebsite", "PUT", "/bucket?website", ""},
    {"PutObject", "PUT", "/bucket/key", ""},
    {"PutObjectAcl", "PUT", "/bucket/key?acl", ""},
    {"PutObjectLegalHold", "PUT", "/bucket/key?legal-hold", ""},
    {"PutObjectLockConfiguration", "PUT", "/bucket?object-lock", ""},
    {"PutObjectRetention", "PUT", "/bucket/key?retention", ""},
    {"PutObjectTagging", "PUT", "/bucket/key?tagging", ""},
    {"PutPublicAccessBlock", "PUT", "/bucket?publicAccessBlock", ""},
    {"RenameObject", "PUT", "/bucket/key?renameObject", ""},
    {"RestoreObject", "POST", "/bucket/key?restore", ""},
    {"SelectObjectContent", "POST", "/bucket/key?select&select-type=2", ""},
    {"UpdateBucketMetadataInventoryTableConfiguration", "PUT", "/bucket?metadataInventoryTable", ""},
    {"UpdateBucketMetadataJournalTableConfiguration", "PUT", "/bucket?metadataJournalTable", ""},
    {"UpdateObjectEncryption", "PUT", "/bucket/key?encryption", ""},
    {"UploadPart", "PUT", "/bucket/key?partNumber=1&uploadId=u", ""},
    {"UploadPartCopy", "PUT", "/bucket/key?partNumber=1&uploadId=u", "x-amz-copy-source"},
    {"WriteGetObjectResponse", "POST", "/write-get-object-response", "x-amz-request-route"},
    {"PostObject", "POST", "/bucket", ""},
};
// clang-format on

std::string_view OperationOf(std::string_view method, std::string_view target,
                             std::string_view header = {}) {
    http::Request request;
    request.method = method;
    request.target = target;
    if (!header.empty()) request.headers.Add(header, "bucket/other");
    return FindRoute(S3Request::Parse(request, {}).value()).operation;
}

Operation ActOf(std::string_view method, std::string_view target) {
    http::Request request;
    request.method = method;
    request.target = target;
    return FindRoute(S3Request::Parse(request, {}).value()).act;
}

TEST(Routes, HaveARowForEveryOperationOfS3) {
    for (const ApiOperation& api : kApi) {
        EXPECT_EQ(OperationOf(api.method, api.target, api.header), api.operation)
            << api.method << " " << api.target;
    }
}

TEST(Routes, HaveNoRowThatNothingReaches) {
    std::set<std::string_view> reached;
    for (const ApiOperation& api : kApi)
        reached.insert(api.operation);
    reached.insert({"CorsPreflight", "ListenNotification", "ListenBucketNotification"});
    for (const Route& route : Routes())
        EXPECT_TRUE(reached.contains(route.operation)) << route.operation;
}

TEST(Routes, AskForAnActionExceptWhereBrowsersHaveNoCredentials) {
    for (const Route& route : Routes()) {
        const bool browsers = route.operation == "CorsPreflight" || route.operation == "PostObject";
        EXPECT_EQ(route.rule.anybody(), browsers) << route.operation;
        if (!browsers) {
            EXPECT_TRUE(route.rule.action(false).starts_with("s3:")) << route.operation;
        }
    }
}

TEST(Routes, AskForAnotherActionWhereAVersionIsNamed) {
    const auto routes = Routes();
    const auto get = std::ranges::find(routes, "GetObject", &Route::operation);
    EXPECT_EQ(get->rule.action(false), "s3:GetObject");
    EXPECT_EQ(get->rule.action(true), "s3:GetObjectVersion");
}

TEST(Routes, NeverTakeAnUnknownSubresourceForAnotherOperation) {
    for (const std::string_view target :
         {"/bucket?frobnicate", "/bucket?frobnicate=", "/bucket/key?frobnicate",
          "/bucket/key?uploads", "/?frobnicate"}) {
        EXPECT_EQ(OperationOf("GET", target), "Unknown") << target;
        EXPECT_EQ(ActOf("GET", target), &NotOffered) << target;
    }
    for (const std::string_view target : {"/bucket?frobnicate=1", "/bucket/key?frobnicate=1",
                                          "/bucket/key?versionId=1", "/bucket/key?partNumber=1"}) {
        EXPECT_EQ(ActOf("PUT", target), &NotOffered) << target;
    }
    EXPECT_EQ(ActOf("DELETE", "/bucket?frobnicate=1"), &NotOffered);
    EXPECT_EQ(ActOf("POST", "/bucket/key?frobnicate"), &NotOffered);
}

TEST(Routes, IgnoreWhatOnlyDecoratesARead) {
    EXPECT_EQ(OperationOf("GET", "/bucket/key?v=17"), "GetObject");
    EXPECT_EQ(OperationOf("HEAD", "/bucket?read-stats=true"), "HeadBucket");
    EXPECT_EQ(OperationOf("PUT", "/bucket/key?x-id=PutObject"), "PutObject");
    EXPECT_EQ(OperationOf("PUT", "/bucket/key?X-Amz-Signature=1&X-Amz-Date=2&x-amz-meta-a=b"),
              "PutObject");
}

TEST(Routes, TellAMethodThatNothingHasFromASubresource) {
    EXPECT_EQ(ActOf("PATCH", "/bucket/key"), &MethodNotAllowed);
    EXPECT_EQ(ActOf("POST", "/bucket/key"), &MethodNotAllowed);
    EXPECT_EQ(ActOf("POST", "/"), &MethodNotAllowed);
    EXPECT_EQ(ActOf("get", "/bucket"), &MethodNotAllowed);
}

}  // namespace
}  // namespace coffer::api::s3
