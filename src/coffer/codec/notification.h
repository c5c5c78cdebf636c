// The notification configuration of a bucket: which events of which keys go to which webhook.
// Reading, judging and writing the document. Pure functions, any thread may call them.
//
// Source: the Amazon S3 API Reference, "PutBucketNotificationConfiguration"; MinIO's ARNs, which
// name its targets (arn:minio:sqs:<region>:<id>:<kind>).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/codec/object_event.h"

namespace coffer::codec {

// Where events of a rule go.
struct TargetArn {
    std::string region;  // empty: the server's
    std::string id;
    std::string kind;  // "webhook"

    bool operator==(const TargetArn&) const = default;
};

// kInvalid "InvalidArgument", in S3's words: it has another form.
Result<TargetArn> ParseTargetArn(std::string_view text);
std::string FormatTargetArn(const TargetArn& arn);

// A <QueueConfiguration>.
struct NotificationRule {
    // Empty where the document has none: whoever stores the rules gives them one each.
    std::string id;
    TargetArn target;
    std::vector<std::string> events;  // names, as they were sent
    std::optional<std::string> prefix;
    std::optional<std::string> suffix;

    // The name by which the rule asks for this event of this key; empty where it does not.
    std::string_view Match(ObjectEvent event, std::string_view key) const;

    bool operator==(const NotificationRule&) const = default;
};

// A <NotificationConfiguration>; without a rule it says that nothing is to be told.
//   kInvalid "MalformedXML": no XML, another root, unknown or repeated elements, a rule without
//     Queue or Event.
//   kInvalid "InvalidArgument", in S3's words: an unknown event, or one twice in a rule; an ARN of
//     another form; a filter rule that is neither prefix nor suffix, that is given twice, or over
//     1,024 bytes; over 100 rules; an Id over 255 bytes, or twice; two rules for one target that
//     share an event and whose prefixes and suffixes overlap.
//   kInvalid "UnsupportedNotification": topics and functions, which there are none of.
//   kUnsupported "NotImplemented": EventBridge.
Result<std::vector<NotificationRule>> ParseNotification(std::string_view document);

// What can only be judged where the targets are known. `ids`: of the webhooks that there are;
// `region`: the server's, empty where it has none, which becomes that of every rule. kInvalid
// "InvalidArgument", in S3's words: another region, or no such target.
Result<> CheckTargets(std::span<NotificationRule> rules, std::span<const std::string> ids,
                      std::string_view region);

// The document that ParseNotification reads as these rules.
std::string WriteNotification(std::span<const NotificationRule> rules);

}  // namespace coffer::codec
