#include "coffer/app/bootstrap/section.h"

#include <fmt/format.h>

#include <algorithm>

#include "coffer/app/settings.h"

namespace coffer::app::bootstrap {
namespace {

using codec::JsonMember;
using codec::JsonValue;

// A name, or a number that is one.
std::optional<std::string> AsName(const JsonValue& value) {
    if (const std::string* text = value.AsString()) return *text;
    if (const auto number = value.AsInt()) return std::to_string(*number);
    return std::nullopt;
}

}  // namespace

Error Wrong(std::string_view path, std::string_view what) {
    return Error(ErrorKind::kInvalid, fmt::format("{}: {}", path, what));
}

std::string Shown(std::string_view name) {
    const auto end = std::ranges::find_if_not(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    });
    std::string shown(name.begin(), end);
    return end == name.end() ? shown : shown + "...";
}

// What S3 says of XML is told of no XML.
Error Refused(std::string_view path, const Error& error) {
    if (error.code() != "MalformedXML") return Wrong(path, error.message());
    const size_t reason = error.message().find(": ");
    if (reason == std::string::npos) return Wrong(path, "this is not what S3 takes here");
    return Wrong(path, std::string_view(error.message()).substr(reason + 2));
}

Result<Section> Section::Of(const JsonValue& value, std::string path,
                            std::initializer_list<std::string_view> names) {
    static const JsonValue::Object kNone;
    const JsonValue::Object* members = value.IsNull() ? &kNone : value.AsObject();
    if (members == nullptr) return Wrong(path, "write names and values under it");
    const std::vector<std::string> known(names.begin(), names.end());
    for (const JsonMember& member : *members) {
        if (known.empty() || std::ranges::find(known, member.name) != known.end()) continue;
        const std::string meant = Nearest(member.name, known);
        const std::string name = Shown(member.name);
        return Wrong(path.empty() ? "the document" : path,
                     meant.empty() ? fmt::format("\"{}\" means nothing here; there are {}", name,
                                                 fmt::join(known, ", "))
                                   : fmt::format("\"{}\" means nothing here; did you mean \"{}\"?",
                                                 name, meant));
    }
    return Section(*members, std::move(path));
}

const JsonValue* Section::Find(std::string_view name) const {
    const auto found = std::ranges::find(*members_, name, &JsonMember::name);
    return found == members_->end() ? nullptr : &found->value;
}

std::string Section::PathOf(std::string_view name) const {
    return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

Result<std::optional<std::string>> Section::Text(std::string_view name) const {
    const JsonValue* value = Find(name);
    if (value == nullptr) return std::nullopt;
    auto text = AsName(*value);
    if (!text) return Wrong(PathOf(name), "it must be a text");
    return text;
}

Result<std::optional<bool>> Section::Switch(std::string_view name) const {
    const JsonValue* value = Find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto on = value->AsBool()) return on;
    return Wrong(PathOf(name), "it must be true or false");
}

Result<std::optional<std::vector<std::string>>> Section::Names(std::string_view name) const {
    const JsonValue* value = Find(name);
    if (value == nullptr) return std::nullopt;
    const JsonValue::Array* items = value->AsArray();
    if (items == nullptr) return Wrong(PathOf(name), "it must be a list of names");
    std::vector<std::string> names;
    for (const JsonValue& item : *items) {
        auto text = AsName(item);
        if (!text) return Wrong(PathOf(name), "a name must be a text");
        names.push_back(*std::move(text));
    }
    std::ranges::sort(names);
    const auto twice = std::ranges::unique(names);
    names.erase(twice.begin(), twice.end());
    return names;
}

Result<std::string> ReadPolicyText(const JsonValue& value, const std::string& path) {
    if (value.AsObject() != nullptr) return codec::WriteJson(value);
    if (value.AsString() == nullptr)
        return Wrong(path, "write the policy's members, or its text in JSON");
    TRY(const JsonValue parsed, At(path, codec::ParseJson(*value.AsString())));
    return codec::WriteJson(parsed);
}

}  // namespace coffer::app::bootstrap
