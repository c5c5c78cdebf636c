#include "coffer/service/notifications.h"

#include <algorithm>

#include "coffer/catalog/events.h"
#include "coffer/codec/event_record.h"
#include "coffer/service/iam/names.h"
#include "coffer/service/listeners.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

using codec::ObjectEvent;

bool LeavesNothing(ObjectEvent event) {
    return event == ObjectEvent::kDelete || event == ObjectEvent::kDeleteMarker ||
           event == ObjectEvent::kExpire || event == ObjectEvent::kExpireMarker;
}

std::string_view ContentType(const ObjectHeaders& headers) {
    for (const auto& [name, value] : headers.standard)
        if (name == "content-type") return value;
    return "binary/octet-stream";
}

codec::EventRecord RecordOf(const catalog::Bucket& bucket, ObjectEvent event,
                            const catalog::Version& version, Timestamp now, const Origin& origin) {
    codec::EventRecord record{.time = now,
                              .principal = origin.principal,
                              .address = origin.address,
                              .user_agent = origin.user_agent,
                              .request_id = origin.request_id,
                              .host_id = origin.host_id,
                              .bucket = bucket.name,
                              .key = version.key};
    if (!LeavesNothing(event))
        record.object = codec::EventRecord::Object{.size_bytes = version.size_bytes,
                                                   .etag = version.etag,
                                                   .content_type = ContentType(version.headers),
                                                   .metadata = version.headers.user};
    return record;
}

}  // namespace

// What Note is told.
struct Notifications::Happening {
    const catalog::Bucket& bucket;
    ObjectEvent event;
    const catalog::Version& version;
    Timestamp now;
    const Origin& origin;
};

Notifications::Notifications(std::string region)
    : region_(std::move(region)),
      listeners_(std::make_unique<Listeners>()),
      rules_(SettingKind::kNotification, &Parse) {}

Notifications::~Notifications() = default;

Result<> Notifications::Prepare(db::Transaction& tx, const catalog::Bucket& bucket) {
    TRY(rules_.Get(tx, bucket));
    return Ok();
}

Result<bool> Notifications::AreWanted(db::Transaction& tx, const catalog::Bucket& bucket,
                                      ObjectEvent event, std::string_view key) {
    if (!listeners_->Names(bucket.name, bucket.owner, event, key).empty()) return true;
    TRY(const auto rules, rules_.Get(tx, bucket));
    return rules != nullptr && std::ranges::any_of(*rules, [&](const auto& rule) {
               return !rule.Match(event, key).empty();
           });
}

// `rule`: that asks for it; null: those who listen do.
Result<> Notifications::Write(db::Transaction& tx, const Happening& happening,
                              std::string_view name, const codec::NotificationRule* rule) const {
    const auto& [bucket, event, version, now, origin] = happening;
    codec::EventRecord record = RecordOf(bucket, event, version, now, origin);
    const std::string version_id = ToldVersionId(bucket, version);
    record.version_id = version_id;
    const std::string owner = CanonicalIdOf(bucket.owner);
    record.owner = owner;
    record.name = name;
    record.region = region_;
    record.rule_id = rule == nullptr ? std::string_view("Config") : rule->id;
    record.sequence = tx.NextNumber();
    const std::string target(rule == nullptr ? kListeners : std::string_view(rule->target.id));
    // Whose the bucket is decides who is told, and it may be another's, or gone, by then.
    std::string document = rule == nullptr
                               ? bucket.owner + "\n" + codec::WriteListenedEvent(record) + "\n"
                               : codec::WriteWebhookEvent(record);
    TRY(catalog::InsertEvent(tx, {.target = target,
                                  .id = record.sequence,
                                  .bucket = bucket.name,
                                  .key = version.key,
                                  .name = std::string(name),
                                  .queued = now,
                                  .document = std::move(document)}));
    if (on_event_) on_event_(target);
    return Ok();
}

Result<> Notifications::Note(db::Transaction& tx, const catalog::Bucket& bucket, ObjectEvent event,
                             const catalog::Version& version, Timestamp now, const Origin& origin) {
    const Happening happening{bucket, event, version, now, origin};
    for (const std::string_view name :
         listeners_->Names(bucket.name, bucket.owner, event, version.key)) {
        TRY(Write(tx, happening, name, nullptr));
    }
    TRY(const auto rules, rules_.GetForWrite(tx, bucket));
    if (rules == nullptr) return Ok();
    std::vector<std::string_view> told;  // targets: each once, whatever rules name it
    for (const codec::NotificationRule& rule : *rules) {
        const std::string_view name = rule.Match(event, version.key);
        if (name.empty() || std::ranges::find(told, rule.target.id) != told.end()) continue;
        told.push_back(rule.target.id);
        TRY(Write(tx, happening, name, &rule));
    }
    return Ok();
}

}  // namespace coffer::service
