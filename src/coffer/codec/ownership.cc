#include "coffer/codec/ownership.h"

#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

constexpr std::pair<Ownership, std::string_view> kNames[] = {
    {Ownership::kBucketOwnerEnforced, "BucketOwnerEnforced"},
    {Ownership::kBucketOwnerPreferred, "BucketOwnerPreferred"},
    {Ownership::kObjectWriter, "ObjectWriter"}};

Error Malformed() {
    return {ErrorKind::kInvalid, "MalformedXML", ""};
}

}  // namespace

std::optional<Ownership> ParseOwnershipName(std::string_view name) {
    for (const auto& [ownership, known] : kNames)
        if (known == name) return ownership;
    return std::nullopt;
}

std::string_view OwnershipName(Ownership ownership) {
    for (const auto& [known, name] : kNames)
        if (known == ownership) return name;
    return "";
}

Result<Ownership> ParseOwnershipControls(std::string_view document) {
    TRY(const auto xml, ParseXml(document));
    const XmlNode root = xml.root();
    if (root.name() != "OwnershipControls") return Malformed();
    TRY(root.Expect({"Rule"}));
    const auto rule = root.Child("Rule");
    if (!rule) return Malformed();
    TRY(rule->Expect({"ObjectOwnership"}));
    TRY(const auto name, rule->ChildText("ObjectOwnership"));
    const auto ownership = ParseOwnershipName(name.value_or(""));
    if (!ownership) return Malformed();
    return *ownership;
}

std::string WriteOwnershipControls(Ownership ownership) {
    XmlWriter xml;
    xml.Open("OwnershipControls").Attribute("xmlns", kS3Namespace).Open("Rule");
    return xml.Element("ObjectOwnership", OwnershipName(ownership)).Close().Close().Finish();
}

}  // namespace coffer::codec
