// GetBucketVersioning and PutBucketVersioning.
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kEnabled = "Enabled";
constexpr std::string_view kSuspended = "Suspended";

Error NotImplemented(std::string message) {
    return Error(ErrorKind::kUnsupported, "NotImplemented", std::move(message));
}

// MfaDelete is AWS's; the exclusions are MinIO's, and ask for less than the bucket would keep.
Result<> RefuseWhatIsNotOffered(const codec::XmlNode& root) {
    TRY(const auto mfa_delete, root.ChildText("MfaDelete"));
    if (mfa_delete && *mfa_delete != "Disabled") {
        if (*mfa_delete != kEnabled) return Error(ErrorKind::kInvalid, "MalformedXML", "");
        return NotImplemented("MFA delete is not implemented.");
    }
    TRY(const auto exclude_folders, root.ChildText("ExcludeFolders"));
    if (root.Child("ExcludedPrefixes") || exclude_folders.value_or("false") != "false")
        return NotImplemented("Excluding keys from versioning is not implemented.");
    return Ok();
}

Result<service::Versioning> ParseVersioning(std::string_view document) {
    TRY(const auto xml, codec::ParseXml(document));
    const codec::XmlNode root = xml.root();
    if (root.name() != "VersioningConfiguration")
        return Error(ErrorKind::kInvalid, "MalformedXML", "");
    TRY(root.Expect({"Status", "MfaDelete", "ExcludeFolders"}, {"ExcludedPrefixes"}));
    TRY(const auto status, root.ChildText("Status"));
    if (!status) {
        return Error(ErrorKind::kInvalid, "IllegalVersioningConfigurationException",
                     "The Versioning element must be specified");
    }
    if (*status != kEnabled && *status != kSuspended)
        return Error(ErrorKind::kInvalid, "MalformedXML", "");
    TRY(RefuseWhatIsNotOffered(root));
    return *status == kEnabled ? service::Versioning::kEnabled : service::Versioning::kSuspended;
}

}  // namespace

Task<Reply> GetBucketVersioning(Call& call) {
    CO_TRY(const auto bucket, co_await call.dependencies.buckets.Get(call.bucket()));
    codec::XmlWriter xml;
    OpenRoot(xml, "VersioningConfiguration");
    if (bucket.versioning != service::Versioning::kUnversioned) {
        const bool enabled = bucket.versioning == service::Versioning::kEnabled;
        xml.Element("Status", enabled ? kEnabled : kSuspended);
    }
    co_return XmlReply(xml.Close().Finish());
}

Task<Reply> PutBucketVersioning(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    CO_TRY(const auto versioning, ParseVersioning(document));
    CO_TRY(co_await call.dependencies.buckets.SetVersioning(call.bucket(), versioning));
    co_return EmptyReply(200);
}

}  // namespace coffer::api::s3
