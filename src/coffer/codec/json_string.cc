#include <array>

#include "coffer/codec/json.h"
#include "coffer/codec/names.h"

namespace coffer::codec {
namespace {

// Appends the well-formed sequence that `text` begins with, or U+FFFD for its first byte.
size_t AppendSequence(std::string* out, std::string_view text) {
    for (size_t length = 2; length <= 4 && length <= text.size(); ++length) {
        if (IsUtf8(text.substr(0, length))) {
            *out += text.substr(0, length);
            return length;
        }
    }
    *out += "\xef\xbf\xbd";
    return 1;
}

void AppendEscaped(std::string* out, char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    switch (c) {
        case '"':
            *out += "\\\"";
            break;
        case '\\':
            *out += "\\\\";
            break;
        case '\n':
            *out += "\\n";
            break;
        case '\r':
            *out += "\\r";
            break;
        case '\t':
            *out += "\\t";
            break;
        default:
            *out += "\\u00";
            *out += kDigits[static_cast<uint8_t>(c) >> 4];
            *out += kDigits[static_cast<uint8_t>(c) & 15];
    }
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view text) {
    *out += '"';
    while (!text.empty()) {
        const auto byte = static_cast<uint8_t>(text.front());
        size_t length = 1;
        if (byte >= 0x80) {
            length = AppendSequence(out, text);
        } else if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f) {
            AppendEscaped(out, text.front());
        } else {
            *out += text.front();
        }
        text.remove_prefix(length);
    }
    *out += '"';
}

}  // namespace coffer::codec
