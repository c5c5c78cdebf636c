// Base64 and base64url (RFC 4648, 4 and 5). Pure functions; any thread may call them.
//
// Decoding is strict, so that one value has one form: no white space, no missing or extra padding,
// no bits set behind the last byte (RFC 4648, 3.5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"

namespace coffer::codec {

// With '+', '/' and padding.
std::string Base64Encode(ByteView bytes);
std::optional<std::string> Base64Decode(std::string_view text);

// Fills `out`; false, with `out` unspecified, unless `text` stands for exactly out.size() bytes.
bool Base64Decode(std::string_view text, ByteSpan out);

// With '-' and '_', without padding: the form of JSON Web Tokens (RFC 7515, 2).
std::string Base64UrlEncode(ByteView bytes);
std::optional<std::string> Base64UrlDecode(std::string_view text);

}  // namespace coffer::codec
