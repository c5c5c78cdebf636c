// Reads of configuration that nobody can have set: what S3 answers for a bucket, or an object,
// without it.
#include <algorithm>

#include "coffer/api/s3/document.h"
#include "coffer/api/s3/find_object.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/base/check.h"

namespace coffer::api::s3 {
namespace {

// The answer of one operation: an error, or a document of `root` with one element in it, or none.
struct Absent {
    std::string_view operation;
    std::string_view code;  // of the error; empty: a document
    std::string_view message;
    std::string_view root;
    std::string_view element;  // empty: none
    std::string_view text;
};

constexpr Absent NotFound(std::string_view operation, std::string_view code,
                          std::string_view message = {}) {
    return {operation, code, message, {}, {}, {}};
}

constexpr Absent Document(std::string_view operation, std::string_view root,
                          std::string_view element = {}, std::string_view text = {}) {
    return {operation, {}, {}, root, element, text};
}

constexpr std::string_view kNoLock = "Bucket is missing Object Lock Configuration";

constexpr Absent kAbsent[] = {
    Document("GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
    NotFound("GetBucketAnalyticsConfiguration", "NoSuchConfiguration"),
    NotFound("GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"),
    NotFound("GetBucketIntelligentTieringConfiguration", "NoSuchConfiguration"),
    NotFound("GetBucketInventoryConfiguration", "NoSuchConfiguration"),
    NotFound("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"),
    Document("GetBucketLogging", "BucketLoggingStatus"),
    NotFound("GetBucketMetricsConfiguration", "NoSuchConfiguration"),
    Document("GetBucketNotificationConfiguration", "NotificationConfiguration"),
    NotFound("GetBucketOwnershipControls", "OwnershipControlsNotFoundError"),
    NotFound("GetBucketReplication", "ReplicationConfigurationNotFoundError"),
    Document("GetBucketRequestPayment", "RequestPaymentConfiguration", "Payer", "BucketOwner"),
    NotFound("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
    NotFound("GetObjectLegalHold", "InvalidRequest", kNoLock),
    NotFound("GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
    NotFound("GetObjectRetention", "InvalidRequest", kNoLock),
    Document("ListBucketAnalyticsConfigurations", "ListBucketAnalyticsConfigurationResult",
             "IsTruncated", "false"),
    Document("ListBucketIntelligentTieringConfigurations",
             "ListBucketIntelligentTieringConfigurationsOutput", "IsTruncated", "false"),
    Document("ListBucketInventoryConfigurations", "ListInventoryConfigurationsResult",
             "IsTruncated", "false"),
    Document("ListBucketMetricsConfigurations", "ListMetricsConfigurationsResult", "IsTruncated",
             "false"),
};

Reply Answer(std::string_view operation) {
    const auto* absent = std::ranges::find(kAbsent, operation, &Absent::operation);
    COFFER_CHECK(absent != std::end(kAbsent));
    if (!absent->code.empty()) {
        const bool not_found = absent->message.empty();
        return Error(not_found ? ErrorKind::kNotFound : ErrorKind::kInvalid, absent->code,
                     std::string(absent->message));
    }
    codec::XmlWriter xml;
    OpenRoot(xml, absent->root);
    if (!absent->element.empty()) xml.Element(absent->element, absent->text);
    return XmlReply(xml.Close().Finish());
}

}  // namespace

Task<Reply> GetAbsentBucketConfiguration(Call& call) {
    CO_TRY(co_await call.dependencies.buckets.Get(call.bucket()));
    co_return Answer(call.operation);
}

Task<Reply> GetAbsentObjectConfiguration(Call& call) {
    CO_TRY(co_await ExpectObject(call));
    co_return Answer(call.operation);
}

}  // namespace coffer::api::s3
