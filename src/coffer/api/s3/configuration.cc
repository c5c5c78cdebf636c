// Reads of configuration that nobody can have set: what S3 answers for a bucket without it.
#include <algorithm>

#include "coffer/api/s3/document.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/base/check.h"

namespace coffer::api::s3 {
namespace {

// The answer of one operation: an error, or a document of `root` with one element in it, or none.
struct Absent {
    std::string_view operation;
    std::string_view code;  // of the error; empty: a document
    std::string_view root;
    std::string_view element;  // empty: none
    std::string_view text;
};

constexpr Absent NotFound(std::string_view operation, std::string_view code) {
    return {operation, code, {}, {}, {}};
}

constexpr Absent Document(std::string_view operation, std::string_view root,
                          std::string_view element = {}, std::string_view text = {}) {
    return {operation, {}, root, element, text};
}

constexpr Absent kAbsent[] = {
    Document("GetBucketAccelerateConfiguration", "AccelerateConfiguration"),
    NotFound("GetBucketAnalyticsConfiguration", "NoSuchConfiguration"),
    NotFound("GetBucketIntelligentTieringConfiguration", "NoSuchConfiguration"),
    NotFound("GetBucketInventoryConfiguration", "NoSuchConfiguration"),
    Document("GetBucketLogging", "BucketLoggingStatus"),
    NotFound("GetBucketMetricsConfiguration", "NoSuchConfiguration"),
    NotFound("GetBucketReplication", "ReplicationConfigurationNotFoundError"),
    Document("GetBucketRequestPayment", "RequestPaymentConfiguration", "Payer", "BucketOwner"),
    NotFound("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
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
    if (!absent->code.empty()) return Error(ErrorKind::kNotFound, absent->code, "");
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

}  // namespace coffer::api::s3
