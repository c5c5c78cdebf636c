#include "coffer/codec/lifecycle.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>

#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"
#include "coffer/codec/names.h"
#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"
#include "coffer/codec/xml_syntax.h"

namespace coffer::codec {
namespace {

constexpr size_t kMaxRules = 1000;
constexpr size_t kMaxTagKeyCharacters = 128;
constexpr size_t kMaxTagValueCharacters = 256;
constexpr int64_t kMaxNewerVersions = 100;

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Error InvalidRequest(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidRequest", std::move(message));
}

Error NotOffered(std::string message) {
    return Error(ErrorKind::kUnsupported, "NotImplemented", std::move(message));
}

Result<std::optional<int64_t>> Integer(const XmlNode& node, std::string_view name) {
    TRY(const auto text, node.ChildText(name));
    if (!text) return std::optional<int64_t>();
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size())
        return MalformedXml(std::string(name) + " is no number");
    return std::optional(number);
}

// A number of days; `action`: what it is of, in S3's words.
Result<std::optional<int>> Days(const XmlNode& node, std::string_view name,
                                std::string_view action) {
    TRY(const auto days, Integer(node, name));
    if (!days) return std::optional<int>();
    if (*days < 1 || *days > std::numeric_limits<int32_t>::max())
        return InvalidArgument("'" + std::string(name) + "' for " + std::string(action) +
                               " action must be a positive integer");
    return std::optional(static_cast<int>(*days));
}

Result<std::optional<uint64_t>> Size(const XmlNode& node, std::string_view name) {
    TRY(const auto size, Integer(node, name));
    if (!size) return std::optional<uint64_t>();
    if (*size < 0) return InvalidRequest("'" + std::string(name) + "' must not be negative");
    return std::optional(static_cast<uint64_t>(*size));
}

Result<> ParseTag(const XmlNode& node, LifecycleFilter* filter) {
    TRY(node.Expect({"Key", "Value"}));
    TRY(const auto key, node.ChildText("Key"));
    TRY(const auto value, node.ChildText("Value"));
    if (!key || !value) return MalformedXml("a Tag needs a Key and a Value");
    if (key->empty() || CountCharacters(*key) > kMaxTagKeyCharacters)
        return Error(ErrorKind::kInvalid, "InvalidTag", "The TagKey you have provided is invalid");
    if (CountCharacters(*value) > kMaxTagValueCharacters)
        return Error(ErrorKind::kInvalid, "InvalidTag",
                     "The TagValue you have provided is invalid");
    const auto same = [&key](const LifecycleTag& tag) { return tag.key == *key; };
    if (std::ranges::any_of(filter->tags, same))
        return InvalidRequest("Duplicate Tag Keys are not allowed.");
    filter->tags.push_back({*key, *value});
    return Ok();
}

// What stands in a <Filter> or an <And>.
Result<> ParsePredicates(const XmlNode& node, LifecycleFilter* filter) {
    TRY(filter->prefix, node.ChildText("Prefix"));
    for (const XmlNode& tag : node.Children("Tag")) {
        TRY(ParseTag(tag, filter));
    }
    TRY(filter->size_greater_than, Size(node, "ObjectSizeGreaterThan"));
    TRY(filter->size_less_than, Size(node, "ObjectSizeLessThan"));
    return Ok();
}

Result<> ParseFilter(const XmlNode& rule, LifecycleFilter* filter) {
    const auto node = rule.Child("Filter");
    TRY(const auto rule_prefix, rule.ChildText("Prefix"));
    if (node.has_value() == rule_prefix.has_value())
        return MalformedXml("a Rule needs a Filter or a Prefix, and not both");
    if (!node) {
        filter->form = LifecycleFilter::Form::kRulePrefix;
        filter->prefix = rule_prefix;
        return Ok();
    }
    TRY(node->Expect({"And", "Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}));
    if (node->Children().size() > 1)
        return MalformedXml("several conditions of a Filter belong into an And");
    const auto all = node->Child("And");
    if (!all) return ParsePredicates(*node, filter);

    filter->form = LifecycleFilter::Form::kAnd;
    TRY(all->Expect({"Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}, {"Tag"}));
    if (all->Children().empty()) return MalformedXml("an And is empty");
    TRY(ParsePredicates(*all, filter));
    if (filter->size_greater_than && filter->size_less_than &&
        *filter->size_less_than <= *filter->size_greater_than)
        return InvalidRequest(
            "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'");
    return Ok();
}

Result<Timestamp> ParseMidnight(const std::string& date) {
    std::optional<Timestamp> time = ParseIso8601(date);
    if (!time) time = ParseIso8601(date + "T00:00:00Z");
    if (!time) return MalformedXml("Date is no date of ISO 8601");
    if (std::chrono::floor<std::chrono::days>(*time) != *time)
        return InvalidArgument("'Date' must be at midnight GMT");
    return *time;
}

Result<> ParseExpiration(const XmlNode& node, LifecycleRule* rule) {
    if (node.Child("ExpiredObjectAllVersions"))
        return NotOffered("ExpiredObjectAllVersions is not offered.");
    TRY(node.Expect({"Days", "Date", "ExpiredObjectDeleteMarker"}));
    if (node.Children().size() != 1)
        return MalformedXml(
            "an Expiration needs one of Days, Date and ExpiredObjectDeleteMarker, and only one");
    TRY(rule->expiration_days, Days(node, "Days", "Expiration"));
    TRY(const auto marker, node.ChildText("ExpiredObjectDeleteMarker"));
    if (marker) {
        rule->expired_object_delete_marker = EqualsIgnoringCase(*marker, "true");
        if (!*rule->expired_object_delete_marker && !EqualsIgnoringCase(*marker, "false"))
            return MalformedXml("ExpiredObjectDeleteMarker is neither true nor false");
    }
    TRY(const auto date, node.ChildText("Date"));
    if (!date) return Ok();
    TRY(rule->expiration_date, ParseMidnight(*date));
    return Ok();
}

Result<> ParseNoncurrent(const XmlNode& node, LifecycleRule* rule) {
    constexpr std::string_view kAction = "NoncurrentVersionExpiration";
    TRY(node.Expect({"NoncurrentDays", "NewerNoncurrentVersions"}));
    TRY(rule->noncurrent_days, Days(node, "NoncurrentDays", kAction));
    TRY(rule->newer_noncurrent_versions, Days(node, "NewerNoncurrentVersions", kAction));
    if (!rule->noncurrent_days && !rule->newer_noncurrent_versions)
        return MalformedXml("NoncurrentVersionExpiration is empty");
    if (rule->newer_noncurrent_versions.value_or(0) > kMaxNewerVersions)
        return InvalidArgument(
            "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must not exceed 100");
    return Ok();
}

Result<> ParseActions(const XmlNode& node, LifecycleRule* rule) {
    if (const auto expiration = node.Child("Expiration")) {
        TRY(ParseExpiration(*expiration, rule));
    }
    if (const auto noncurrent = node.Child("NoncurrentVersionExpiration")) {
        TRY(ParseNoncurrent(*noncurrent, rule));
    }
    if (const auto abort = node.Child("AbortIncompleteMultipartUpload")) {
        TRY(abort->Expect({"DaysAfterInitiation"}));
        TRY(rule->abort_upload_days,
            Days(*abort, "DaysAfterInitiation", "AbortIncompleteMultipartUpload"));
        if (!rule->abort_upload_days)
            return MalformedXml("AbortIncompleteMultipartUpload needs DaysAfterInitiation");
    }
    const bool has_tags = !rule->filter.tags.empty();
    if (has_tags && rule->abort_upload_days)
        return InvalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags.");
    const bool has_size = rule->filter.size_greater_than || rule->filter.size_less_than;
    if (has_size && rule->abort_upload_days)
        return InvalidRequest(
            "AbortIncompleteMultipartUpload cannot be specified with Object Size.");
    if (has_tags && rule->expired_object_delete_marker)
        return InvalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags.");
    return Ok();
}

// A date that is none is told before that transitions are not offered.
Result<> RefuseTransitions(const XmlNode& node) {
    for (const std::string_view name : {"Transition", "NoncurrentVersionTransition"}) {
        for (const XmlNode& transition : node.Children(name)) {
            TRY(const auto date, transition.ChildText("Date"));
            if (date) {
                TRY(ParseMidnight(*date));
            }
            return NotOffered(std::string(name) +
                              ": other storage classes than STANDARD are not offered.");
        }
    }
    if (node.Child("DelMarkerExpiration")) return NotOffered("DelMarkerExpiration is not offered.");
    return Ok();
}

Result<LifecycleRule> ParseRule(const XmlNode& node) {
    TRY(node.Expect(
        {"ID", "Status", "Filter", "Prefix", "Expiration", "NoncurrentVersionExpiration",
         "AbortIncompleteMultipartUpload", "DelMarkerExpiration"},
        {"Transition", "NoncurrentVersionTransition"}));
    LifecycleRule rule;
    TRY(const auto id, node.ChildText("ID"));
    rule.id = id.value_or("");
    if (rule.id.size() > kMaxRuleIdBytes)
        return InvalidArgument("ID length should not exceed allowed limit of 255");
    TRY(const auto status, node.ChildText("Status"));
    if (status != "Enabled" && status != "Disabled")
        return MalformedXml("a Rule's Status must be Enabled or Disabled");
    rule.enabled = status == "Enabled";
    TRY(ParseFilter(node, &rule.filter));
    TRY(ParseActions(node, &rule));
    TRY(RefuseTransitions(node));
    if (!rule.expiration_days && !rule.expiration_date && !rule.expired_object_delete_marker &&
        !rule.noncurrent_days && !rule.newer_noncurrent_versions && !rule.abort_upload_days)
        return InvalidRequest("At least one action needs to be specified in a rule");
    return rule;
}

void WritePredicates(XmlWriter& xml, const LifecycleFilter& filter) {
    if (filter.prefix) xml.Element("Prefix", *filter.prefix);
    for (const LifecycleTag& tag : filter.tags)
        xml.Open("Tag").Element("Key", tag.key).Element("Value", tag.value).Close();
    if (filter.size_greater_than) xml.Element("ObjectSizeGreaterThan", *filter.size_greater_than);
    if (filter.size_less_than) xml.Element("ObjectSizeLessThan", *filter.size_less_than);
}

void WriteFilter(XmlWriter& xml, const LifecycleFilter& filter) {
    if (filter.form == LifecycleFilter::Form::kRulePrefix) {
        xml.Element("Prefix", filter.prefix.value_or(""));
        return;
    }
    xml.Open("Filter");
    const bool all = filter.form == LifecycleFilter::Form::kAnd;
    if (all) xml.Open("And");
    WritePredicates(xml, filter);
    if (all) xml.Close();
    xml.Close();
}

void WriteRule(XmlWriter& xml, const LifecycleRule& rule) {
    xml.Open("Rule");
    if (!rule.id.empty()) xml.Element("ID", rule.id);
    WriteFilter(xml, rule.filter);
    xml.Element("Status", rule.enabled ? "Enabled" : "Disabled");
    if (rule.expiration_days || rule.expiration_date || rule.expired_object_delete_marker) {
        xml.Open("Expiration");
        if (rule.expiration_days) xml.Element("Days", *rule.expiration_days);
        if (rule.expiration_date) xml.Element("Date", FormatIso8601(*rule.expiration_date));
        if (rule.expired_object_delete_marker)
            xml.Element("ExpiredObjectDeleteMarker", *rule.expired_object_delete_marker);
        xml.Close();
    }
    if (rule.noncurrent_days || rule.newer_noncurrent_versions) {
        xml.Open("NoncurrentVersionExpiration");
        if (rule.noncurrent_days) xml.Element("NoncurrentDays", *rule.noncurrent_days);
        if (rule.newer_noncurrent_versions)
            xml.Element("NewerNoncurrentVersions", *rule.newer_noncurrent_versions);
        xml.Close();
    }
    if (rule.abort_upload_days)
        xml.Open("AbortIncompleteMultipartUpload")
            .Element("DaysAfterInitiation", *rule.abort_upload_days)
            .Close();
    xml.Close();
}

}  // namespace

Result<std::vector<LifecycleRule>> ParseLifecycle(std::string_view document) {
    TRY(const auto xml, ParseXml(document));
    const XmlNode root = xml.root();
    if (root.name() != "LifecycleConfiguration")
        return MalformedXml("it is no LifecycleConfiguration");
    TRY(root.Expect({}, {"Rule"}));
    const std::vector<XmlNode> nodes = root.Children("Rule");
    if (nodes.empty()) return MalformedXml("it has no Rule");
    if (nodes.size() > kMaxRules)
        return InvalidRequest(
            "The number of lifecycle rules must not exceed the allowed limit of 1000 rules");
    std::vector<LifecycleRule> rules;
    std::set<std::string> ids;
    for (const XmlNode& node : nodes) {
        TRY(LifecycleRule rule, ParseRule(node));
        if (!rule.id.empty() && !ids.insert(rule.id).second)
            return InvalidArgument("Rule ID must be unique. Found same ID for more than one rule");
        rules.push_back(std::move(rule));
    }
    return rules;
}

std::string WriteLifecycle(std::span<const LifecycleRule> rules) {
    XmlWriter xml;
    xml.Open("LifecycleConfiguration").Attribute("xmlns", kS3Namespace);
    for (const LifecycleRule& rule : rules)
        WriteRule(xml, rule);
    return xml.Close().Finish();
}

}  // namespace coffer::codec
