#include "coffer/codec/bucket_encryption.h"

#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

constexpr std::string_view kRoot = "ServerSideEncryptionConfiguration";
constexpr std::string_view kDefault = "ApplyServerSideEncryptionByDefault";

Error Malformed() {
    return {ErrorKind::kInvalid, "MalformedXML", ""};
}

Result<> ParseDefault(const XmlNode& node, BucketEncryption& encryption) {
    TRY(node.Expect({"SSEAlgorithm", "KMSMasterKeyID"}));
    TRY(const auto algorithm, node.ChildText("SSEAlgorithm"));
    TRY(const auto key, node.ChildText("KMSMasterKeyID"));
    if (algorithm == "aws:kms:dsse") {
        return Error(ErrorKind::kUnsupported, "NotImplemented",
                     "Dual-layer encryption (aws:kms:dsse) is not implemented.");
    }
    if (algorithm != "AES256" && algorithm != "aws:kms") return Malformed();
    encryption.kms = algorithm == "aws:kms";
    if (key && !encryption.kms) {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "a KMSMasterKeyID is not applicable if the default sse algorithm is not "
                     "aws:kms");
    }
    encryption.kms_key = key.value_or("");
    return Ok();
}

}  // namespace

Result<BucketEncryption> ParseBucketEncryption(std::string_view document) {
    TRY(const auto xml, ParseXml(document));
    const XmlNode root = xml.root();
    if (root.name() != kRoot) return Malformed();
    TRY(root.Expect({"Rule"}));
    const auto rule = root.Child("Rule");
    if (!rule) return Malformed();
    TRY(rule->Expect({kDefault, "BucketKeyEnabled"}));
    const auto by_default = rule->Child(kDefault);
    if (!by_default) return Malformed();
    BucketEncryption encryption;
    TRY(ParseDefault(*by_default, encryption));
    TRY(const auto bucket_key, rule->ChildText("BucketKeyEnabled"));
    if (bucket_key && *bucket_key != "true" && *bucket_key != "false") return Malformed();
    encryption.bucket_key = bucket_key == "true";
    return encryption;
}

std::string WriteBucketEncryption(const BucketEncryption& encryption) {
    XmlWriter xml;
    xml.Open(kRoot).Attribute("xmlns", kS3Namespace).Open("Rule").Open(kDefault);
    xml.Element("SSEAlgorithm", encryption.kms ? "aws:kms" : "AES256");
    if (!encryption.kms_key.empty()) xml.Element("KMSMasterKeyID", encryption.kms_key);
    return xml.Close().Element("BucketKeyEnabled", encryption.bucket_key).Close().Close().Finish();
}

}  // namespace coffer::codec
