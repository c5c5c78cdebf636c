// What decodes has one form only: encoding gives the text back.
#include "coffer/codec/base64.h"
#include "coffer/codec/hex.h"

#include "fuzz/fuzz.h"

void coffer::fuzz::Fuzz(std::string_view input) {
    const auto same = [](std::string_view a, std::string_view b) { COFFER_CHECK(a == b); };
    if (const auto bytes = codec::Base64Decode(input)) {
        same(codec::Base64Encode(AsBytes(*bytes)), input);
    }
    if (const auto bytes = codec::Base64UrlDecode(input)) {
        same(codec::Base64UrlEncode(AsBytes(*bytes)), input);
    }
    if (const auto bytes = codec::FromHex(input)) {
        same(codec::FromHex(codec::ToHex(AsBytes(*bytes))).value(), *bytes);
        COFFER_CHECK(bytes->size() * 2 == input.size());
    }
    same(codec::Base64Decode(codec::Base64Encode(AsBytes(input))).value(), input);
    same(codec::Base64UrlDecode(codec::Base64UrlEncode(AsBytes(input))).value(), input);
    same(codec::FromHex(codec::ToHex(AsBytes(input))).value(), input);
}
