// Characters that HTTP/1 allows where (RFC 9110, 5.5 and 5.6.2). Pure.
#pragma once

#include <algorithm>
#include <string_view>

#include "coffer/codec/token.h"

namespace coffer::http {

using codec::IsToken;
using codec::IsTokenChar;

// Bytes from 0x80 up are let through: clients send UTF-8 as it is.
inline bool IsFieldValue(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
    });
}

}  // namespace coffer::http
