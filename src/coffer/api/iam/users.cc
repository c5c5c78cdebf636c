// CreateUser, GetUser, ListUsers, DeleteUser, ListGroupsForUser.
#include <fmt/format.h>

#include <utility>

#include "coffer/api/iam/holders.h"
#include "coffer/api/iam/operations.h"
#include "coffer/api/iam/write.h"
#include "coffer/codec/date.h"

namespace coffer::api::iam {
namespace {

using service::Holder;
using service::HolderKind;

}  // namespace

Task<Result<>> CreateUser(const Call& call, codec::XmlWriter& xml) {
    co_return co_await CreateHolder(call, xml, HolderKind::kUser);
}

Task<Result<>> GetUser(const Call& call, codec::XmlWriter& xml) {
    const std::string name = call.UserOrSelf();
    CO_TRY(co_await call.Authorize("iam:GetUser", HolderKind::kUser, name));
    if (name.empty()) {
        // Root has no name of a user.
        xml.Open("User")
            .Element("Path", std::string_view("/"))
            .Element("UserId", service::kAccount)
            .Element("Arn", fmt::format("arn:aws:iam::{}:root", service::kAccount))
            .Element("CreateDate", codec::FormatIso8601(Timestamp()))
            .Close();
        co_return Ok();
    }
    CO_TRY(const Holder user, co_await call.dependencies.holders.Get(HolderKind::kUser, name));
    WriteHolder(xml, "User", user);
    co_return Ok();
}

Task<Result<>> ListUsers(const Call& call, codec::XmlWriter& xml) {
    co_return co_await ListHolders(call, xml, HolderKind::kUser);
}

Task<Result<>> DeleteUser(const Call& call, codec::XmlWriter&) {
    co_return co_await DeleteHolder(call, HolderKind::kUser);
}

Task<Result<>> ListGroupsForUser(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const std::string name, call.Need("UserName"));
    CO_TRY(co_await call.Authorize("iam:ListGroupsForUser", HolderKind::kUser, name));
    CO_TRY(const Paging paging, ParsePaging(call));
    CO_TRY(auto names, co_await call.dependencies.holders.GroupsOf(name));
    co_return co_await WriteHolders(call, xml, HolderKind::kGroup, std::move(names), paging);
}

}  // namespace coffer::api::iam
