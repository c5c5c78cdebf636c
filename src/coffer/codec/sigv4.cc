#include "coffer/codec/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

#include "coffer/codec/ascii.h"
#include "coffer/codec/constant_time.h"
#include "coffer/codec/date.h"
#include "coffer/codec/hex.h"
#include "coffer/codec/sigv4_query.h"

namespace coffer::codec {
namespace {

constexpr std::string_view kTerminator = "aws4_request";
constexpr int64_t kMaxExpiresSeconds = 604'800;

Error MalformedQuery(std::string message) {
    return {ErrorKind::kInvalid, "AuthorizationQueryParametersError", std::move(message)};
}

Error MalformedHeader(std::string_view problem) {
    return MalformedCredential(CredentialPlace::kHeader, problem);
}

std::vector<std::string> SplitNames(std::string_view text) {
    const auto names = Split(text, ';');
    return {names.begin(), names.end()};
}

// A value is signed once for each time that its name stands there: a long one as often as the head
// of a request has room for the name would be gigabytes.
bool HasNameTwice(std::span<const std::string> names) {
    const auto lower = [](char c) { return ToLower(c); };
    std::vector<std::string_view> sorted(names.begin(), names.end());
    std::ranges::sort(sorted, [&](std::string_view a, std::string_view b) {
        return std::ranges::lexicographical_compare(a, b, {}, lower, lower);
    });
    return std::ranges::adjacent_find(sorted, EqualsIgnoringCase) != sorted.end();
}

std::string Quote(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

bool IsDate(const std::string& text) {
    return text.size() == 8 && ParseBasicDate(text + "T000000Z").has_value();
}

bool Serves(SigV4Services services, std::string_view service) {
    if (services == SigV4Services::kS3) return service == "s3";
    return service == "iam" || service == "sts";
}

// The one value of a parameter; names that differ in case only count as the same, so that no other
// reader of the query can take another value for it.
Result<std::string> OnlyParameter(const Query& query, std::string_view name) {
    std::optional<std::string> value;
    for (const QueryParameter& parameter : query.parameters()) {
        if (!EqualsIgnoringCase(name, parameter.name)) continue;
        if (value || parameter.name != name) {
            return MalformedQuery("The query has the parameter " + std::string(name) +
                                  " more than once, or in another case.");
        }
        value = parameter.value;
    }
    if (!value) {
        return MalformedQuery(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, "
            "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and "
            "X-Amz-Expires parameters.");
    }
    return *std::move(value);
}

Result<std::chrono::seconds> ParseExpires(std::string_view text) {
    const bool negative = text.starts_with('-');
    const std::string_view digits = negative ? text.substr(1) : text;
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return MalformedQuery("X-Amz-Expires should be a number");
    }
    if (negative) return MalformedQuery("X-Amz-Expires must be non-negative");
    int64_t seconds = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    if (parsed.ec != std::errc() || seconds > kMaxExpiresSeconds) {
        return MalformedQuery(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given "
            "X-Amz-Expires must be less than 604800 seconds");
    }
    if (seconds == 0) return MalformedQuery("X-Amz-Expires must be at least one second");
    return std::chrono::seconds(seconds);
}

// Appends a value with each run of white space as one space.
void AppendValue(std::string& out, std::string_view value) {
    bool pending_space = false;
    for (const char c : TrimSpaces(value)) {
        if (c == ' ' || c == '\t') {
            pending_space = true;
            continue;
        }
        if (pending_space) out += ' ';
        pending_space = false;
        out += c;
    }
}

}  // namespace

Error MalformedCredential(CredentialPlace place, std::string_view problem) {
    if (place == CredentialPlace::kQuery) {
        return MalformedQuery("Error parsing the X-Amz-Credential parameter; " +
                              std::string(problem));
    }
    return {ErrorKind::kInvalid, "AuthorizationHeaderMalformed",
            "The authorization header is malformed; " + std::string(problem)};
}

std::string SigV4Credential::Scope() const {
    return fmt::format("{}/{}/{}/{}", date, region, service, kTerminator);
}

// An access key may hold slashes, so it is what stands before the last four parts.
Result<SigV4Credential> ParseSigV4Credential(std::string_view text, CredentialPlace place,
                                             SigV4Services services) {
    const std::vector<std::string_view> parts = Split(text, '/');
    if (parts.size() < 5) {
        return MalformedCredential(place,
                                   "the Credential is mal-formed; expecting "
                                   "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
    }
    const size_t last = parts.size() - 1;
    SigV4Credential credential;
    credential.date = parts[last - 3];
    credential.region = parts[last - 2];
    credential.service = parts[last - 1];
    const std::string_view terminator = parts[last];
    const size_t scope_size = credential.date.size() + credential.region.size() +
                              credential.service.size() + terminator.size() + 4;
    credential.access_key = text.substr(0, text.size() - scope_size);
    if (credential.access_key.empty()) {
        return MalformedCredential(place, "the Credential has no access key.");
    }
    if (!IsDate(credential.date)) {
        return MalformedCredential(
            place, "incorrect date format " + Quote(credential.date) +
                       ". This date in the credential must be in the format \"yyyyMMdd\".");
    }
    if (!Serves(services, credential.service)) {
        return MalformedCredential(
            place, "incorrect service " + Quote(credential.service) +
                       ". This endpoint belongs to " +
                       (services == SigV4Services::kS3 ? "\"s3\"." : "\"iam\" and \"sts\"."));
    }
    if (terminator != kTerminator) {
        return MalformedCredential(place, "incorrect terminal " + Quote(terminator) +
                                              ". This endpoint uses \"aws4_request\".");
    }
    return credential;
}

Result<SigV4Signature> ParseSigV4Authorization(std::string_view header, SigV4Services services) {
    std::string_view rest = header;
    if (!rest.starts_with(kSigV4Algorithm)) return MalformedHeader("the algorithm is unknown.");
    rest.remove_prefix(kSigV4Algorithm.size());
    if (!rest.starts_with(' ')) return MalformedHeader("a space must follow the algorithm.");

    std::optional<std::string> credential, signed_headers, signature;
    for (const std::string_view part : Split(rest, ',')) {
        const std::string_view component = TrimSpaces(part);
        const size_t equals = component.find('=');
        const std::string_view name = component.substr(0, equals);
        std::optional<std::string>* const slot = name == "Credential"      ? &credential
                                                 : name == "SignedHeaders" ? &signed_headers
                                                 : name == "Signature"     ? &signature
                                                                           : nullptr;
        if (slot == nullptr || equals == std::string_view::npos) {
            return MalformedHeader("it has an unknown component.");
        }
        if (*slot) return MalformedHeader("the component " + std::string(name) + " comes twice.");
        *slot = component.substr(equals + 1);
    }
    if (!credential || !signed_headers || !signature) {
        return MalformedHeader(
            "the authorization header requires three components: Credential, SignedHeaders, "
            "and Signature.");
    }
    TRY(auto parsed, ParseSigV4Credential(*credential, CredentialPlace::kHeader, services));
    auto names = SplitNames(*signed_headers);
    if (HasNameTwice(names)) return MalformedHeader("SignedHeaders names a header twice.");
    return SigV4Signature{std::move(parsed), std::move(names), *std::move(signature)};
}

Result<SigV4Presigned> ParseSigV4Query(const Query& query) {
    TRY(const std::string algorithm, OnlyParameter(query, "X-Amz-Algorithm"));
    TRY(const std::string credential, OnlyParameter(query, "X-Amz-Credential"));
    TRY(std::string signature, OnlyParameter(query, "X-Amz-Signature"));
    TRY(const std::string date, OnlyParameter(query, "X-Amz-Date"));
    TRY(const std::string signed_headers, OnlyParameter(query, "X-Amz-SignedHeaders"));
    TRY(const std::string expires, OnlyParameter(query, "X-Amz-Expires"));
    if (query.Has("X-Amz-Content-Sha256")) {
        TRY(OnlyParameter(query, "X-Amz-Content-Sha256"));
    }

    if (algorithm != kSigV4Algorithm) {
        return MalformedQuery("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    }
    TRY(auto parsed, ParseSigV4Credential(credential, CredentialPlace::kQuery));
    const auto time = ParseBasicDate(date);
    if (!time) {
        return MalformedQuery(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
    }
    if (!date.starts_with(parsed.date)) {
        return MalformedCredential(
            CredentialPlace::kQuery,
            "Invalid credential date " + Quote(parsed.date) +
                ". This date is not the same as X-Amz-Date: " + Quote(date.substr(0, 8)) + ".");
    }
    TRY(const auto seconds, ParseExpires(expires));
    auto names = SplitNames(signed_headers);
    if (HasNameTwice(names)) return MalformedQuery("X-Amz-SignedHeaders names a header twice");
    return SigV4Presigned{
        {std::move(parsed), std::move(names), std::move(signature)}, *time, seconds};
}

std::string SigV4CanonicalQuery(const Query& query, QueryOrder order) {
    struct Parameter {
        std::string name;
        std::string value;
        size_t place;  // where the client wrote it
    };
    std::vector<Parameter> parameters;
    parameters.reserve(query.parameters().size());
    for (const QueryParameter& parameter : query.parameters()) {
        if (parameter.name == "X-Amz-Signature") continue;
        parameters.push_back(
            {PercentEncode(parameter.name), PercentEncode(parameter.value), parameters.size()});
    }
    std::ranges::sort(parameters, [order](const Parameter& a, const Parameter& b) {
        if (order == QueryOrder::kByName)
            return std::tie(a.name, a.place) < std::tie(b.name, b.place);
        return std::tie(a.name, a.value) < std::tie(b.name, b.value);
    });
    std::string canonical;
    for (const auto& [name, value, place] : parameters) {
        if (!canonical.empty()) canonical += '&';
        canonical += name;
        canonical += '=';
        canonical += value;
    }
    return canonical;
}

bool HasRepeatedName(const Query& query) {
    std::vector<std::string_view> names;
    for (const QueryParameter& parameter : query.parameters())
        names.push_back(parameter.name);
    std::ranges::sort(names);
    return std::ranges::adjacent_find(names) != names.end();
}

Result<std::string> SigV4CanonicalRequest(std::string_view method, std::string_view raw_path,
                                          const Query& query, std::span<const HeaderField> headers,
                                          std::span<const std::string> signed_headers,
                                          std::string_view payload) {
    return SigV4CanonicalRequest(method, raw_path,
                                 SigV4CanonicalQuery(query, QueryOrder::kByNameAndValue), headers,
                                 signed_headers, payload);
}

Result<std::string> SigV4CanonicalRequest(std::string_view method, std::string_view raw_path,
                                          std::string_view canonical_query,
                                          std::span<const HeaderField> headers,
                                          std::span<const std::string> signed_headers,
                                          std::string_view payload) {
    TRY(const std::string path, PercentDecode(raw_path.empty() ? "/" : raw_path));
    std::vector<std::string> names(signed_headers.begin(), signed_headers.end());
    std::ranges::sort(names);

    constexpr size_t kUsualBytes = 1024;
    std::string canonical;
    canonical.reserve(kUsualBytes);
    canonical += method;
    canonical += '\n';
    canonical += PercentEncode(path, Slash::kKeep);
    canonical += '\n';
    canonical += canonical_query;
    canonical += '\n';
    std::string name_list;
    for (const std::string& name : names) {
        canonical += name;
        canonical += ':';
        bool first = true;
        for (const HeaderField& header : headers) {
            if (!EqualsIgnoringCase(name, header.name)) continue;
            if (!first) canonical += ',';
            AppendValue(canonical, header.value);
            first = false;
        }
        canonical += '\n';
        if (!name_list.empty()) name_list += ';';
        name_list += name;
    }
    canonical += '\n';
    canonical += name_list;
    canonical += '\n';
    canonical += payload;
    return canonical;
}

std::string SigV4StringToSign(std::string_view timestamp, const SigV4Credential& credential,
                              std::string_view canonical_request) {
    return fmt::format("{}\n{}\n{}\n{}", kSigV4Algorithm, timestamp, credential.Scope(),
                       ToHex(Sha256(AsBytes(canonical_request))));
}

Sha256Digest SigV4SigningKey(std::string_view secret, const SigV4Credential& credential) {
    const Sha256Digest date_key =
        HmacSha256(AsBytes("AWS4" + std::string(secret)), AsBytes(credential.date));
    const Sha256Digest region_key = HmacSha256(date_key, AsBytes(credential.region));
    const Sha256Digest service_key = HmacSha256(region_key, AsBytes(credential.service));
    return HmacSha256(service_key, AsBytes(kTerminator));
}

std::string SigV4Sign(const Sha256Digest& signing_key, std::string_view string_to_sign) {
    return ToHex(HmacSha256(signing_key, AsBytes(string_to_sign)));
}

const Sha256Digest& SigningKeyCache::Get(const Secret& secret, const SigV4Credential& credential) {
    std::string scope = credential.Scope();
    if (scope != scope_ || !EqualInConstantTime(secret.Reveal(), secret_.Reveal())) {
        key_ = SigV4SigningKey(secret.Reveal(), credential);
        secret_ = secret;
        scope_ = std::move(scope);
    }
    return key_;
}

}  // namespace coffer::codec
