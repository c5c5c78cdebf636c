#include "coffer/app/bootstrap/declaration.h"

#include "coffer/app/bootstrap/bucket_declaration.h"
#include "coffer/app/bootstrap/section.h"
#include "coffer/app/config.h"
#include "coffer/app/secret_file.h"
#include "coffer/app/webhook_settings.h"
#include "coffer/codec/names.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/service/iam/builtin_policies.h"
#include "coffer/service/iam/names.h"

namespace coffer::app::bootstrap {
namespace {

using codec::JsonMember;
using codec::JsonValue;

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

// A server that starts with the document has these.
Result<std::vector<std::string>> EnabledWebhooks(const JsonValue& document) {
    TRY(const auto settings, WebhooksOf(document));
    std::vector<std::string> ids;
    for (const auto& [name, value] : settings) {
        std::string id = name.substr(0, name.find('.'));
        if (ids.empty() || ids.back() != id) ids.push_back(std::move(id));
    }
    for (const auto& [name, value] : settings) {
        const auto on = ParseSwitch(value);
        if (name.ends_with(".enable") && on && !on.value())
            std::erase(ids, name.substr(0, name.find('.')));
    }
    return ids;
}

}  // namespace

Result<Declaration> ParseDeclaration(const JsonValue& document) {
    TRY(const Section section, ParseDocument(document));
    Declaration all;
    TRY(all.policies, ParseEach(section, "policies", &ParsePolicy));
    TRY(all.groups, ParseEach(section, "groups", &ParseGroup));
    TRY(all.users, ParseEach(section, "users", &ParseUser));
    TRY(all.buckets, ParseEach(section, "buckets", &ParseBucket));
    TRY(all.webhooks, EnabledWebhooks(document));
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
        if (webhook.name.find('.') != std::string::npos)
            return Wrong(webhooks.PathOf(webhook.name), "there is no \".\" in a webhook's id");
        TRY(const Section given, Section::OfAny(webhook.value, webhooks.PathOf(webhook.name)));
        for (const JsonMember& setting : given.members()) {
            const auto on = setting.value.AsBool();
            if (!IsWebhookSetting(setting.name))
                return Wrong(given.PathOf(Shown(setting.name)), "a webhook has no such setting");
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
