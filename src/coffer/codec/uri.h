// Request targets: percent-encoding, paths and queries (RFC 3986), as S3 and its clients use them.
//
// A target is split first and decoded after, each part once. Bytes that RFC 3986 wants encoded, but
// which clients send raw (non-ASCII, '|', '[', '"'), are taken as they are. Pure functions; any
// thread may call them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"

namespace coffer::codec {

enum class Slash { kEncode, kKeep };

// Every byte but A-Z a-z 0-9 '-' '.' '_' '~' becomes %XX, in upper case: UriEncode() of AWS
// Signature Version 4. Slash::kKeep leaves '/' too, as for object keys in a path.
std::string PercentEncode(std::string_view bytes, Slash slash = Slash::kEncode);

// Whether that leaves `bytes` as they are.
bool IsUnreserved(std::string_view bytes, Slash slash = Slash::kEncode);

// %XX becomes its byte, NUL included; '+' is an ordinary character. For paths. kInvalid
// "InvalidURI": a '%' without two hexadecimal digits.
Result<std::string> PercentDecode(std::string_view text);

// As PercentDecode, and '+' becomes a space: what S3 takes it for in a query.
Result<std::string> QueryDecode(std::string_view text);

// A target's two parts, still encoded; views into it. Without '?' there is no query, which is not
// an empty one.
struct Target {
    std::string_view path;
    std::optional<std::string_view> query;
};
Target SplitTarget(std::string_view target);

struct QueryParameter {
    std::string name;  // decoded
    std::string value;
    bool has_value = false;  // there is a '=': "acl=" has an empty value, "acl" has none
    std::string_view raw;    // "name=value" as sent: a view into the query that was parsed

    bool operator==(const QueryParameter&) const = default;
};

// The parameters of a query in the order in which they came, duplicates included. Names compare
// byte for byte.
class Query {
  public:
    // Empty parts ("a=1&&b=2") are passed over. kInvalid "InvalidURI": a bad escape, or over
    // kMaxParameters.
    static Result<Query> Parse(std::string_view text);

    static constexpr size_t kMaxParameters = 1000;

    // The first value of that name: a view into this object, empty where the name stands alone;
    // nothing without it.
    std::optional<std::string_view> Get(std::string_view name) const;
    bool Has(std::string_view name) const { return Get(name).has_value(); }
    size_t Count(std::string_view name) const;

    const std::vector<QueryParameter>& parameters() const { return parameters_; }

  private:
    std::vector<QueryParameter> parameters_;
};

}  // namespace coffer::codec
