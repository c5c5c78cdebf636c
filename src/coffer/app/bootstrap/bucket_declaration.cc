#include "coffer/app/bootstrap/bucket_declaration.h"

#include "coffer/api/s3/tagging.h"
#include "coffer/app/bootstrap/section.h"
#include "coffer/app/config.h"
#include "coffer/codec/bucket_encryption.h"
#include "coffer/codec/cors.h"
#include "coffer/codec/names.h"
#include "coffer/codec/policy/anonymous_access.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/codec/s3_json.h"
#include "coffer/service/tags.h"

namespace coffer::app::bootstrap {
namespace {

using codec::JsonMember;
using codec::JsonValue;
using service::SettingKind;

// The rules alone, or all that stands in the document.
Result<std::string> ReadRules(const JsonValue& value, std::string_view root,
                              std::string_view list) {
    if (value.AsArray() != nullptr)
        return codec::WriteS3Document(root, JsonValue::Object{{std::string(list), value}});
    return codec::WriteS3Document(root, value);
}

// An empty list asks for no rules, and so does nothing.
bool IsEmpty(const JsonValue& value) {
    return value.IsNull() || (value.AsArray() != nullptr && value.AsArray()->empty());
}

Result<> ReadVersioning(const Section& section, DeclaredBucket& bucket) {
    TRY(const auto word, section.Text("versioning"));
    if (!word) return Ok();
    if (*word == "enabled" || *word == "Enabled") {
        bucket.versioning = service::Versioning::kEnabled;
    } else if (*word == "suspended" || *word == "Suspended") {
        bucket.versioning = service::Versioning::kSuspended;
    } else {
        return Wrong(section.PathOf("versioning"), "it must be enabled or suspended");
    }
    return Ok();
}

Result<> ReadObjectLock(const Section& section, DeclaredBucket& bucket) {
    const JsonValue* value = section.Find("object_lock");
    if (value == nullptr) return Ok();
    const std::string path = section.PathOf("object_lock");
    if (value->AsBool() == false)
        return Wrong(path, "once it is enabled it stays: leave the line out");
    if (bucket.versioning == service::Versioning::kSuspended)
        return Wrong(path, "it needs versioning to be enabled");
    bucket.versioning = service::Versioning::kEnabled;
    bucket.object_lock = codec::ObjectLockConfiguration();
    if (value->AsBool() == true) return Ok();
    TRY(const Section lock, Section::Of(*value, path, {"mode", "days", "years"}));
    codec::DefaultRetention retention;
    TRY(const auto mode, lock.Text("mode"));
    const auto parsed = codec::ParseLockMode(mode.value_or(""));
    if (!parsed) return Wrong(lock.PathOf("mode"), "it must be GOVERNANCE or COMPLIANCE");
    retention.mode = *parsed;
    const JsonValue* days = lock.Find("days");
    const JsonValue* years = lock.Find("years");
    const auto count = days != nullptr ? days->AsInt() : years != nullptr ? years->AsInt() : 0;
    retention.years = years != nullptr;
    if ((days != nullptr) == (years != nullptr) || !count || *count < 1 ||
        *count > (retention.years ? 100 : 36'500))
        return Wrong(path, "it must have days, from 1 to 36500, or years, from 1 to 100");
    retention.count = static_cast<int>(*count);
    bucket.object_lock->default_retention = retention;
    return Ok();
}

Result<> ReadQuota(const Section& section, DeclaredBucket& bucket) {
    TRY(const auto quota, section.Text("quota"));
    if (!quota) return Ok();
    TRY(bucket.quota_bytes, At(section.PathOf("quota"), ParseByteSize(*quota)));
    return Ok();
}

Result<> ReadPolicy(const Section& section, DeclaredBucket& bucket) {
    TRY(const auto word, section.Text("anonymous"));
    if (word) {
        const auto access = codec::policy::ParseAnonymousAccess(*word);
        if (!access)
            return Wrong(section.PathOf("anonymous"),
                         "it must be none, download, upload or public");
        bucket.policy = codec::policy::AnonymousPolicy(*access, bucket.name);
    }
    const JsonValue* value = section.Find("policy");
    if (value == nullptr) return Ok();
    const std::string path = section.PathOf("policy");
    if (word) return Wrong(path, "a bucket has either this or \"anonymous\"");
    bucket.policy.emplace();
    if (IsEmpty(*value)) return Ok();
    TRY(*bucket.policy, ReadPolicyText(*value, path));
    TRY(At(path, codec::policy::Policy::ParseForBucket(*bucket.policy, bucket.name)));
    return Ok();
}

Result<> ReadCors(const Section& section, DeclaredBucket& bucket) {
    const JsonValue* value = section.Find("cors");
    if (value == nullptr) return Ok();
    const std::string path = section.PathOf("cors");
    std::string document;
    if (!IsEmpty(*value)) {
        TRY(const std::string read, At(path, ReadRules(*value, "CORSConfiguration", "CORSRules")));
        TRY(const auto rules, At(path, codec::ParseCors(read)));
        document = codec::WriteCors(rules);
    }
    bucket.documents.emplace_back(SettingKind::kCors, std::move(document));
    return Ok();
}

Result<> ReadLifecycle(const Section& section, DeclaredBucket& bucket) {
    const JsonValue* value = section.Find("lifecycle");
    if (value == nullptr) return Ok();
    const std::string path = section.PathOf("lifecycle");
    bucket.lifecycle.emplace();
    if (IsEmpty(*value)) return Ok();
    TRY(const std::string document, At(path, ReadRules(*value, "LifecycleConfiguration", "Rules")));
    TRY(bucket.lifecycle, At(path, codec::ParseLifecycle(document)));
    return Ok();
}

Result<> ReadEncryption(const Section& section, DeclaredBucket& bucket) {
    const JsonValue* value = section.Find("encryption");
    if (value == nullptr) return Ok();
    const std::string path = section.PathOf("encryption");
    std::string document;
    if (!value->IsNull()) {
        codec::BucketEncryption encryption;
        const std::string* word = value->AsString();
        if (word != nullptr && *word != "AES256" && *word != "aws:kms")
            return Wrong(path, "it must be AES256, aws:kms, or have a kms_key");
        encryption.kms = word == nullptr || *word == "aws:kms";
        if (word == nullptr) {
            TRY(const Section kms, Section::Of(*value, path, {"kms_key", "bucket_key"}));
            TRY(const auto key, kms.Text("kms_key"));
            if (!key) return Wrong(path, "it must be AES256, aws:kms, or have a kms_key");
            encryption.kms_key = *key;
            TRY(const auto bucket_key, kms.Switch("bucket_key"));
            encryption.bucket_key = bucket_key.value_or(false);
        }
        document = codec::WriteBucketEncryption(encryption);
        TRY(At(path, codec::ParseBucketEncryption(document)));
    }
    bucket.documents.emplace_back(SettingKind::kEncryption, std::move(document));
    return Ok();
}

Result<> ReadTags(const Section& section, DeclaredBucket& bucket) {
    const JsonValue* value = section.Find("tags");
    if (value == nullptr) return Ok();
    TRY(const Section given, Section::OfAny(*value, section.PathOf("tags")));
    service::Tags tags;
    for (const JsonMember& member : given.members()) {
        TRY(auto text, given.Text(member.name));
        tags.emplace_back(member.name, *std::move(text));
    }
    TRY(tags,
        At(section.PathOf("tags"), service::CheckTags(std::move(tags), service::kMaxBucketTags)));
    bucket.documents.emplace_back(SettingKind::kTagging,
                                  tags.empty() ? std::string() : api::s3::WriteTagging(tags));
    return Ok();
}

Result<codec::NotificationRule> ReadNotification(const JsonValue& value, std::string path) {
    TRY(const Section section,
        Section::Of(value, std::move(path), {"id", "webhook", "events", "prefix", "suffix"}));
    codec::NotificationRule rule;
    TRY(const auto id, section.Text("id"));
    rule.id = id.value_or("");
    TRY(const auto webhook, section.Text("webhook"));
    if (!webhook) return Wrong(section.PathOf("webhook"), "it must say which one: its id");
    rule.target = {.region = "", .id = *webhook, .kind = "webhook"};
    TRY(const auto events, section.Names("events"));
    rule.events = events.value_or(std::vector<std::string>());
    TRY(rule.prefix, section.Text("prefix"));
    TRY(rule.suffix, section.Text("suffix"));
    return rule;
}

Result<> ReadNotifications(const Section& section, DeclaredBucket& bucket) {
    const JsonValue* value = section.Find("notifications");
    if (value == nullptr) return Ok();
    const std::string path = section.PathOf("notifications");
    bucket.notifications.emplace();
    if (IsEmpty(*value)) return Ok();
    if (value->AsArray() == nullptr) return Wrong(path, "it must be a list");
    for (const JsonValue& item : *value->AsArray()) {
        TRY(auto rule, ReadNotification(item, path));
        bucket.notifications->push_back(std::move(rule));
    }
    // Read again as the document of a request, so that it is judged as one.
    TRY(bucket.notifications,
        At(path, codec::ParseNotification(codec::WriteNotification(*bucket.notifications))));
    return Ok();
}

}  // namespace

Result<DeclaredBucket> ParseBucket(const JsonMember& member, const std::string& path) {
    TRY(At(path, codec::BucketName::Parse(member.name)));
    TRY(const Section section,
        Section::Of(member.value, path,
                    {"versioning", "object_lock", "quota", "policy", "anonymous", "cors",
                     "lifecycle", "encryption", "tags", "notifications"}));
    DeclaredBucket bucket{.name = member.name};
    TRY(ReadVersioning(section, bucket));
    TRY(ReadObjectLock(section, bucket));
    TRY(ReadQuota(section, bucket));
    TRY(ReadPolicy(section, bucket));
    TRY(ReadCors(section, bucket));
    TRY(ReadLifecycle(section, bucket));
    TRY(ReadEncryption(section, bucket));
    TRY(ReadTags(section, bucket));
    TRY(ReadNotifications(section, bucket));
    return bucket;
}

}  // namespace coffer::app::bootstrap
