#include "coffer/app/bootstrap/declaration.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "coffer/api/s3/tagging.h"
#include "coffer/app/config.h"
#include "coffer/app/secret_file.h"
#include "coffer/app/settings.h"
#include "coffer/app/webhook_settings.h"
#include "coffer/codec/bucket_encryption.h"
#include "coffer/codec/cors.h"
#include "coffer/codec/names.h"
#include "coffer/codec/policy/anonymous_access.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/codec/s3_json.h"
#include "coffer/service/iam/builtin_policies.h"
#include "coffer/service/iam/names.h"
#include "coffer/service/tags.h"

namespace coffer::app::bootstrap {
namespace {

using codec::JsonMember;
using codec::JsonValue;
using service::SettingKind;

Error Wrong(std::string_view path, std::string_view what) {
    return Error(ErrorKind::kInvalid, fmt::format("{}: {}", path, what));
}

// A refusal of S3 or IAM. What S3 says of XML is told of no XML.
Error Refused(std::string_view path, const Error& error) {
    if (error.code() != "MalformedXML") return Wrong(path, error.message());
    const size_t reason = error.message().find(": ");
    if (reason == std::string::npos) return Wrong(path, "this is not what S3 takes here");
    return Wrong(path, std::string_view(error.message()).substr(reason + 2));
}

template <class T>
Result<T> At(std::string_view path, Result<T> result) {
    if (result) return result;
    return Refused(path, result.error());
}

// Something with named members, and where it stands.
class Section {
  public:
    // Nothing, as YAML has it where a name stands alone, has no members.
    static Result<Section> Of(const JsonValue& value, std::string path,
                              std::initializer_list<std::string_view> names) {
        static const JsonValue::Object kNone;
        const JsonValue::Object* members = value.IsNull() ? &kNone : value.AsObject();
        if (members == nullptr) return Wrong(path, "write names and values under it");
        const std::vector<std::string> known(names.begin(), names.end());
        for (const JsonMember& member : *members) {
            if (known.empty() || std::ranges::find(known, member.name) != known.end()) continue;
            const std::string meant = Nearest(member.name, known);
            return Wrong(path.empty() ? "the document" : path,
                         meant.empty()
                             ? fmt::format("\"{}\" means nothing here; there are {}", member.name,
                                           fmt::join(known, ", "))
                             : fmt::format("\"{}\" means nothing here; did you mean \"{}\"?",
                                           member.name, meant));
        }
        return Section(*members, std::move(path));
    }

    // With any names.
    static Result<Section> OfAny(const JsonValue& value, std::string path) {
        return Of(value, std::move(path), {});
    }

    const JsonValue::Object& members() const { return *members_; }

    // Null where it is not there.
    const JsonValue* Find(std::string_view name) const {
        const auto found = std::ranges::find(*members_, name, &JsonMember::name);
        return found == members_->end() ? nullptr : &found->value;
    }

    std::string PathOf(std::string_view name) const {
        return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
    }

    // A number counts as the text that it was written as.
    Result<std::optional<std::string>> Text(std::string_view name) const {
        const JsonValue* value = Find(name);
        if (value == nullptr) return std::nullopt;
        if (const std::string* text = value->AsString()) return *text;
        if (const auto number = value->AsInt()) return std::to_string(*number);
        return Wrong(PathOf(name), "it must be a text");
    }

    Result<std::optional<bool>> Switch(std::string_view name) const {
        const JsonValue* value = Find(name);
        if (value == nullptr) return std::nullopt;
        if (const auto on = value->AsBool()) return on;
        return Wrong(PathOf(name), "it must be true or false");
    }

    // In the order of their names, each once.
    Result<std::optional<std::vector<std::string>>> Names(std::string_view name) const {
        const JsonValue* value = Find(name);
        if (value == nullptr) return std::nullopt;
        const JsonValue::Array* items = value->AsArray();
        if (items == nullptr) return Wrong(PathOf(name), "it must be a list of names");
        std::vector<std::string> names;
        for (const JsonValue& item : *items) {
            if (item.AsString() == nullptr) return Wrong(PathOf(name), "a name must be a text");
            names.push_back(*item.AsString());
        }
        std::ranges::sort(names);
        const auto twice = std::ranges::unique(names);
        names.erase(twice.begin(), twice.end());
        return names;
    }

  private:
    Section(const JsonValue::Object& members, std::string path)
        : members_(&members), path_(std::move(path)) {}

