// The lifecycle configuration of a bucket: which objects go when, by themselves. Reading and
// writing the document; lifecycle_due.h says what is due. Pure functions, any thread may call them.
//
// Source: the Amazon S3 API Reference, "PutBucketLifecycleConfiguration"; the Amazon S3 User Guide,
// "Lifecycle configuration elements".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"

namespace coffer::codec {

struct LifecycleTag {
    std::string key;
    std::string value;

    bool operator==(const LifecycleTag&) const = default;
};

// Which objects a rule is about: those for which all of it holds.
struct LifecycleFilter {
    // How it was written, so that it is written so again.
    enum class Form : uint8_t {
        kRulePrefix,  // <Prefix> in the rule, as of old
        kOne,         // <Filter> with one element, or none
        kAnd,         // <Filter><And>
    };

    Form form = Form::kOne;
    std::optional<std::string> prefix;
    std::vector<LifecycleTag> tags;
    std::optional<uint64_t> size_greater_than;
    std::optional<uint64_t> size_less_than;

    bool operator==(const LifecycleFilter&) const = default;
};

struct LifecycleRule {
    // Empty where the document has none: whoever stores the rules gives them one each.
    std::string id;
    bool enabled = false;
    LifecycleFilter filter;

    // Of current versions: one of these at most.
    std::optional<int> expiration_days;
    std::optional<Timestamp> expiration_date;          // midnight, UTC
    std::optional<bool> expired_object_delete_marker;  // remove markers without versions

    // Of noncurrent versions: after so many days, except for so many of the newest.
    std::optional<int> noncurrent_days;
    std::optional<int> newer_noncurrent_versions;

    std::optional<int> abort_upload_days;

    bool operator==(const LifecycleRule&) const = default;
};

// A <LifecycleConfiguration>.
//   kInvalid "MalformedXML": no XML, another root, unknown or repeated elements, no rule, a rule
//     without Status, or with neither or both of Filter and Prefix; a Filter with several elements
//     outside of And; an Expiration without exactly one of Days, Date and
//     ExpiredObjectDeleteMarker; what should be a number, a date or a boolean and is none.
//   kInvalid "InvalidArgument", in S3's words: an ID over 255 bytes or given twice, days below 1, a
//     date that is not midnight, more newer versions than 100.
//   kInvalid "InvalidRequest", in S3's words: over 1,000 rules, a rule without an action, one tag
//     twice, an upper size not above the lower one, a rule with tags for delete markers or uploads.
//   kInvalid "InvalidTag": a key or value that no tag can have.
//   kUnsupported "NotImplemented": transitions to other storage classes, and MinIO's deletion of
//     all versions.
Result<std::vector<LifecycleRule>> ParseLifecycle(std::string_view document);

// The document that ParseLifecycle reads as these rules.
std::string WriteLifecycle(std::span<const LifecycleRule> rules);

}  // namespace coffer::codec
