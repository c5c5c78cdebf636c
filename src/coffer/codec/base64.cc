#include "coffer/codec/base64.h"

#include <array>
#include <cstring>

namespace coffer::codec {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr uint8_t kNoDigit = 64;

constexpr std::array<uint8_t, 256> Values(std::string_view alphabet) {
    std::array<uint8_t, 256> values{};
    values.fill(kNoDigit);
    for (size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<uint8_t>(alphabet[i])] = static_cast<uint8_t>(i);
    }
    return values;
}

constexpr std::array<uint8_t, 256> kStandardValues = Values(kStandard);
constexpr std::array<uint8_t, 256> kUrlValues = Values(kUrl);

// Without padding.
std::string Encode(ByteView bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    uint32_t bits = 0;
    int count = 0;  // of bits that wait
    for (const std::byte byte : bytes) {
        bits = bits << 8 | static_cast<uint8_t>(byte);
        for (count += 8; count >= 6; count -= 6)
            text += alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0) text += alphabet[bits << (6 - count) & 63];
    return text;
}

// Without padding.
std::optional<std::string> Decode(std::string_view text, const std::array<uint8_t, 256>& values) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const uint8_t value = values[static_cast<uint8_t>(c)];
        if (value == kNoDigit) return std::nullopt;
        bits = bits << 6 | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xff);
        }
    }
    if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace

std::string Base64Encode(ByteView bytes) {
    std::string text = Encode(bytes, kStandard);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.ends_with("==")) {
        text.remove_suffix(2);
    } else if (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    return Decode(text, kStandardValues);
}

bool Base64Decode(std::string_view text, ByteSpan out) {
    const std::optional<std::string> bytes = Base64Decode(text);
    if (!bytes || bytes->size() != out.size()) return false;
    if (!out.empty()) std::memcpy(out.data(), bytes->data(), out.size());
    return true;
}

std::string Base64UrlEncode(ByteView bytes) {
    return Encode(bytes, kUrl);
}

std::optional<std::string> Base64UrlDecode(std::string_view text) {
    return Decode(text, kUrlValues);
}

}  // namespace coffer::codec