    const JsonValue::Object* members_;
    std::string path_;
};

// A policy as its members, or as the text of one.
Result<std::string> ReadPolicyText(const JsonValue& value, const std::string& path) {
    if (value.AsObject() != nullptr) return codec::WriteJson(value);
    if (value.AsString() == nullptr)
        return Wrong(path, "write the policy's members, or its text in JSON");
    TRY(const JsonValue parsed, At(path, codec::ParseJson(*value.AsString())));
    return codec::WriteJson(parsed);
}

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

Result<DeclaredPolicy> ParsePolicy(const JsonMember& member, const std::string& path) {
    if (service::FindBuiltinPolicy(member.name) != nullptr)
        return Wrong(path, "a policy of that name is built in");
    TRY(At(path, service::CheckName("name", member.name, 128)));
    DeclaredPolicy policy{.name = member.name};
    TRY(policy.document, ReadPolicyText(member.value, path));
    TRY(At(path, codec::policy::Policy::ParseForIdentity(policy.document)));
    return policy;
}

Result<DeclaredGroup> ParseGroup(const JsonMember& member, const std::string& path) {
    TRY(At(path, service::CheckName("name", member.name, 128)));
    TRY(const Section section, Section::Of(member.value, path, {"enabled", "policies"}));
    DeclaredGroup group{.name = member.name};
    TRY(group.enabled, section.Switch("enabled"));
    TRY(group.policies, section.Names("policies"));
    return group;
}

Result<DeclaredUser> ParseUser(const JsonMember& member, const std::string& path) {
    TRY(At(path, service::CheckName("name", member.name, 64)));
    TRY(const Section section,
        Section::Of(member.value, path, {"secret_key", "enabled", "policies", "groups"}));
    DeclaredUser user{.name = member.name};
    TRY(const auto secret, section.Text("secret_key"));
    if (secret) {
        TRY(At(path, service::CheckAccessKey(member.name)));
        TRY(At(section.PathOf("secret_key"), service::CheckSecret(*secret)));
        if (!codec::IsUtf8(*secret))
            return Wrong(section.PathOf("secret_key"), "it must be text in UTF-8");
        user.secret_key = Secret(*secret);
    }
    TRY(user.enabled, section.Switch("enabled"));
    TRY(user.policies, section.Names("policies"));
    TRY(user.groups, section.Names("groups"));
    return user;
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
            encryption.kms_key = key.value_or("");
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

Result<Section> ParseDocument(const JsonValue& document) {
    return Section::Of(document, "", {"policies", "groups", "users", "buckets", "webhooks"});
}

template <class T>
Result<std::vector<T>> ParseEach(const Section& document, std::string_view kind,
                                 Result<T> (*parse)(const JsonMember&, const std::string& path)) {
    std::vector<T> all;
    const JsonValue* value = document.Find(kind);
    if (value == nullptr) return all;
    TRY(const Section section, Section::OfAny(*value, std::string(kind)));
    for (const JsonMember& member : section.members()) {
        TRY(T one, parse(member, section.PathOf(member.name)));
        all.push_back(std::move(one));
    }
    return all;
}

// The members of a user with the file's secret among them.
Result<JsonValue> WithSecret(const JsonValue& user, const std::string& path) {
    const JsonValue* file = user.Find("secret_key_file");
    if (file == nullptr) return user;
    if (file->AsString() == nullptr)
        return Wrong(path + ".secret_key_file", "it must be a file's name");
    if (user.Find("secret_key") != nullptr)
        return Wrong(path, "it has both secret_key and secret_key_file");
    const Result<std::string> secret = ReadSecretFile(*file->AsString());
    if (!secret) return secret.error().Wrap(path + ".secret_key_file");
    JsonValue::Object members;
    for (const JsonMember& member : *user.AsObject())
        if (member.name == "secret_key_file")
            members.push_back({"secret_key", secret.value()});
        else
            members.push_back(member);
    return JsonValue(std::move(members));
}

}  // namespace

Result<Declaration> ParseDeclaration(const JsonValue& document) {
    TRY(const Section section, ParseDocument(document));
    Declaration all;
    TRY(all.policies, ParseEach(section, "policies", &ParsePolicy));
    TRY(all.groups, ParseEach(section, "groups", &ParseGroup));
    TRY(all.users, ParseEach(section, "users", &ParseUser));
    TRY(all.buckets, ParseEach(section, "buckets", &ParseBucket));
    return all;
}

Result<JsonValue> WithSecrets(const JsonValue& document) {
    TRY(const Section section, ParseDocument(document));
    JsonValue::Object out;
    for (const JsonMember& kind : section.members()) {
        if (kind.name != "users" || kind.value.AsObject() == nullptr) {
            out.push_back(kind);
            continue;
        }
        JsonValue::Object users;
        for (const JsonMember& user : *kind.value.AsObject()) {
            TRY(JsonValue complete, WithSecret(user.value, "users." + user.name));
            users.push_back({user.name, std::move(complete)});
        }
        out.push_back({kind.name, JsonValue(std::move(users))});
    }
    return JsonValue(std::move(out));
}

Result<std::vector<std::pair<std::string, std::string>>> WebhooksOf(const JsonValue& document) {
    std::vector<std::pair<std::string, std::string>> settings;
    TRY(const Section section, ParseDocument(document));
    const JsonValue* value = section.Find("webhooks");
    if (value == nullptr) return settings;
    TRY(const Section webhooks, Section::OfAny(*value, "webhooks"));
    for (const JsonMember& webhook : webhooks.members()) {
        TRY(const Section given, Section::OfAny(webhook.value, webhooks.PathOf(webhook.name)));
        for (const JsonMember& setting : given.members()) {
            const auto on = setting.value.AsBool();
            if (!IsWebhookSetting(setting.name))
                return Wrong(given.PathOf(setting.name), "a webhook has no such setting");
            std::optional<std::string> text = on ? (*on ? "on" : "off") : std::string();
            if (!on) {
                TRY(text, given.Text(setting.name));
            }
            settings.emplace_back(webhook.name + "." + setting.name, *std::move(text));
        }
    }
    return settings;
}

}  // namespace coffer::app::bootstrap
