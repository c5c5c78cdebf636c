#include "coffer/codec/notification.h"

#include <algorithm>
#include <set>

#include "coffer/codec/ascii.h"
#include "coffer/codec/names.h"
#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"
#include "coffer/codec/xml_syntax.h"

namespace coffer::codec {
namespace {

constexpr size_t kMaxRules = 100;
constexpr size_t kMaxFilterBytes = 1024;
constexpr std::string_view kArnPrefix = "arn:minio:sqs:";
constexpr std::string_view kWebhook = "webhook";

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Error NoSuchTarget() {
    return InvalidArgument(
        "A specified destination ARN does not exist or is not well-formed. Verify the destination "
        "ARN.");
}

Result<> ParseFilterRule(const XmlNode& node, NotificationRule* rule) {
    TRY(node.Expect({"Name", "Value"}));
    TRY(const auto name, node.ChildText("Name"));
    TRY(auto value, node.ChildText("Value"));
    if (!name || !value) return MalformedXml("a FilterRule needs a Name and a Value");
    const bool prefix = EqualsIgnoringCase(*name, "prefix");
    if (!prefix && !EqualsIgnoringCase(*name, "suffix"))
        return InvalidArgument("filter rule name must be either prefix or suffix");
    if (value->size() > kMaxFilterBytes)
        return InvalidArgument(
            "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation");
    std::optional<std::string>& place = prefix ? rule->prefix : rule->suffix;
    if (place)
        return InvalidArgument(prefix ? "Cannot specify more than one prefix rule in a filter."
                                      : "Cannot specify more than one suffix rule in a filter.");
    place = *std::move(value);
    return Ok();
}

Result<> ParseFilter(const XmlNode& node, NotificationRule* rule) {
    TRY(node.Expect({"S3Key"}));
    const auto key = node.Child("S3Key");
    if (!key) return Ok();
    TRY(key->Expect({}, {"FilterRule"}));
    for (const XmlNode& one : key->Children("FilterRule")) {
        TRY(ParseFilterRule(one, rule));
    }
    return Ok();
}

Result<> ParseEvents(const XmlNode& node, NotificationRule* rule) {
    for (const XmlNode& event : node.Children("Event")) {
        TRY(std::string name, event.Text());
        if (!IsEventName(name))
            return InvalidArgument("A specified event is not supported for notifications.");
        if (std::ranges::find(rule->events, name) != rule->events.end())
            return InvalidArgument(
                "Configurations overlap. Configurations on the same bucket cannot share a common "
                "event type.");
        rule->events.push_back(std::move(name));
    }
    if (rule->events.empty()) return MalformedXml("a QueueConfiguration needs an Event");
    return Ok();
}

Result<NotificationRule> ParseRule(const XmlNode& node) {
    TRY(node.Expect({"Id", "Queue", "Filter"}, {"Event"}));
    NotificationRule rule;
    TRY(auto id, node.ChildText("Id"));
    rule.id = std::move(id).value_or("");
    if (rule.id.size() > kMaxRuleIdBytes)
        return InvalidArgument("ID length should not exceed allowed limit of 255");
    TRY(const auto queue, node.ChildText("Queue"));
    if (!queue) return MalformedXml("a QueueConfiguration needs a Queue");
    TRY(rule.target, ParseTargetArn(*queue));
    TRY(ParseEvents(node, &rule));
    if (const auto filter = node.Child("Filter")) {
        TRY(ParseFilter(*filter, &rule));
    }
    return rule;
}

bool ShareAnEvent(const NotificationRule& a, const NotificationRule& b) {
    return std::ranges::any_of(a.events, [&b](const std::string& of_a) {
        return std::ranges::any_of(
            b.events, [&of_a](const std::string& of_b) { return EventNamesOverlap(of_a, of_b); });
    });
}

// Whether there is a key that both are about.
bool FiltersOverlap(const NotificationRule& a, const NotificationRule& b) {
    const std::string prefix_a = a.prefix.value_or("");
    const std::string prefix_b = b.prefix.value_or("");
    const std::string suffix_a = a.suffix.value_or("");
    const std::string suffix_b = b.suffix.value_or("");
    return (prefix_a.starts_with(prefix_b) || prefix_b.starts_with(prefix_a)) &&
           (suffix_a.ends_with(suffix_b) || suffix_b.ends_with(suffix_a));
}

Result<> CheckOverlap(std::span<const NotificationRule> rules) {
    for (size_t i = 0; i < rules.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
            if (rules[i].target.id != rules[j].target.id || !ShareAnEvent(rules[i], rules[j]) ||
                !FiltersOverlap(rules[i], rules[j]))
                continue;
            return InvalidArgument(
                "An object key name filtering rule defined with overlapping prefixes, overlapping "
                "suffixes, or overlapping combinations of prefixes and suffixes for the same event "
                "types.");
        }
    }
    return Ok();
}

void WriteRule(XmlWriter& xml, const NotificationRule& rule) {
    xml.Open("QueueConfiguration");
    if (!rule.id.empty()) xml.Element("Id", rule.id);
    xml.Element("Queue", FormatTargetArn(rule.target));
    for (const std::string& event : rule.events)
        xml.Element("Event", event);
    if (rule.prefix || rule.suffix) {
        xml.Open("Filter").Open("S3Key");
        const auto write = [&xml](std::string_view name, const std::optional<std::string>& value) {
            if (value)
                xml.Open("FilterRule").Element("Name", name).Element("Value", *value).Close();
        };
        write("prefix", rule.prefix);
        write("suffix", rule.suffix);
        xml.Close().Close();
    }
    xml.Close();
}

}  // namespace

