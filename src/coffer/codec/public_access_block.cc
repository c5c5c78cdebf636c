#include "coffer/codec/public_access_block.h"

#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

constexpr std::string_view kRoot = "PublicAccessBlockConfiguration";

struct Field {
    std::string_view name;
    bool PublicAccessBlock::* member;
};
constexpr Field kFields[] = {
    {"BlockPublicAcls", &PublicAccessBlock::block_public_acls},
    {"IgnorePublicAcls", &PublicAccessBlock::ignore_public_acls},
    {"BlockPublicPolicy", &PublicAccessBlock::block_public_policy},
    {"RestrictPublicBuckets", &PublicAccessBlock::restrict_public_buckets},
};

Error Malformed() {
    return {ErrorKind::kInvalid, "MalformedXML", ""};
}

// An xs:boolean; some clients write it as their language does.
Result<bool> ParseFlag(std::string_view text) {
    if (text == "true" || text == "True" || text == "TRUE" || text == "1") return true;
    if (text == "false" || text == "False" || text == "FALSE" || text == "0") return false;
    return Malformed();
}

}  // namespace

Result<PublicAccessBlock> ParsePublicAccessBlock(std::string_view document) {
    TRY(const auto xml, ParseXml(document));
    const XmlNode root = xml.root();
    if (root.name() != kRoot) return Malformed();
    TRY(root.Expect(
        {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}));
    PublicAccessBlock block;
    for (const Field& field : kFields) {
        TRY(const auto text, root.ChildText(field.name));
        if (!text) continue;
        TRY(block.*field.member, ParseFlag(*text));
    }
    return block;
}

std::string WritePublicAccessBlock(const PublicAccessBlock& block) {
    XmlWriter xml;
    xml.Open(kRoot).Attribute("xmlns", kS3Namespace);
    for (const Field& field : kFields)
        xml.Element(field.name, block.*field.member);
    return xml.Close().Finish();
}

}  // namespace coffer::codec
