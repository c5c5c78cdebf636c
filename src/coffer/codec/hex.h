// Bytes as hexadecimal digits. Pure functions; any thread may call them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"

namespace coffer::codec {

// Two lower-case digits a byte. The second form writes them to the beginning of `out`, which must
// have room for them, and returns them.
std::string ToHex(ByteView bytes);
std::string_view ToHex(ByteView bytes, std::span<char> out);

// Nothing unless `hex` is an even number of hexadecimal digits, of either case, and nothing else.
std::optional<std::string> FromHex(std::string_view hex);

// Fills `out`; false, with `out` unspecified, unless `hex` is exactly 2 * out.size() digits.
bool FromHex(std::string_view hex, ByteSpan out);

// The value of one hexadecimal digit of either case; -1 where it is none.
int HexDigitValue(char c);

}  // namespace coffer::codec
