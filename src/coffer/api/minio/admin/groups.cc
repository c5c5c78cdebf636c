// mc admin group add, remove, list, info, enable, disable.
#include <limits>

#include "coffer/api/minio/admin/call.h"
#include "coffer/codec/date.h"

namespace coffer::api::minio {
namespace {

using codec::JsonValue;
using service::Holder;
using service::HolderKind;
using service::Holders;

}  // namespace

Task<Result<AdminReply>> UpdateGroupMembers(const AdminCall& call) {
    CO_TRY(const JsonValue document, call.ReadPlain());
    const JsonValue* const flag = document.Find("isRemove");
    const bool remove = flag != nullptr && flag->AsBool().value_or(false);
    CO_TRY(co_await call.Authorize(remove ? "admin:RemoveUserFromGroup" : "admin:AddUserToGroup"));
    std::string group = TextOf(document, "group");
    std::vector<std::string> members = ListOf(document, "members");
    Holders& holders = call.dependencies.holders;
    if (!remove) {
        CO_TRY(co_await holders.AddMembers(std::move(group), std::move(members),
                                           Holders::Missing::kMake));
    } else if (members.empty()) {
        // Nobody to remove: the group itself, where nobody is in it. Its policies go with it.
        CO_TRY(co_await holders.Delete(HolderKind::kGroup, std::move(group),
                                       Holders::Contents::kDeleteUnlessMembers));
    } else {
        CO_TRY(co_await holders.RemoveMembers(std::move(group), std::move(members)));
    }
    co_return AdminReply();
}

Task<Result<AdminReply>> GetGroup(const AdminCall& call) {
    CO_TRY(const std::string name, call.Need("group"));
    CO_TRY(co_await call.Authorize("admin:GetGroup"));
    CO_TRY(const Holder group, co_await call.dependencies.holders.Get(HolderKind::kGroup, name));
    CO_TRY(const auto users, co_await call.dependencies.holders.UsersIn(name));
    CO_TRY(const auto policies,
           co_await call.dependencies.policies.AttachedTo({HolderKind::kGroup, name}));
    const JsonValue described(
        JsonValue::Object{{"name", name},
                          {"status", group.enabled ? "enabled" : "disabled"},
                          {"members", ToJson(users)},
                          {"policy", Joined(policies)},
                          {"updatedAt", codec::FormatIso8601(group.changed)}});
    co_return AdminReply{.text = codec::WriteJson(described)};
}

Task<Result<AdminReply>> ListGroups(const AdminCall& call) {
    CO_TRY(co_await call.Authorize("admin:ListGroups"));
    CO_TRY(const auto groups, co_await call.dependencies.holders.List(
                                  HolderKind::kGroup, "", std::numeric_limits<size_t>::max()));
    std::vector<std::string> names;
    for (const Holder& group : groups)
        names.push_back(group.name);
    co_return AdminReply{.text = codec::WriteJson(ToJson(names))};
}

Task<Result<AdminReply>> SetGroupStatus(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("group"));
    CO_TRY(const bool enabled, call.NeedStatus());
    CO_TRY(co_await call.Authorize(enabled ? "admin:EnableGroup" : "admin:DisableGroup"));
    CO_TRY(co_await call.dependencies.holders.SetEnabled(HolderKind::kGroup, std::move(name),
                                                         enabled));
    co_return AdminReply();
}

}  // namespace coffer::api::minio
