// Hexadecimal digits.
#pragma once

#include <cstdint>
#include <string>

#include "coffer/base/bytes.h"

namespace coffer::codec {

// Two lower-case digits a byte.
inline std::string ToHex(ByteView bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        hex += kDigits[std::to_integer<unsigned>(byte) >> 4];
        hex += kDigits[std::to_integer<unsigned>(byte) & 0xf];
    }
    return hex;
}

// 0 to 15, or -1 for what is no digit. Both cases of letters are digits.
inline int HexDigitValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace coffer::codec
