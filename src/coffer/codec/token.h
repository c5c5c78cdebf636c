// Tokens: the names of headers, methods and parameters (RFC 9110, 5.6.2). Pure.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace coffer::codec {

inline constexpr std::array<bool, 256> kTokenChars = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = '0'; c <= '9'; ++c)
        table[c] = true;
    for (unsigned char c = 'A'; c <= 'Z'; ++c)
        table[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c)
        table[c] = true;
    for (unsigned char c : std::string_view("!#$%&'*+-.^_`|~"))
        table[c] = true;
    return table;
}();

inline bool IsTokenChar(char c) {
    return kTokenChars[static_cast<unsigned char>(c)];
}

inline bool IsToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

}  // namespace coffer::codec
