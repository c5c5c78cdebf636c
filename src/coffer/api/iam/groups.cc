// CreateGroup, GetGroup, ListGroups, DeleteGroup, AddUserToGroup, RemoveUserFromGroup.
#include <utility>
#include <vector>

#include "coffer/api/iam/holders.h"
#include "coffer/api/iam/operations.h"
#include "coffer/api/iam/write.h"

namespace coffer::api::iam {
namespace {

using service::Holder;
using service::HolderKind;
using service::Holders;

}  // namespace

Task<Result<>> CreateGroup(const Call& call, codec::XmlWriter& xml) {
    co_return co_await CreateHolder(call, xml, HolderKind::kGroup);
}

Task<Result<>> GetGroup(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const std::string name, call.Need("GroupName"));
    CO_TRY(co_await call.Authorize("iam:GetGroup", HolderKind::kGroup, name));
    CO_TRY(const Paging paging, ParsePaging(call));
    CO_TRY(const Holder group, co_await call.dependencies.holders.Get(HolderKind::kGroup, name));
    CO_TRY(auto names, co_await call.dependencies.holders.UsersIn(name));
    WriteHolder(xml, "Group", group);
    co_return co_await WriteHolders(call, xml, HolderKind::kUser, std::move(names), paging);
}

Task<Result<>> ListGroups(const Call& call, codec::XmlWriter& xml) {
    co_return co_await ListHolders(call, xml, HolderKind::kGroup);
}

Task<Result<>> DeleteGroup(const Call& call, codec::XmlWriter&) {
    co_return co_await DeleteHolder(call, HolderKind::kGroup);
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
