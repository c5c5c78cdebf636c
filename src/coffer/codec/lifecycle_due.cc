#include "coffer/codec/lifecycle_due.h"

#include <algorithm>

#include "coffer/codec/date.h"
#include "coffer/codec/uri.h"

namespace coffer::codec {
namespace {

bool HasTag(const LifecycleVersion& version, const LifecycleTag& tag) {
    return std::ranges::find(version.tags, tag) != version.tags.end();
}

bool IsAbout(const LifecycleRule& rule, const LifecycleVersion& version) {
    const LifecycleFilter& filter = rule.filter;
    if (!rule.enabled || !version.key.starts_with(filter.prefix.value_or(""))) return false;
    if (!std::ranges::all_of(filter.tags,
                             [&](const LifecycleTag& tag) { return HasTag(version, tag); }))
        return false;
    // A marker has no size that one could compare.
    if (version.is_delete_marker) return true;
    if (filter.size_greater_than && version.size_bytes <= *filter.size_greater_than) return false;
    return !filter.size_less_than || version.size_bytes < *filter.size_less_than;
}

// A marker that hides nothing any more is removed at once where the rule says so, or when it is as
// old as an object would have to be.
std::optional<LifecycleDue> MarkerDue(const LifecycleRule& rule, const LifecycleVersion& version,
                                      LifecycleDay day) {
    if (!version.is_only_version) return std::nullopt;
    if (rule.expired_object_delete_marker.value_or(false))
        return LifecycleDue{version.modified, LifecycleAction::kRemove, &rule};
    if (!rule.expiration_days) return std::nullopt;
    return LifecycleDue{EndOfDay(version.modified, *rule.expiration_days, day),
                        LifecycleAction::kRemove, &rule};
}

std::optional<LifecycleDue> NoncurrentDue(const LifecycleRule& rule,
                                          const LifecycleVersion& version, LifecycleDay day) {
    if (!rule.noncurrent_days && !rule.newer_noncurrent_versions) return std::nullopt;
    if (version.newer_noncurrent < rule.newer_noncurrent_versions.value_or(0)) return std::nullopt;
    const Timestamp at = rule.noncurrent_days
                             ? EndOfDay(version.noncurrent_since, *rule.noncurrent_days, day)
                             : version.noncurrent_since;
    return LifecycleDue{at, LifecycleAction::kRemove, &rule};
}

std::optional<LifecycleDue> CurrentDue(const LifecycleRule& rule, const LifecycleVersion& version,
                                       LifecycleDay day) {
    if (rule.expiration_date)
        return LifecycleDue{*rule.expiration_date, LifecycleAction::kExpire, &rule};
    if (!rule.expiration_days) return std::nullopt;
    return LifecycleDue{EndOfDay(version.modified, *rule.expiration_days, day),
                        LifecycleAction::kExpire, &rule};
}

}  // namespace

Timestamp EndOfDay(Timestamp from, int days, LifecycleDay day) {
    // No date that is printed or stored lies behind year 9999.
    const Timestamp last = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);
    const int64_t today = ToMicros(from) / day.count() - (ToMicros(from) % day.count() < 0 ? 1 : 0);
    const int64_t end = today + days + 1;
    return end >= ToMicros(last) / day.count() ? last : FromMicros(end * day.count());
}

std::optional<LifecycleDue> NextDue(std::span<const LifecycleRule> rules,
                                    const LifecycleVersion& version, LifecycleDay day) {
    std::optional<LifecycleDue> next;
    for (const LifecycleRule& rule : rules) {
        if (!IsAbout(rule, version)) continue;
        const auto due = !version.is_latest         ? NoncurrentDue(rule, version, day)
                         : version.is_delete_marker ? MarkerDue(rule, version, day)
                                                    : CurrentDue(rule, version, day);
        if (due && (!next || due->at < next->at)) next = due;
    }
    return next;
}

std::optional<UploadDue> UploadIsDue(std::span<const LifecycleRule> rules, std::string_view key,
                                     Timestamp initiated, LifecycleDay day) {
    std::optional<UploadDue> next;
    for (const LifecycleRule& rule : rules) {
        // An upload has neither tags nor a size yet.
        const LifecycleFilter& filter = rule.filter;
        const bool has_others =
            !filter.tags.empty() || filter.size_greater_than || filter.size_less_than;
        if (!rule.enabled || !rule.abort_upload_days || has_others ||
            !key.starts_with(filter.prefix.value_or("")))
            continue;
        const Timestamp at = EndOfDay(initiated, *rule.abort_upload_days, day);
        if (!next || at < next->at) next = {at, &rule};
    }
    return next;
}

std::string ExpirationHeader(const LifecycleDue& due) {
    return "expiry-date=\"" + FormatHttpDate(due.at) + "\", rule-id=\"" +
           PercentEncode(due.rule->id, Slash::kEncode) + "\"";
}

}  // namespace coffer::codec
