#include "coffer/api/cors.h"

#include <utility>

namespace coffer::api {
namespace {

// "*" is for requests without credentials; with them, browsers want names.
constexpr std::string_view kExposed[] = {
    "Date",
    "ETag",
    "Server",
    "Connection",
    "Accept-Ranges",
    "Content-Range",
    "Content-Encoding",
    "Content-Length",
    "Content-Type",
    "Content-Disposition",
    "Last-Modified",
    "Content-Language",
    "Cache-Control",
    "Retry-After",
    "Expires",
    "Location",
    "x-amz-bucket-region",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-amz-version-id",
    "x-amz-delete-marker",
    "x-amz-mp-parts-count",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
    "x-amz-checksum-type",
    "*",
};

Error BadRequest(std::string message) {
    return Error(ErrorKind::kInvalid, "BadRequest", std::move(message));
}

Error Forbidden(std::string message) {
    return Error(ErrorKind::kDenied, "AccessForbidden", std::move(message));
}

bool IsMethod(std::string_view method) {
    return method == "GET" || method == "PUT" || method == "HEAD" || method == "POST" ||
           method == "DELETE";
}

void Write(const codec::CorsAnswer& answer, http::Headers& headers) {
    headers.Set("Access-Control-Allow-Origin", answer.allow_origin);
    if (answer.allow_credentials) headers.Set("Access-Control-Allow-Credentials", "true");
    headers.Set("Access-Control-Allow-Methods", answer.allow_methods);
    if (!answer.allow_headers.empty())
        headers.Set("Access-Control-Allow-Headers", answer.allow_headers);
    if (!answer.expose_headers.empty())
        headers.Set("Access-Control-Expose-Headers", answer.expose_headers);
    if (answer.max_age_seconds)
        headers.Set("Access-Control-Max-Age", std::to_string(*answer.max_age_seconds));
}

}  // namespace

std::vector<codec::CorsRule> ServerCorsRules(std::vector<std::string> allowed_origins) {
    if (allowed_origins.empty()) return {};
    codec::CorsRule rule;
    rule.allowed_origins = std::move(allowed_origins);
    rule.allowed_methods = {"GET", "PUT", "HEAD", "POST", "DELETE"};
    rule.allowed_headers = {"*"};
    rule.expose_headers.assign(std::begin(kExposed), std::end(kExposed));
    return {std::move(rule)};
}

Result<http::Response> AnswerPreflight(const http::Request& request,
                                       std::span<const codec::CorsRule> rules) {
    const std::string_view origin = request.headers.GetOr("Origin", "");
    if (origin.empty())
        return BadRequest("Insufficient information. Origin request header needed.");
    const std::string_view method = request.headers.GetOr("Access-Control-Request-Method", "null");
    if (!IsMethod(method))
        return BadRequest("Invalid Access-Control-Request-Method: " + std::string(method));
    if (rules.empty()) return Forbidden("CORSResponse: CORS is not enabled for this bucket.");

    const auto headers =
        codec::ParseRequestHeaders(request.headers.GetOr("Access-Control-Request-Headers", ""));
    const auto answer =
        headers ? AnswerCors(rules, {.origin = origin, .method = method, .headers = *headers})
                : std::nullopt;
    if (!answer)
        return Forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the "
            "evalution of Origin, request method / Access-Control-Request-Method or "
            "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.");
    http::Response reply;
    reply.headers.Set("Vary",
                      "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    Write(*answer, reply.headers);
    return reply;
}

void AddCorsHeaders(const http::Request& request, std::span<const codec::CorsRule> rules,
                    http::Response& reply) {
    const auto answer = AnswerCors(
        rules, {.origin = request.headers.GetOr("Origin", ""),
                .method = request.headers.GetOr("Access-Control-Request-Method", request.method)});
    if (answer) Write(*answer, reply.headers);
}

CorsHandler::CorsHandler(http::Handler& inner, std::vector<codec::CorsRule> rules)
    : inner_(inner), rules_(std::move(rules)) {}

Task<http::Response> CorsHandler::Handle(http::Request& request) {
    if (request.method == "OPTIONS") {
        if (auto answer = AnswerPreflight(request, rules_)) co_return std::move(answer).value();
    }
    http::Response response = co_await inner_.Handle(request);
    response.headers.Add("Vary", "Origin");
    if (request.headers.Has("Origin")) AddCorsHeaders(request, rules_, response);
    co_return response;
}

}  // namespace coffer::api
