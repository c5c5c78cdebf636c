#include "coffer/codec/sigv2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/digest.h"

namespace coffer::codec {
namespace {

// Parameters that are signed: those of AWS's text, and the sub-resources that came later. In the
// order of their bytes.
constexpr auto kSignedParameters = std::to_array<std::string_view>({"accelerate",
                                                                    "acl",
                                                                    "analytics",
                                                                    "cors",
                                                                    "defaultObjectAcl",
                                                                    "delete",
                                                                    "encryption",
                                                                    "inventory",
                                                                    "legal-hold",
                                                                    "lifecycle",
                                                                    "location",
                                                                    "logging",
                                                                    "metrics",
                                                                    "notification",
                                                                    "object-lock",
                                                                    "partNumber",
                                                                    "policy",
                                                                    "replication",
                                                                    "requestPayment",
                                                                    "response-cache-control",
                                                                    "response-content-disposition",
                                                                    "response-content-encoding",
                                                                    "response-content-language",
                                                                    "response-content-type",
                                                                    "response-expires",
                                                                    "restore",
                                                                    "retention",
                                                                    "select",
                                                                    "select-type",
                                                                    "storageClass",
                                                                    "tagging",
                                                                    "torrent",
                                                                    "uploadId",
                                                                    "uploads",
                                                                    "versionId",
                                                                    "versioning",
                                                                    "versions",
                                                                    "website"});
static_assert(std::ranges::is_sorted(kSignedParameters));

Error Denied(std::string message) {
    return {ErrorKind::kDenied, "AccessDenied", std::move(message)};
}

Result<std::string> OnlyParameter(const Query& query, std::string_view name) {
    if (query.Count(name) != 1) {
        return Denied(
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
            "parameters, each once");
    }
    return std::string(*query.Get(name));
}

// What is signed of the headers, by lower-case name; values of the same name are joined.
std::map<std::string, std::string> SignedHeaders(const Query& query,
                                                 std::span<const HeaderField> headers,
                                                 bool presigned) {
    std::map<std::string, std::string> lines;
    const auto add = [&](std::string name, std::string_view value) {
        const auto [line, is_new] = lines.try_emplace(std::move(name), TrimSpaces(value));
        if (!is_new) line->second.append(",").append(TrimSpaces(value));
    };
    for (const HeaderField& header : headers) {
        std::string name = ToLower(header.name);
        if (name.starts_with("x-amz-") || name == "content-type" || name == "content-md5" ||
            name == "date") {
            add(std::move(name), header.value);
        }
    }
    for (const QueryParameter& parameter : query.parameters()) {
        std::string name = ToLower(parameter.name);
        const bool is_amz = name.starts_with("x-amz-");
        const bool stands_for_header =
            presigned && (name == "content-type" || name == "content-md5") && !lines.contains(name);
        if (is_amz || stands_for_header) add(std::move(name), parameter.value);
    }
    return lines;
}

std::string SignedQuery(const Query& query) {
    std::multimap<std::string_view, std::string_view> parameters;
    for (const QueryParameter& parameter : query.parameters()) {
        if (std::ranges::binary_search(kSignedParameters, parameter.name)) {
            parameters.emplace(parameter.name, parameter.value);
        }
    }
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += text.empty() ? '?' : '&';
        text += name;
        if (!value.empty()) text.append("=").append(value);
    }
    return text;
}

}  // namespace

Result<SigV2Signature> ParseSigV2Authorization(std::string_view header) {
    constexpr std::string_view kScheme = "AWS ";
    const auto malformed = [] {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "AWS authorization header is invalid. Expected AwsAccessKeyId:signature");
    };
    if (!header.starts_with(kScheme)) return malformed();
    const std::string_view rest = header.substr(kScheme.size());
    // An access key may hold colons; a signature can't.
    const size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == rest.size()) {
        return malformed();
    }
    if (rest.find(' ') != std::string_view::npos) return malformed();
    return SigV2Signature{std::string(rest.substr(0, colon)), std::string(rest.substr(colon + 1))};
}

Result<SigV2Presigned> ParseSigV2Query(const Query& query) {
    TRY(std::string access_key, OnlyParameter(query, "AWSAccessKeyId"));
    TRY(std::string signature, OnlyParameter(query, "Signature"));
    TRY(std::string expires, OnlyParameter(query, "Expires"));
    int64_t seconds = 0;
    const auto parsed = std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
    // Years beyond 9999 would overflow a Timestamp.
    constexpr int64_t kLatest = 253'402'300'799;
    if (parsed.ec != std::errc() || parsed.ptr != expires.data() + expires.size() || seconds < 0 ||
        seconds > kLatest) {
        return Denied("Invalid date (should be seconds since epoch): " + expires);
    }
    return SigV2Presigned{{std::move(access_key), std::move(signature)},
                          std::move(expires),
                          Timestamp(std::chrono::seconds(seconds))};
}

std::string SigV2StringToSign(std::string_view method, std::string_view resource_path,
                              const Query& query, std::span<const HeaderField> headers,
                              std::string_view expires) {
    const auto lines = SignedHeaders(query, headers, !expires.empty());
    const auto value_of = [&](const char* name) {
        const auto line = lines.find(name);
        return line == lines.end() ? std::string_view() : std::string_view(line->second);
    };
    std::string text(method);
    text.append("\n").append(value_of("content-md5"));
    text.append("\n").append(value_of("content-type")).append("\n");
    if (!expires.empty()) {
        text += expires;
    } else if (!lines.contains("x-amz-date")) {
        text += value_of("date");
    }
    text += '\n';
    for (const auto& [name, value] : lines) {
        if (name.starts_with("x-amz-")) text.append(name).append(":").append(value).append("\n");
    }
    text += resource_path;
    // S3 signs a bucket with a slash behind it, also where a path-style request has none.
    if (resource_path.rfind('/') == 0 && resource_path.size() > 1) text += '/';
    return text + SignedQuery(query);
}

std::string SigV2Sign(std::string_view secret, std::string_view string_to_sign) {
    return Base64Encode(HmacSha1(AsBytes(secret), AsBytes(string_to_sign)));
}

}  // namespace coffer::codec
