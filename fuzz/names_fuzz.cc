// Keys and bucket names against a second, slower reading of the same rules.
#include <algorithm>

#include "coffer/codec/names.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

// Decodes one code point without asking whether it may be; true where encoding it gives back the
// same bytes, which rules out overlong forms.
bool TakeCodePoint(std::string_view* text) {
    const auto at = [&](size_t i) { return static_cast<uint8_t>((*text)[i]); };
    size_t length = at(0) < 0x80 ? 1 : at(0) >> 5 == 6 ? 2 : at(0) >> 4 == 14 ? 3 : 4;
    if (length == 4 && at(0) >> 3 != 30) return false;
    if (length > text->size()) return false;
    uint32_t code = length == 1 ? at(0) : at(0) & (0xff >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
        if (at(i) >> 6 != 2) return false;
        code = code << 6 | (at(i) & 63);
    }
    const size_t shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    text->remove_prefix(length);
    return length == shortest && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

bool IsUtf8Slowly(std::string_view text) {
    while (!text.empty()) {
        if (!TakeCodePoint(&text)) return false;
    }
    return true;
}

}  // namespace

void Fuzz(std::string_view input) {
    const bool utf8 = codec::IsUtf8(input);
    COFFER_CHECK(utf8 == IsUtf8Slowly(input));

    const auto key = codec::ObjectKey::Parse(input);
    const bool key_allowed =
        !input.empty() && input.size() <= 1024 && utf8 && input.find('\0') == input.npos;
    COFFER_CHECK(key.has_value() == key_allowed);
    if (key) COFFER_CHECK(key.value().bytes() == input);

    const auto bucket = codec::BucketName::Parse(input);
    if (bucket) {
        COFFER_CHECK(bucket.value().text() == input);
        COFFER_CHECK(input.size() >= 3 && input.size() <= 63 && key_allowed);
        COFFER_CHECK(std::ranges::all_of(input, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        }));
    }
}

}  // namespace coffer::fuzz
