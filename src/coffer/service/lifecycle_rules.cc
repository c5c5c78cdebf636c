#include "coffer/service/lifecycle_rules.h"

#include <algorithm>
#include <limits>

#include "coffer/catalog/lifecycle_due.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/versions.h"

namespace coffer::service {
namespace {

using codec::LifecycleDue;
using codec::LifecycleVersion;

void Earlier(std::optional<Timestamp>& time, std::optional<Timestamp> other) {
    if (other && (!time || *other < *time)) time = other;
}

std::optional<Timestamp> TimeOf(const std::optional<LifecycleDue>& due) {
    return due ? std::optional(due->at) : std::nullopt;
}

LifecycleVersion Describe(const catalog::Version& version,
                          std::span<const codec::LifecycleTag> tags) {
    return {.key = version.key,
            .tags = tags,
            .size_bytes = version.size_bytes,
            .modified = version.modified,
            .is_delete_marker = version.delete_marker};
}

std::string Expiration(const LifecycleRules::Setting& rules, const catalog::Version& version,
                       codec::LifecycleDay day) {
    if (rules == nullptr) return "";
    const auto tags = LifecycleTags(version);
    const auto due = codec::NextDue(*rules, Describe(version, tags), day);
    return due ? codec::ExpirationHeader(*due) : "";
}

std::optional<UploadAbort> FindAbort(const LifecycleRules::Setting& rules,
                                     const catalog::Upload& upload, codec::LifecycleDay day) {
    if (rules == nullptr) return std::nullopt;
    const auto due = codec::UploadIsDue(*rules, upload.key, upload.initiated, day);
    if (!due) return std::nullopt;
    return UploadAbort{due->at, due->rule->id};
}

// What a new version lets go is one that was kept for its place among the newest.
bool CountsVersions(const LifecycleRules::Rules& rules) {
    return std::ranges::any_of(rules, [](const codec::LifecycleRule& rule) {
        return rule.enabled && rule.newer_noncurrent_versions.has_value();
    });
}

}  // namespace

std::vector<codec::LifecycleTag> LifecycleTags(const catalog::Version& version) {
    std::vector<codec::LifecycleTag> tags;
    tags.reserve(version.headers.tags.size());
    for (const auto& [name, value] : version.headers.tags)
        tags.push_back({name, value});
    return tags;
}

Result<LifecycleRules::Setting> LifecycleRules::Get(db::Transaction& tx,
                                                    const catalog::Bucket& bucket) {
    return rules_.Get(tx, bucket);
}

Result<LifecycleRules::Setting> LifecycleRules::GetForWrite(db::Transaction& tx,
                                                            const catalog::Bucket& bucket) {
    return rules_.GetForWrite(tx, bucket);
}

Result<> LifecycleRules::NoteNewest(db::Transaction& tx, const catalog::Bucket& bucket,
                                    const catalog::Version& version,
                                    const std::optional<catalog::Version>& covered) {
    TRY(const Setting rules, GetForWrite(tx, bucket));
    if (rules == nullptr) return Ok();
    const auto tags = LifecycleTags(version);
    LifecycleVersion newest = Describe(version, tags);
    newest.is_only_version = !covered;
    std::optional<Timestamp> time = TimeOf(codec::NextDue(*rules, newest, day_));
    if (covered) {
        const auto old_tags = LifecycleTags(*covered);
        LifecycleVersion old = Describe(*covered, old_tags);
        old.is_latest = false;
        old.noncurrent_since = version.modified;
        old.newer_noncurrent = std::numeric_limits<int>::max();
        Earlier(time, TimeOf(codec::NextDue(*rules, old, day_)));
        // Once a day is enough for a key that is written all the time.
        if (CountsVersions(*rules)) Earlier(time, codec::EndOfDay(version.modified, 0, day_));
    }
    if (!time) return Ok();
    return catalog::LookAtKeyBy(tx, bucket.id, version.key, *time);
}

Result<> LifecycleRules::NoteChange(db::Transaction& tx, const catalog::Bucket& bucket,
                                    std::string_view key, Timestamp now) {
    TRY(const Setting rules, GetForWrite(tx, bucket));
    if (rules == nullptr) return Ok();
    TRY(const auto left, catalog::FindCurrent(tx, bucket.id, key));
    if (left) return catalog::LookAtKeyBy(tx, bucket.id, key, now);
    // Nothing of the key is left, but for uploads.
    bool uploads = false;
    TRY(catalog::ScanUploads(tx,
                             {.bucket = bucket.id,
                              .key = std::string(key),
                              .id = catalog::ContentId(-1),
                              .end = std::string(key) + '\0',
                              .limit = 1},
                             [&](const catalog::Upload&) {
                                 uploads = true;
                                 return false;
                             }));
    if (uploads) return Ok();
    return catalog::LookAtKeyAt(tx, bucket.id, key, std::nullopt);
}

Result<std::optional<UploadAbort>> LifecycleRules::NoteUpload(db::Transaction& tx,
                                                              const catalog::Bucket& bucket,
                                                              const catalog::Upload& upload) {
    TRY(const Setting rules, GetForWrite(tx, bucket));
    std::optional<UploadAbort> abort = FindAbort(rules, upload, day_);
    if (abort) {
        TRY(catalog::LookAtKeyBy(tx, bucket.id, upload.key, abort->at));
    }
    return abort;
}

Result<std::string> LifecycleRules::Expiration(db::Transaction& tx, const catalog::Bucket& bucket,
                                               const catalog::Version& version) {
    TRY(const Setting rules, Get(tx, bucket));
    return service::Expiration(rules, version, day_);
}

Result<std::string> LifecycleRules::ExpirationForWrite(db::Transaction& tx,
                                                       const catalog::Bucket& bucket,
                                                       const catalog::Version& version) {
    TRY(const Setting rules, GetForWrite(tx, bucket));
    return service::Expiration(rules, version, day_);
}

Result<std::optional<UploadAbort>> LifecycleRules::AbortOf(db::Transaction& tx,
                                                           const catalog::Bucket& bucket,
                                                           const catalog::Upload& upload) {
    TRY(const Setting rules, Get(tx, bucket));
    return FindAbort(rules, upload, day_);
}

}  // namespace coffer::service
