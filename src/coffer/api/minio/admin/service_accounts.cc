// mc admin accesskey create, edit, enable, disable, info, list, remove; and mc admin user svcacct,
// their older name.
#include <algorithm>
#include <limits>

#include "coffer/api/added_value.h"
#include "coffer/api/minio/admin/call.h"
#include "coffer/codec/date.h"

namespace coffer::api::minio {
namespace {

using codec::JsonValue;
using service::AccessKey;
using service::HolderKind;

Error NoSuchAccount() {
    return {ErrorKind::kNotFound, "XMinioInvalidIAMCredentials",
            "The specified service account is not found"};
}

// The service account that is named, once the call may do `action` with it. Who may not learns
// nothing of what there is.
Task<Result<AccessKey>> Admit(const AdminCall& call, std::string_view action) {
    CO_TRY(const std::string access_key, call.Need("accessKey"));
    auto key = co_await call.dependencies.access_keys.Get(access_key);
    if (!key && key.error().kind() != ErrorKind::kNotFound) co_return key.error();
    const bool found = key && key.value().service;
    if (!found) {
        CO_TRY(co_await call.Authorize(action));
        co_return NoSuchAccount();
    }
    CO_TRY(co_await call.AuthorizeFor(action, key.value().user));
    // Root's are for root: who may administer users may not take root's place.
    if (key.value().user.empty() && !call.actor->user.empty())
        co_return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
    co_return key;
}

// A policy in a document, as text; empty where there is none.
std::string PolicyOf(const JsonValue& document, std::string_view name) {
    const JsonValue* const policy = document.Find(name);
    return policy == nullptr || policy->IsNull() ? std::string() : codec::WriteJson(*policy);
}

// Nothing: it is not said. Nothing in it: it never expires, which MinIO's clients write as 1970.
using Expiration = std::optional<std::optional<Timestamp>>;

Result<Expiration> ExpirationOf(const JsonValue& document, std::string_view name) {
    const std::string text = TextOf(document, name);
    if (text.empty()) return Expiration();
    const auto time = codec::ParseIso8601(text);
    if (!time)
        return Error(ErrorKind::kInvalid, "XMinioAdminInvalidArgument",
                     "The expiration is not a time.");
    if (*time <= Timestamp()) return Expiration(std::optional<Timestamp>());
    return Expiration(*time);
}

// svc:DurationSeconds, which has no value where nothing expires.
AddedValue SecondsUntil(const AdminCall& call, const Expiration& expires) {
    codec::policy::ConditionValues values;
    if (const auto end = expires.value_or(std::nullopt)) {
        const auto left =
            std::chrono::duration_cast<std::chrono::seconds>(*end - call.dependencies.clock.Now());
        values = std::vector{std::to_string(left.count())};
    }
    return {call.values, codec::policy::KeyId::kServiceAccountSeconds, std::move(values)};
}

JsonValue::Object Describe(const AdminCall& call, const AccessKey& key) {
    JsonValue::Object told{{"parentUser", call.NameOf(key.user)},
                           {"accountStatus", key.enabled ? "on" : "off"},
                           {"impliedPolicy", key.policy.empty()},
                           {"name", key.name},
                           {"description", key.description}};
    // mc reads it without looking whether it is there; 1970 is never.
    told.push_back({"expiration", codec::FormatIso8601(key.expires.value_or(Timestamp()))});
    return told;
}

Task<Result<JsonValue>> DescribeAll(const AdminCall& call, std::string user) {
    CO_TRY(const auto keys, co_await call.dependencies.access_keys.List(std::move(user)));
    JsonValue::Array all;
    for (const AccessKey& key : keys) {
        if (!key.service) continue;
        JsonValue::Object told = Describe(call, key);
        told.push_back({"accessKey", key.access_key});
        all.push_back(JsonValue(std::move(told)));
    }
    co_return JsonValue(std::move(all));
}

// Whose keys a list is of, by the names that the client gave: none, and its own.
Task<Result<std::vector<std::string>>> UsersAsked(const AdminCall& call) {
    std::vector<std::string> users;
    if (call.parameters.Get("all") == "true") {
        CO_TRY(co_await call.Authorize("admin:ListServiceAccounts"));
        CO_TRY(const auto all, co_await call.dependencies.holders.List(
                                   HolderKind::kUser, "", std::numeric_limits<size_t>::max()));
        users.emplace_back();
        for (const service::Holder& user : all)
            users.push_back(user.name);
        co_return users;
    }
    for (const std::string& name : call.All("users"))
        users.push_back(call.UserOf(name));
    if (users.empty()) users.push_back(call.actor->user);
    for (const std::string& user : users) {
        CO_TRY(co_await call.AuthorizeFor("admin:ListServiceAccounts", user));
    }
    co_return users;
}

AdminReply DescribeKey(const AdminCall& call, const AccessKey& key, JsonValue::Object more) {
    JsonValue::Object told = Describe(call, key);
    told.push_back({"policy", key.policy});
    for (auto& member : more)
        told.push_back(std::move(member));
    return {.text = codec::WriteJson(JsonValue(std::move(told))), .encrypted = true};
}

}  // namespace

Task<Result<AdminReply>> AddServiceAccount(const AdminCall& call) {
    CO_TRY(call.RefuseNarrowed());
    CO_TRY(const JsonValue document, co_await call.ReadEncrypted());
    const std::string target = TextOf(document, "targetUser");
    std::string user = target.empty() ? call.actor->user : call.UserOf(target);
    CO_TRY(const auto expires, ExpirationOf(document, "expiration"));
    AddedValue values = SecondsUntil(call, expires);
    CO_TRY(co_await call.With(values).AuthorizeFor("admin:CreateServiceAccount", user));
    if (user.empty() && !call.actor->user.empty())
        co_return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
    std::string description = TextOf(document, "description");
    if (description.empty()) description = TextOf(document, "comment");
    CO_TRY(const service::KeyPair pair, co_await call.dependencies.access_keys.Create(
                                            {.user = std::move(user),
                                             .access_key = TextOf(document, "accessKey"),
                                             .secret_key = Secret(TextOf(document, "secretKey")),
                                             .service = true,
                                             .name = TextOf(document, "name"),
                                             .description = std::move(description),
                                             .policy = PolicyOf(document, "policy"),
                                             .expires = expires.value_or(std::nullopt)}));
    JsonValue::Object credentials{{"accessKey", pair.access_key},
                                  {"secretKey", std::string(pair.secret_key.Reveal())}};
    const auto expiration = expires.value_or(std::nullopt);
    if (expiration) credentials.push_back({"expiration", codec::FormatIso8601(*expiration)});
    const JsonValue told(JsonValue::Object{{"credentials", JsonValue(std::move(credentials))}});
    co_return AdminReply{.text = codec::WriteJson(told), .encrypted = true};
}

Task<Result<AdminReply>> UpdateServiceAccount(const AdminCall& call) {
    CO_TRY(call.RefuseNarrowed());
    CO_TRY(const JsonValue document, co_await call.ReadEncrypted());
    service::AccessKeyChanges changes;
    CO_TRY(changes.expires, ExpirationOf(document, "newExpiration"));
    AddedValue values = SecondsUntil(call, changes.expires);
    CO_TRY(const AccessKey key, co_await Admit(call.With(values), "admin:UpdateServiceAccount"));
    if (const std::string secret = TextOf(document, "newSecretKey"); !secret.empty())
        changes.secret_key = Secret(secret);
    if (const std::string status = TextOf(document, "newStatus"); !status.empty()) {
        if (status != "on" && status != "off" && status != "enabled" && status != "disabled")
            co_return Error(ErrorKind::kInvalid, "XMinioAdminInvalidArgument",
                            "The status is either on or off.");
        changes.enabled = status == "on" || status == "enabled";
    }
    if (std::string name = TextOf(document, "newName"); !name.empty())
        changes.name = std::move(name);
    if (std::string description = TextOf(document, "newDescription"); !description.empty())
        changes.description = std::move(description);
    if (std::string policy = PolicyOf(document, "newPolicy"); !policy.empty())
        changes.policy = std::move(policy);
    CO_TRY(co_await call.dependencies.access_keys.Change(key.access_key, std::move(changes)));
    co_return AdminReply{.no_content = true};
}

Task<Result<AdminReply>> GetServiceAccount(const AdminCall& call) {
    CO_TRY(const AccessKey key, co_await Admit(call, "admin:ListServiceAccounts"));
    co_return DescribeKey(call, key, {});
}

Task<Result<AdminReply>> GetAccessKey(const AdminCall& call) {
    CO_TRY(const AccessKey key, co_await Admit(call, "admin:ListServiceAccounts"));
    co_return DescribeKey(call, key,
                          {{"AccessKey", key.access_key},
                           {"userType", "Service Account"},
                           {"userProvider", "builtin"}});
}

Task<Result<AdminReply>> ListServiceAccounts(const AdminCall& call) {
    const std::string name(call.parameters.Get("user").value_or(""));
    std::string user = name.empty() ? call.actor->user : call.UserOf(name);
    CO_TRY(co_await call.AuthorizeFor("admin:ListServiceAccounts", user));
    CO_TRY(JsonValue accounts, co_await DescribeAll(call, std::move(user)));
    const JsonValue told(JsonValue::Object{{"accounts", std::move(accounts)}});
    co_return AdminReply{.text = codec::WriteJson(told), .encrypted = true};
}

Task<Result<AdminReply>> ListAccessKeys(const AdminCall& call) {
    CO_TRY(const std::string type, call.Need("listType"));
    CO_TRY(const auto users, co_await UsersAsked(call));
    const bool accounts = type == "all" || type == "svcacc-only";
    JsonValue::Object told;
    for (const std::string& user : users) {
        JsonValue listed(JsonValue::Array{});
        if (accounts) {
            CO_TRY(listed, co_await DescribeAll(call, user));
        }
        // Sessions are known to nobody but who has them.
        told.push_back({call.NameOf(user),
                        JsonValue(JsonValue::Object{{"serviceAccounts", std::move(listed)},
                                                    {"stsKeys", JsonValue(JsonValue::Array{})}})});
    }
    co_return AdminReply{.text = codec::WriteJson(JsonValue(std::move(told))), .encrypted = true};
}

Task<Result<AdminReply>> RemoveServiceAccount(const AdminCall& call) {
    CO_TRY(const AccessKey key, co_await Admit(call, "admin:RemoveServiceAccount"));
    CO_TRY(co_await call.dependencies.access_keys.Delete(key.access_key));
    co_return AdminReply{.no_content = true};
}

}  // namespace coffer::api::minio
