#include "coffer/http/message.h"

#include <algorithm>

#include "coffer/codec/ascii.h"

namespace coffer::http {
namespace {

using codec::EqualsIgnoringCase;

// As many as most messages have.
constexpr size_t kUsualHeaders = 16;

}  // namespace

void Headers::Add(std::string_view name, std::string_view value) {
    if (headers_.empty()) headers_.reserve(kUsualHeaders);
    headers_.push_back({std::string(name), std::string(value)});
}

void Headers::Set(std::string_view name, std::string_view value) {
    Remove(name);
    Add(name, value);
}

void Headers::Remove(std::string_view name) {
    std::erase_if(headers_,
                  [&](const Header& header) { return EqualsIgnoringCase(header.name, name); });
}

std::optional<std::string_view> Headers::Get(std::string_view name) const {
    for (const Header& header : headers_) {
        if (EqualsIgnoringCase(header.name, name)) return header.value;
    }
    return std::nullopt;
}

std::string_view Headers::GetOr(std::string_view name, std::string_view otherwise) const {
    return Get(name).value_or(otherwise);
}

size_t Headers::Count(std::string_view name) const {
    return static_cast<size_t>(
        std::count_if(headers_.begin(), headers_.end(),
                      [&](const Header& header) { return EqualsIgnoringCase(header.name, name); }));
}

// RFC 9110, 15, and the registry of HTTP status codes.
std::string_view ReasonPhrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 207:
            return "Multi-Status";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 423:
            return "Locked";
        case 425:
            return "Too Early";
        case 426:
            return "Upgrade Required";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        case 507:
            return "Insufficient Storage";
        default:
            return "";
    }
}

}  // namespace coffer::http
