// CreateGroup, GetGroup, ListGroups, DeleteGroup, AddUserToGroup, RemoveUserFromGroup.
#include <algorithm>

#include "coffer/api/iam/operations.h"
#include "coffer/api/iam/write.h"

namespace coffer::api::iam {
namespace {

using service::Holder;
using service::HolderKind;
using service::Holders;

}  // namespace

Task<Result<>> CreateGroup(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(std::string name, call.Need("GroupName"));
    std::string path = call.Optional("Path");
    if (path.empty()) path = "/";
    const std::string arn =
        service::ArnOf({.kind = HolderKind::kGroup, .name = name, .path = path});
    CO_TRY(co_await call.Authorize("iam:CreateGroup", arn));
    CO_TRY(const Holder group, co_await call.dependencies.holders.Create(
                                   HolderKind::kGroup, std::move(name), std::move(path)));
    WriteHolder(xml, "Group", group);
    co_return Ok();
}

Task<Result<>> GetGroup(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const std::string name, call.Need("GroupName"));
    CO_TRY(co_await call.Authorize("iam:GetGroup", HolderKind::kGroup, name));
    CO_TRY(const Paging paging, ParsePaging(call));
    CO_TRY(const Holder group, co_await call.dependencies.holders.Get(HolderKind::kGroup, name));
    CO_TRY(const auto names, co_await call.dependencies.holders.UsersIn(name));
    std::vector<Holder> users;
    for (const std::string& user : names) {
        const auto found = co_await call.dependencies.holders.Get(HolderKind::kUser, user);
        if (found) users.push_back(found.value());
    }
    WriteHolder(xml, "Group", group);
    WritePage(xml, "Users", paging, names, [&](const std::string& user) {
        const auto found = std::ranges::find(users, user, &Holder::name);
        if (found != users.end()) WriteHolder(xml, "member", *found);
    });
    co_return Ok();
}

Task<Result<>> ListGroups(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(co_await call.Authorize("iam:ListGroups", "*"));
    CO_TRY(const Paging paging, ParsePaging(call));
    const std::string prefix = call.Optional("PathPrefix");
    CO_TRY(const auto groups, co_await call.dependencies.holders.List(
                                  HolderKind::kGroup, paging.after, paging.limit + 1));
    const size_t count = std::min(groups.size(), paging.limit);
    xml.Open("Groups");
    for (size_t i = 0; i < count; ++i)
        if (groups[i].path.starts_with(prefix)) WriteHolder(xml, "member", groups[i]);
    xml.Close();
    WriteEnd(xml, groups.size() > count, count == 0 ? "" : groups[count - 1].name);
    co_return Ok();
}

Task<Result<>> DeleteGroup(const Call& call, codec::XmlWriter&) {
    CO_TRY(std::string name, call.Need("GroupName"));
    CO_TRY(co_await call.Authorize("iam:DeleteGroup", HolderKind::kGroup, name));
    co_return co_await call.dependencies.holders.Delete(HolderKind::kGroup, std::move(name),
                                                        Holders::Contents::kRefuse);
}

Task<Result<>> AddUserToGroup(const Call& call, codec::XmlWriter&) {
    CO_TRY(std::string group, call.Need("GroupName"));
    CO_TRY(std::string user, call.Need("UserName"));
    CO_TRY(co_await call.Authorize("iam:AddUserToGroup", HolderKind::kGroup, group));
    co_return co_await call.dependencies.holders.AddMembers(
        std::move(group), std::vector{std::move(user)}, Holders::Missing::kRefuse);
}

Task<Result<>> RemoveUserFromGroup(const Call& call, codec::XmlWriter&) {
    CO_TRY(std::string group, call.Need("GroupName"));
    CO_TRY(std::string user, call.Need("UserName"));
    CO_TRY(co_await call.Authorize("iam:RemoveUserFromGroup", HolderKind::kGroup, group));
    co_return co_await call.dependencies.holders.RemoveMembers(std::move(group),
                                                               std::vector{std::move(user)});
}

}  // namespace coffer::api::iam
