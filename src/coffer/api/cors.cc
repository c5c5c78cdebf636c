#include "coffer/api/cors.h"

#include <algorithm>
#include <array>

namespace coffer::api {
namespace {

constexpr std::array<std::string_view, 7> kMethods = {"GET",    "PUT",     "HEAD", "POST",
                                                      "DELETE", "OPTIONS", "PATCH"};

// What a page may read of an answer beside the few headers that it always may. "*" is for requests
// without credentials; with them, browsers want names.
constexpr std::string_view kExposed =
    "Date, ETag, Server, Connection, Accept-Ranges, Content-Range, Content-Encoding, "
    "Content-Length, Content-Type, Content-Disposition, Last-Modified, Content-Language, "
    "Cache-Control, Retry-After, x-amz-bucket-region, Expires, x-amz-request-id, x-amz-id-2, "
    "x-amz-version-id, x-amz-delete-marker, x-amz-mp-parts-count, x-amz-checksum-crc32, "
    "x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, x-amz-checksum-sha256, "
    "x-amz-checksum-type, *";

bool Fits(std::string_view pattern, std::string_view text) {
    // Greedy matching with one place to go back to: the last '*'.
    size_t p = 0;
    size_t t = 0;
    size_t star = std::string_view::npos;
    size_t mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

}  // namespace

bool OriginIsAllowed(const std::vector<std::string>& patterns, std::string_view origin) {
    return std::ranges::any_of(patterns,
                               [&](const std::string& pattern) { return Fits(pattern, origin); });
}

CorsHandler::CorsHandler(http::Handler& inner, std::vector<std::string> allowed_origins)
    : inner_(inner), allowed_origins_(std::move(allowed_origins)) {}

Task<http::Response> CorsHandler::Handle(http::Request& request) {
    const std::string origin(request.headers.GetOr("Origin", ""));
    const bool allowed = !origin.empty() && OriginIsAllowed(allowed_origins_, origin);

    if (request.method == "OPTIONS") {
        http::Response response;
        const auto method = request.headers.Get("Access-Control-Request-Method");
        if (!method) {
            response.headers.Add("Vary", "Origin");
        } else {
            response.status = 204;
            response.headers.Add(
                "Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
            if (!allowed || std::ranges::find(kMethods, *method) == kMethods.end())
                co_return response;
            response.headers.Add("Access-Control-Allow-Methods", *method);
            const auto headers = request.headers.Get("Access-Control-Request-Headers");
            if (headers && !headers->empty())
                response.headers.Add("Access-Control-Allow-Headers", *headers);
        }
        if (allowed) {
            response.headers.Add("Access-Control-Allow-Origin", origin);
            response.headers.Add("Access-Control-Allow-Credentials", "true");
        }
        co_return response;
    }

    http::Response response = co_await inner_.Handle(request);
    response.headers.Add("Vary", "Origin");
    if (allowed) {
        response.headers.Set("Access-Control-Allow-Origin", origin);
        response.headers.Set("Access-Control-Allow-Credentials", "true");
        response.headers.Set("Access-Control-Expose-Headers", kExposed);
    }
    co_return response;
}

}  // namespace coffer::api
