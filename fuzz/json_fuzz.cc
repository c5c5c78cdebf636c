// A value that was read is written so that it is read as the same value, and no object has one name
// twice.
#include <set>

#include "coffer/codec/json.h"
#include "coffer/codec/names.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

void CheckValue(const codec::JsonValue& value) {
    if (const std::string* text = value.AsString()) COFFER_CHECK(codec::IsUtf8(*text));
    if (const auto* elements = value.AsArray()) {
        for (const codec::JsonValue& element : *elements)
            CheckValue(element);
    }
    if (const auto* members = value.AsObject()) {
        std::set<std::string_view> names;
        for (const codec::JsonMember& member : *members) {
            COFFER_CHECK(names.insert(member.name).second);
            COFFER_CHECK(codec::IsUtf8(member.name));
            CheckValue(member.value);
        }
    }
}

}  // namespace

void Fuzz(std::string_view input) {
    const auto value = codec::ParseJson(input, {.max_depth = 32, .max_values = 1000});
    if (!value) return;
    CheckValue(value.value());
    const std::string text = codec::WriteJson(value.value());
    const auto again = codec::ParseJson(text);
    COFFER_CHECK(again.has_value());
    COFFER_CHECK(codec::WriteJson(again.value()) == text);
}

}  // namespace coffer::fuzz
