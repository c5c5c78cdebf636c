// mc admin user add, remove, list, info, enable, disable.
#include <limits>

#include "coffer/api/minio/admin/call.h"
#include "coffer/codec/date.h"

namespace coffer::api::minio {
namespace {

using codec::JsonValue;
using service::Holder;
using service::HolderKind;
using service::Holders;

Task<Result<JsonValue>> Describe(const AdminCall& call, Holder user) {
    CO_TRY(const auto policies,
           co_await call.dependencies.policies.AttachedTo({HolderKind::kUser, user.name}));
    CO_TRY(const auto groups, co_await call.dependencies.holders.GroupsOf(user.name));
    co_return JsonValue(JsonValue::Object{{"policyName", Joined(policies)},
                                          {"status", user.enabled ? "enabled" : "disabled"},
                                          {"memberOf", ToJson(groups)},
                                          {"updatedAt", codec::FormatIso8601(user.changed)}});
}

}  // namespace

Task<Result<AdminReply>> AddUser(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("accessKey"));
    CO_TRY(call.RefuseNarrowed());
    // A user may give itself another secret, by its own key and no other: a key that ends must not
    // leave one behind that doesn't.
    const bool own = name == call.actor->user;
    if (own && call.actor->key_kind != service::KeyKind::kOwn)
        co_return Error(ErrorKind::kDenied, "AccessDenied",
                        "Service accounts and sessions can't change the secret of their user.");
    if (own) {
        CO_TRY(co_await call.AuthorizeFor("admin:CreateUser", name));
    } else {
        CO_TRY(co_await call.Authorize("admin:CreateUser"));
    }
    CO_TRY(const JsonValue document, co_await call.ReadEncrypted());
    if (!TextOf(document, "policy").empty())
        co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                        "Policies are attached with mc admin policy attach.");
    const std::string status = TextOf(document, "status");
    if (status != "enabled" && status != "disabled")
        co_return Error(ErrorKind::kInvalid, "XMinioAdminInvalidArgument",
                        "The status is either enabled or disabled.");
    Secret secret_key(TextOf(document, "secretKey"));
    service::AccessKeys& keys = call.dependencies.access_keys;
    if (own) {
        CO_TRY(co_await keys.ChangeUsersSecret(std::move(name), std::move(secret_key)));
    } else {
        CO_TRY(co_await keys.PutUser(std::move(name), std::move(secret_key), status == "enabled"));
    }
    co_return AdminReply();
}

Task<Result<AdminReply>> RemoveUser(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("accessKey"));
    CO_TRY(co_await call.Authorize("admin:DeleteUser"));
    CO_TRY(co_await call.dependencies.holders.Delete(HolderKind::kUser, std::move(name),
                                                     Holders::Contents::kDelete));
    co_return AdminReply();
}

Task<Result<AdminReply>> ListUsers(const AdminCall& call) {
    CO_TRY(co_await call.Authorize("admin:ListUsers"));
    CO_TRY(const auto users, co_await call.dependencies.holders.List(
                                 HolderKind::kUser, "", std::numeric_limits<size_t>::max()));
    JsonValue::Object all;
    for (const Holder& user : users) {
        auto described = co_await Describe(call, user);
        // Gone since the list was read.
        if (!described && described.error().kind() == ErrorKind::kNotFound) continue;
        CO_TRY(JsonValue value, std::move(described));
        all.push_back({user.name, std::move(value)});
    }
    co_return AdminReply{.text = codec::WriteJson(JsonValue(std::move(all))), .encrypted = true};
}

Task<Result<AdminReply>> GetUserInfo(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("accessKey"));
    CO_TRY(co_await call.AuthorizeFor("admin:GetUser", name));
    CO_TRY(Holder user, co_await call.dependencies.holders.Get(HolderKind::kUser, std::move(name)));
    CO_TRY(const JsonValue described, co_await Describe(call, std::move(user)));
    co_return AdminReply{.text = codec::WriteJson(described)};
}

Task<Result<AdminReply>> SetUserStatus(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("accessKey"));
    CO_TRY(const bool enabled, call.NeedStatus());
    CO_TRY(co_await call.Authorize(enabled ? "admin:EnableUser" : "admin:DisableUser"));
    CO_TRY(
        co_await call.dependencies.holders.SetEnabled(HolderKind::kUser, std::move(name), enabled));
    co_return AdminReply();
}

}  // namespace coffer::api::minio
