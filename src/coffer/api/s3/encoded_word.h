// The encoded words of RFC 2047, 2: how S3 carries text that is not ASCII in the headers of user
// metadata. Pure.
#pragma once

#include <string>
#include <string_view>

namespace coffer::api::s3 {

// "=?UTF-8?B?w6k=?=" becomes "é", in UTF-8; text around encoded words stays, white space between
// two of them goes (RFC 2047, 6.2). Charsets: UTF-8, US-ASCII, ISO-8859-1. What is no well-formed
// encoded word stays as it is.
std::string DecodeWords(std::string_view text);

// Encoded words of at most 75 characters, in Base64, none of which splits a character of the UTF-8
// in `text`.
std::string EncodeWords(std::string_view text);

// The UTF-8 of bytes that are ISO-8859-1.
std::string Latin1ToUtf8(std::string_view bytes);

}  // namespace coffer::api::s3
