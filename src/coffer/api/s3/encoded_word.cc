#include "coffer/api/s3/encoded_word.h"

#include <optional>

#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/hex.h"
#include "coffer/codec/names.h"
#include "coffer/http/message.h"

namespace coffer::api::s3 {
namespace {

// The Q encoding (RFC 2047, 4.2).
std::optional<std::string> DecodeQ(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '_') {
            out += ' ';
        } else if (text[i] == '=') {
            const auto byte = codec::FromHex(text.substr(i + 1, 2));
            if (!byte || byte->size() != 1) return std::nullopt;
            out += *byte;
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

struct Word {
    std::string text;  // UTF-8
    size_t size = 0;   // of its encoded form
};

// The encoded word that `text` begins with.
std::optional<Word> ParseWord(std::string_view text) {
    if (!text.starts_with("=?")) return std::nullopt;
    const size_t charset_end = text.find('?', 2);
    if (charset_end == std::string_view::npos || charset_end + 2 >= text.size())
        return std::nullopt;
    if (text[charset_end + 2] != '?') return std::nullopt;
    const std::string_view charset = text.substr(2, charset_end - 2);
    const char encoding = text[charset_end + 1];
    const size_t begin = charset_end + 3;
    const size_t end = text.find("?=", begin);
    if (end == std::string_view::npos) return std::nullopt;

    const std::string_view payload = text.substr(begin, end - begin);
    std::optional<std::string> bytes;
    if (encoding == 'B' || encoding == 'b') bytes = codec::Base64Decode(payload);
    if (encoding == 'Q' || encoding == 'q') bytes = DecodeQ(payload);
    if (!bytes) return std::nullopt;
    if (codec::EqualsIgnoringCase(charset, "iso-8859-1")) {
        bytes = Latin1ToUtf8(*bytes);
    } else if (!codec::EqualsIgnoringCase(charset, "utf-8") &&
               !codec::EqualsIgnoringCase(charset, "us-ascii")) {
        return std::nullopt;
    }
    return Word{std::move(*bytes), end + 2};
}

}  // namespace

std::string DecodeWords(std::string_view text) {
    std::string out;
    std::string spaces;  // that came after an encoded word
    bool after_word = false;
    while (!text.empty()) {
        if (auto word = ParseWord(text)) {
            out += word->text;
            text.remove_prefix(word->size);
            spaces.clear();
            after_word = true;
        } else if (after_word && (text[0] == ' ' || text[0] == '\t')) {
            spaces += text[0];
            text.remove_prefix(1);
        } else {
            out += spaces;
            spaces.clear();
            out += text[0];
            text.remove_prefix(1);
            after_word = false;
        }
    }
    return out + spaces;
}

std::string EncodeWords(std::string_view text) {
    // 75 characters less "=?UTF-8?B?" and "?=" hold 60 of Base64: 45 bytes.
    constexpr size_t kBytesPerWord = 45;
    std::string out;
    while (!text.empty()) {
        size_t size = std::min(text.size(), kBytesPerWord);
        while (size < text.size() && size > 1 &&
               (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
            --size;
        if (!out.empty()) out += ' ';
        out += "=?UTF-8?B?" + codec::Base64Encode(AsBytes(text.substr(0, size))) + "?=";
        text.remove_prefix(size);
    }
    return out;
}

std::string Latin1ToUtf8(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0 | (byte >> 6));
            out += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return out;
}

}  // namespace coffer::api::s3
