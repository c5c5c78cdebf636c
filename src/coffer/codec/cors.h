// The CORS configuration of a bucket: which pages of other origins may use it. Reading, writing and
// matching; pure functions, any thread may call them.
//
// Source: the Amazon S3 API Reference, "PutBucketCors"; the Amazon S3 User Guide, "Elements of a
// CORS configuration"; the Fetch standard, "CORS protocol".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"

namespace coffer::codec {

struct CorsRule {
    std::optional<std::string> id;
    std::vector<std::string> allowed_origins;  // '*' stands for anything; at most one in each
    std::vector<std::string> allowed_methods;  // GET, PUT, HEAD, POST, DELETE
    std::vector<std::string> allowed_headers;  // the same
    std::vector<std::string> expose_headers;
    std::optional<int64_t> max_age_seconds;

    bool operator==(const CorsRule&) const = default;
};

// How large a document S3 takes.
inline constexpr size_t kMaxCorsBytes = 64 << 10;

// A <CORSConfiguration>. kInvalid "MalformedXML": no XML, another root, unknown or repeated
// elements, no rule, a rule without origin or method, an age that is no number of seconds.
// kInvalid "InvalidRequest", in S3's words: over 100 rules, an ID over 255 bytes, another method,
// a second '*', a '*' in an ExposeHeader, a header that is no token (RFC 9110, 5.6.2).
Result<std::vector<CorsRule>> ParseCors(std::string_view document);

// The document that ParseCors reads as these rules.
std::string WriteCors(std::span<const CorsRule> rules);

// What a browser says of a request, in a preflight or with the request itself.
struct CorsQuery {
    std::string_view origin;
    std::string_view method;                     // that is, or will be, used
    std::vector<std::string_view> headers = {};  // Access-Control-Request-Headers, of a preflight
};

// The names of Access-Control-Request-Headers; nothing where one is no token.
std::optional<std::vector<std::string_view>> ParseRequestHeaders(std::string_view value);

// What the answer says to the browser, header by header; empty ones are left out.
struct CorsAnswer {
    std::string allow_origin;
    bool allow_credentials = false;
    std::string allow_methods;
    std::string allow_headers;
    std::string expose_headers;
    std::optional<int64_t> max_age_seconds;
};

// By the first rule that allows the origin, the method and every header; nothing where none does.
// Origins are compared with regard to case, headers without. An origin allowed by "*" alone is
// answered "*", without credentials. Patterns may have more than the one '*' that ParseCors takes.
std::optional<CorsAnswer> AnswerCors(std::span<const CorsRule> rules, const CorsQuery& query);

}  // namespace coffer::codec