Result<TargetArn> ParseTargetArn(std::string_view text) {
    if (!text.starts_with(kArnPrefix)) return NoSuchTarget();
    const std::vector<std::string_view> fields = Split(text.substr(kArnPrefix.size()), ':');
    if (fields.size() != 3 || fields[1].empty() || fields[2].empty()) return NoSuchTarget();
    return TargetArn{std::string(fields[0]), std::string(fields[1]), std::string(fields[2])};
}

std::string FormatTargetArn(const TargetArn& arn) {
    return std::string(kArnPrefix) + arn.region + ":" + arn.id + ":" + arn.kind;
}

std::string_view NotificationRule::Match(ObjectEvent event, std::string_view key) const {
    if (prefix && !key.starts_with(*prefix)) return {};
    if (suffix && !key.ends_with(*suffix)) return {};
    for (const std::string& name : events)
        if (const std::string_view found = MatchEventName(name, event); !found.empty())
            return found;
    return {};
}

Result<std::vector<NotificationRule>> ParseNotification(std::string_view document) {
    TRY(const auto xml, ParseXml(document));
    const XmlNode root = xml.root();
    if (root.name() != "NotificationConfiguration")
        return MalformedXml("it is no NotificationConfiguration");
    TRY(root.Expect({"EventBridgeConfiguration"},
                    {"QueueConfiguration", "TopicConfiguration", "CloudFunctionConfiguration"}));
    if (root.Child("EventBridgeConfiguration"))
        return Error(ErrorKind::kUnsupported, "NotImplemented",
                     "EventBridge is not offered: events go to webhooks.");
    if (root.Child("TopicConfiguration") || root.Child("CloudFunctionConfiguration"))
        return Error(ErrorKind::kInvalid, "UnsupportedNotification",
                     "Topics and cloud functions are not offered: events go to webhooks, which are "
                     "named as queues.");
    const std::vector<XmlNode> nodes = root.Children("QueueConfiguration");
    if (nodes.size() > kMaxRules)
        return InvalidArgument(
            "The number of notification configurations must not exceed the allowed limit of 100.");
    std::vector<NotificationRule> rules;
    std::set<std::string> ids;
    for (const XmlNode& node : nodes) {
        TRY(NotificationRule rule, ParseRule(node));
        if (!rule.id.empty() && !ids.insert(rule.id).second)
            return InvalidArgument("Same ID used for multiple configurations. IDs must be unique");
        rules.push_back(std::move(rule));
    }
    TRY(CheckOverlap(rules));
    return rules;
}

Result<> CheckTargets(std::span<NotificationRule> rules, std::span<const std::string> ids,
                      std::string_view region) {
    for (NotificationRule& rule : rules) {
        if (!rule.target.region.empty() && !region.empty() && rule.target.region != region)
            return InvalidArgument(
                "A specified destination is in a different region than the bucket. You must use a "
                "destination that resides in the same region as the bucket.");
        if (rule.target.kind != kWebhook || std::ranges::find(ids, rule.target.id) == ids.end())
            return NoSuchTarget();
        rule.target.region = region;
    }
    return Ok();
}

std::string WriteNotification(std::span<const NotificationRule> rules) {
    XmlWriter xml;
    xml.Open("NotificationConfiguration").Attribute("xmlns", kS3Namespace);
    for (const NotificationRule& rule : rules)
        WriteRule(xml, rule);
    return xml.Close().Finish();
}

}  // namespace coffer::codec
