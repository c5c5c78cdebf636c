#include "coffer/codec/hex.h"

namespace coffer::codec {

std::string_view ToHex(ByteView bytes, std::span<char> out) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::span<char> hex = out.first(bytes.size() * 2);
    for (size_t i = 0; i < bytes.size(); ++i) {
        const auto byte = static_cast<uint8_t>(bytes[i]);
        hex[2 * i] = kDigits[byte >> 4];
        hex[2 * i + 1] = kDigits[byte & 15];
    }
    return {hex.data(), hex.size()};
}

std::string ToHex(ByteView bytes) {
    std::string hex(bytes.size() * 2, '\0');
    ToHex(bytes, hex);
    return hex;
}

int HexDigitValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool FromHex(std::string_view hex, ByteSpan out) {
    if (hex.size() != out.size() * 2) return false;
    for (size_t i = 0; i < out.size(); ++i) {
        const int high = HexDigitValue(hex[2 * i]);
        const int low = HexDigitValue(hex[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<std::byte>(high << 4 | low);
    }
    return true;
}

std::optional<std::string> FromHex(std::string_view hex) {
    std::string bytes(hex.size() / 2, '\0');
    if (!FromHex(hex, std::as_writable_bytes(std::span(bytes)))) return std::nullopt;
    return bytes;
}

}  // namespace coffer::codec
