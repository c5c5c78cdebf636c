// CreateUser, GetUser, ListUsers, DeleteUser, ListGroupsForUser.
#include <fmt/format.h>

#include <algorithm>

#include "coffer/api/iam/operations.h"
#include "coffer/api/iam/write.h"
#include "coffer/codec/date.h"

namespace coffer::api::iam {
namespace {

using service::Holder;
using service::HolderKind;
using service::Holders;

}  // namespace

Task<Result<>> CreateUser(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(std::string name, call.Need("UserName"));
    std::string path = call.Optional("Path");
    if (path.empty()) path = "/";
    const std::string arn = service::ArnOf({.kind = HolderKind::kUser, .name = name, .path = path});
    CO_TRY(co_await call.Authorize("iam:CreateUser", arn));
    CO_TRY(const Holder user, co_await call.dependencies.holders.Create(
                                  HolderKind::kUser, std::move(name), std::move(path)));
    WriteHolder(xml, "User", user);
    co_return Ok();
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
    CO_TRY(co_await call.Authorize("iam:ListUsers", "*"));
    CO_TRY(const Paging paging, ParsePaging(call));
    const std::string prefix = call.Optional("PathPrefix");
    CO_TRY(const auto users, co_await call.dependencies.holders.List(
                                 HolderKind::kUser, paging.after, paging.limit + 1));
    const size_t count = std::min(users.size(), paging.limit);
    xml.Open("Users");
    for (size_t i = 0; i < count; ++i)
        if (users[i].path.starts_with(prefix)) WriteHolder(xml, "member", users[i]);
    xml.Close();
    WriteEnd(xml, users.size() > count, count == 0 ? "" : users[count - 1].name);
    co_return Ok();
}

Task<Result<>> DeleteUser(const Call& call, codec::XmlWriter&) {
    CO_TRY(std::string name, call.Need("UserName"));
    CO_TRY(co_await call.Authorize("iam:DeleteUser", HolderKind::kUser, name));
    co_return co_await call.dependencies.holders.Delete(HolderKind::kUser, std::move(name),
                                                        Holders::Contents::kRefuse);
}

Task<Result<>> ListGroupsForUser(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const std::string name, call.Need("UserName"));
    CO_TRY(co_await call.Authorize("iam:ListGroupsForUser", HolderKind::kUser, name));
    CO_TRY(const Paging paging, ParsePaging(call));
    CO_TRY(const auto names, co_await call.dependencies.holders.GroupsOf(name));
    std::vector<Holder> groups;
    for (const std::string& group : names) {
        const auto found = co_await call.dependencies.holders.Get(HolderKind::kGroup, group);
        if (found) groups.push_back(found.value());
    }
    WritePage(xml, "Groups", paging, names, [&](const std::string& group) {
        const auto found = std::ranges::find(groups, group, &Holder::name);
        if (found != groups.end()) WriteHolder(xml, "member", *found);
    });
    co_return Ok();
}

}  // namespace coffer::api::iam
