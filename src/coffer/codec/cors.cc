#include "coffer/codec/cors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <span>

#include "coffer/codec/ascii.h"
#include "coffer/codec/s3_xml.h"
#include "coffer/codec/token.h"
#include "coffer/codec/xml.h"
#include "coffer/codec/xml_syntax.h"

namespace coffer::codec {
namespace {

constexpr size_t kMaxRules = 100;
constexpr std::array<std::string_view, 5> kMethods = {"GET", "PUT", "HEAD", "POST", "DELETE"};

Error InvalidRequest(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidRequest", std::move(message));
}

bool HasSeveralStars(std::string_view text) {
    return std::ranges::count(text, '*') > 1;
}

// '*' in `pattern` stands for anything.
bool Fits(std::string_view pattern, std::string_view text) {
    size_t star = pattern.find('*');
    if (star == pattern.npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    text.remove_prefix(star);
    pattern.remove_prefix(star + 1);
    // What stands between two stars is best found as early as it can be.
    for (star = pattern.find('*'); star != pattern.npos; star = pattern.find('*')) {
        const size_t found = text.find(pattern.substr(0, star));
        if (found == text.npos) return false;
        text.remove_prefix(found + star);
        pattern.remove_prefix(star + 1);
    }
    return text.ends_with(pattern);
}

Result<std::vector<std::string>> Texts(const XmlNode& rule, std::string_view name) {
    std::vector<std::string> texts;
    for (const XmlNode& child : rule.Children(name)) {
        TRY(std::string text, child.Text());
        texts.push_back(std::move(text));
    }
    return texts;
}

Result<> CheckRule(const CorsRule& rule) {
    if (rule.allowed_origins.empty() || rule.allowed_methods.empty())
        return MalformedXml("a rule needs an AllowedOrigin and an AllowedMethod");
    if (rule.id && rule.id->size() > kMaxRuleIdBytes)
        return InvalidRequest("ID length should not exceed allowed limit of 255");
    for (const std::string& origin : rule.allowed_origins)
        if (HasSeveralStars(origin))
            return InvalidRequest("AllowedOrigin \"" + origin +
                                  "\" can not have more than one wildcard.");
    for (const std::string& method : rule.allowed_methods)
        if (std::ranges::find(kMethods, method) == kMethods.end())
            return InvalidRequest(
                "Found unsupported HTTP method in CORS config. Unsupported method is " + method);
    for (const std::string& header : rule.allowed_headers) {
        if (HasSeveralStars(header))
            return InvalidRequest("AllowedHeader \"" + header +
                                  "\" can not have more than one wildcard.");
        if (!IsToken(header))
            return InvalidRequest("AllowedHeader \"" + header + "\" contains invalid character.");
    }
    for (const std::string& header : rule.expose_headers) {
        if (header.find('*') != header.npos)
            return InvalidRequest("ExposeHeader \"" + header +
                                  "\" contains wildcard. We currently do not support wildcard "
                                  "for ExposeHeader.");
        if (!IsToken(header))
            return InvalidRequest("ExposeHeader \"" + header + "\" contains invalid character.");
    }
    return Ok();
}

Result<CorsRule> ParseRule(const XmlNode& node) {
    TRY(node.Expect({"ID", "MaxAgeSeconds"},
                    {"AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader"}));
    CorsRule rule;
    TRY(rule.id, node.ChildText("ID"));
    TRY(rule.allowed_origins, Texts(node, "AllowedOrigin"));
    TRY(rule.allowed_methods, Texts(node, "AllowedMethod"));
    TRY(rule.allowed_headers, Texts(node, "AllowedHeader"));
    TRY(rule.expose_headers, Texts(node, "ExposeHeader"));
    TRY(const auto age, node.ChildText("MaxAgeSeconds"));
    if (age) {
        int32_t seconds = 0;
        const auto [end, error] = std::from_chars(age->data(), age->data() + age->size(), seconds);
        if (error != std::errc() || end != age->data() + age->size() || seconds < 0)
            return MalformedXml("MaxAgeSeconds is no number of seconds");
        rule.max_age_seconds = seconds;
    }
    TRY(CheckRule(rule));
    return rule;
}

std::string Join(std::span<const std::string> parts) {
    std::string joined;
    for (const std::string& part : parts)
        joined += (joined.empty() ? "" : ", ") + part;
    return joined;
}

// Each name counts once, and each pattern is made lower case once: anybody may ask, for thousands.
bool AllowsHeaders(const CorsRule& rule, std::span<const std::string_view> headers) {
    std::set<std::string> names;
    for (const std::string_view header : headers)
        names.insert(ToLower(header));
    std::vector<std::string> patterns;
    for (const std::string& pattern : rule.allowed_headers)
        patterns.push_back(ToLower(pattern));
    return std::ranges::all_of(names, [&](const std::string& name) {
        return std::ranges::any_of(patterns,
                                   [&](const std::string& pattern) { return Fits(pattern, name); });
    });
}

bool Allows(const CorsRule& rule, const CorsQuery& query) {
    return std::ranges::any_of(rule.allowed_origins,
                               [&](const std::string& p) { return Fits(p, query.origin); }) &&
           std::ranges::find(rule.allowed_methods, query.method) != rule.allowed_methods.end() &&
           AllowsHeaders(rule, query.headers);
}

}  // namespace

Result<std::vector<CorsRule>> ParseCors(std::string_view document) {
    if (document.size() > kMaxCorsBytes) return MalformedXml("it is over 64 KB");
    TRY(const auto xml, ParseXml(document));
    const XmlNode root = xml.root();
    if (root.name() != "CORSConfiguration") return MalformedXml("it is no CORSConfiguration");
    TRY(root.Expect({}, {"CORSRule"}));
    const std::vector<XmlNode> nodes = root.Children("CORSRule");
    if (nodes.empty()) return MalformedXml("it has no CORSRule");
    if (nodes.size() > kMaxRules)
        return InvalidRequest(
            "The number of CORS rules should not exceed allowed limit of 100 rules.");
    std::vector<CorsRule> rules;
    for (const XmlNode& node : nodes) {
        TRY(CorsRule rule, ParseRule(node));
        rules.push_back(std::move(rule));
    }
    return rules;
}

std::string WriteCors(std::span<const CorsRule> rules) {
    XmlWriter xml;
    xml.Open("CORSConfiguration").Attribute("xmlns", kS3Namespace);
    for (const CorsRule& rule : rules) {
        xml.Open("CORSRule");
        if (rule.id) xml.Element("ID", *rule.id);
        const auto write = [&xml](std::string_view name, const std::vector<std::string>& texts) {
            for (const std::string& text : texts)
                xml.Element(name, text);
        };
        write("AllowedMethod", rule.allowed_methods);
        write("AllowedOrigin", rule.allowed_origins);
        write("AllowedHeader", rule.allowed_headers);
        write("ExposeHeader", rule.expose_headers);
        if (rule.max_age_seconds) xml.Element("MaxAgeSeconds", *rule.max_age_seconds);
        xml.Close();
    }
    return xml.Close().Finish();
}

std::optional<std::vector<std::string_view>> ParseRequestHeaders(std::string_view value) {
    std::vector<std::string_view> names;
    for (const std::string_view part : Split(value, ',')) {
        const std::string_view name = TrimSpaces(part);
        if (name.empty()) continue;
        if (!IsToken(name)) return std::nullopt;
        names.push_back(name);
    }
    return names;
}

std::optional<CorsAnswer> AnswerCors(std::span<const CorsRule> rules, const CorsQuery& query) {
    const auto rule =
        std::ranges::find_if(rules, [&](const CorsRule& each) { return Allows(each, query); });
    if (rule == rules.end()) return std::nullopt;

    const auto by = std::ranges::find_if(
        rule->allowed_origins, [&](const std::string& p) { return Fits(p, query.origin); });
    CorsAnswer answer;
    answer.allow_credentials = *by != "*";
    answer.allow_origin = answer.allow_credentials ? std::string(query.origin) : "*";
    answer.allow_methods = Join(rule->allowed_methods);
    std::vector<std::string> headers;
    for (const std::string_view name : query.headers)
        headers.push_back(ToLower(name));
    answer.allow_headers = Join(headers);
    answer.expose_headers = Join(rule->expose_headers);
    answer.max_age_seconds = rule->max_age_seconds;
    return answer;
}

}  // namespace coffer::codec
