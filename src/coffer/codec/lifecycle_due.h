// When the rules of a lifecycle configuration let a version, a delete marker or an upload go. Pure
// functions, any thread may call them.
//
// Source: the Amazon S3 User Guide, "Expiring objects" and "How lifecycle configuration rules
// interact": of several rules the earliest counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/codec/lifecycle.h"

namespace coffer::codec {

// How long a day of a rule is; tests make it short.
using LifecycleDay = std::chrono::microseconds;
inline constexpr LifecycleDay kLifecycleDay = std::chrono::hours(24);

// The end of the day (UTC) on which `days` days after `from` falls, as S3 counts: 10:30 on the
// 15th and 3 days are midnight between the 18th and the 19th.
Timestamp EndOfDay(Timestamp from, int days, LifecycleDay day = kLifecycleDay);

// A version as its bucket has it. Views are used during the call only.
struct LifecycleVersion {
    std::string_view key;
    std::span<const LifecycleTag> tags = {};
    uint64_t size_bytes = 0;
    Timestamp modified;
    bool is_latest = true;
    bool is_delete_marker = false;
    bool is_only_version = false;  // of its key
    // Of noncurrent versions:
    Timestamp noncurrent_since = {};  // when the next newer one came
    int newer_noncurrent = 0;         // noncurrent versions of its key that are newer
};

enum class LifecycleAction : uint8_t {
    kExpire,  // as DeleteObject without a version: in a bucket with versions, a marker is put on it
    kRemove,  // this version, or marker, for good
};

struct LifecycleDue {
    Timestamp at;  // due from then on
    LifecycleAction action;
    const LifecycleRule* rule;  // of `rules`
};

// What comes first for a version, though it may be far off; nothing where no enabled rule is about
// it. What newer versions hold back (NewerNoncurrentVersions) is nothing, until there are enough.
std::optional<LifecycleDue> NextDue(std::span<const LifecycleRule> rules,
                                    const LifecycleVersion& version,
                                    LifecycleDay day = kLifecycleDay);

// When an upload that is not finished by then is aborted, and by which rule.
struct UploadDue {
    Timestamp at;
    const LifecycleRule* rule;  // of `rules`
};
std::optional<UploadDue> UploadIsDue(std::span<const LifecycleRule> rules, std::string_view key,
                                     Timestamp initiated, LifecycleDay day = kLifecycleDay);

// The value of x-amz-expiration for a current version that kExpire is to come for:
// expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="picture-deletion-rule"; the id is
// percent-encoded. (x-amz-abort-date and -rule-id have their parts as they are.)
std::string ExpirationHeader(const LifecycleDue& due);

}  // namespace coffer::codec
