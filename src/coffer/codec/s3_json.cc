#include "coffer/codec/s3_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

// Lists whose elements have another name.
constexpr std::pair<std::string_view, std::string_view> kElements[] = {
    {"AllowedHeaders", "AllowedHeader"},
    {"AllowedMethods", "AllowedMethod"},
    {"AllowedOrigins", "AllowedOrigin"},
    {"CORSRules", "CORSRule"},
    {"ExposeHeaders", "ExposeHeader"},
    {"NoncurrentVersionTransitions", "NoncurrentVersionTransition"},
    {"Rules", "Rule"},
    {"Tags", "Tag"},
    {"Transitions", "Transition"},
};

Error Wrong(std::string_view name, std::string_view what) {
    return Error(ErrorKind::kInvalid, fmt::format("{} {}", name, what));
}

std::string_view ElementOf(std::string_view list) {
    const auto* found =
        std::ranges::find(kElements, list, &std::pair<std::string_view, std::string_view>::first);
    return found == std::end(kElements) ? list : found->second;
}

bool IsElementName(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

Result<> Write(XmlWriter& xml, std::string_view name, const JsonValue& value);

Result<> WriteMembers(XmlWriter& xml, const JsonValue::Object& members) {
    for (const JsonMember& member : members) {
        if (!IsElementName(member.name))
            return Wrong("\"" + member.name + "\"", "is no name of an element");
        const JsonValue::Array* list = member.value.AsArray();
        if (list == nullptr) {
            TRY(Write(xml, member.name, member.value));
            continue;
        }
        for (const JsonValue& item : *list) {
            TRY(Write(xml, ElementOf(member.name), item));
        }
    }
    return Ok();
}

// One element; `name` outlives the writer.
Result<> Write(XmlWriter& xml, std::string_view name, const JsonValue& value) {
    if (const std::string* text = value.AsString()) {
        xml.Element(name, *text);
    } else if (const auto number = value.AsInt()) {
        xml.Element(name, *number);
    } else if (const auto truth = value.AsBool()) {
        xml.Element(name, *truth);
    } else if (const JsonValue::Object* members = value.AsObject()) {
        xml.Open(name);
        TRY(WriteMembers(xml, *members));
        xml.Close();
    } else {
        return Wrong(name, "can't be null, a number with a fraction, or a list in a list");
    }
    return Ok();
}

}  // namespace

Result<std::string> WriteS3Document(std::string_view root, const JsonValue& value) {
    const JsonValue::Object* members = value.AsObject();
    if (members == nullptr) return Wrong(root, "must be members with names");
    XmlWriter xml;
    xml.Open(root).Attribute("xmlns", kS3Namespace);
    TRY(WriteMembers(xml, *members));
    return xml.Close().Finish();
}

}  // namespace coffer::codec
