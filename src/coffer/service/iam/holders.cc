#include "coffer/service/iam/holders.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/access_keys.h"
#include "coffer/catalog/policies.h"
#include "coffer/service/iam/names.h"

namespace coffer::service {
namespace {

constexpr size_t kMaxUserName = 64;
constexpr size_t kMaxGroupName = 128;

bool IsUser(HolderKind kind) {
    return kind == HolderKind::kUser;
}

Result<> CheckHolderName(HolderKind kind, std::string_view name) {
    return IsUser(kind) ? CheckName("userName", name, kMaxUserName)
                        : CheckName("groupName", name, kMaxGroupName);
}

Error Conflict(std::string_view what) {
    return {ErrorKind::kConflict, "DeleteConflict",
            fmt::format("Cannot delete entity, must {} first.", what)};
}

Result<> CheckEmpty(db::Transaction& tx, HolderKind kind, const std::string& name) {
    TRY(const auto keys, catalog::AccessKeysOf(tx, IsUser(kind) ? name : std::string()));
    if (IsUser(kind) && !keys.empty()) return Conflict("delete access keys");
    TRY(const auto attached, catalog::AttachedPolicies(tx, {kind, name}));
    if (!attached.empty()) return Conflict("detach all policies");
    TRY(const auto inline_policies, catalog::InlinePolicies(tx, {kind, name}));
    if (!inline_policies.empty()) return Conflict("delete policies");
    TRY(const auto others, IsUser(kind) ? catalog::GroupsOf(tx, name) : catalog::UsersIn(tx, name));
    if (!others.empty())
        return Conflict(IsUser(kind) ? "remove from group" : "remove users in group");
    return Ok();
}

Result<> CheckNoMembers(db::Transaction& tx, HolderKind kind, const std::string& name) {
    if (IsUser(kind)) return Ok();
    TRY(const auto users, catalog::UsersIn(tx, name));
    if (users.empty()) return Ok();
    return Error(ErrorKind::kConflict, "GroupNotEmpty",
                 "The specified group is not empty - cannot remove it.");
}

Result<> DeleteContents(db::Transaction& tx, HolderKind kind, const std::string& name) {
    TRY(catalog::DeletePoliciesOf(tx, {kind, name}));
    TRY(const auto others, IsUser(kind) ? catalog::GroupsOf(tx, name) : catalog::UsersIn(tx, name));
    for (const std::string& other : others) {
        TRY(IsUser(kind) ? catalog::RemoveMember(tx, name, other)
                         : catalog::RemoveMember(tx, other, name));
    }
    if (IsUser(kind)) return catalog::DeleteAccessKeysOf(tx, name);
    return Ok();
}

Holder NewHolder(HolderKind kind, std::string name, std::string path, Timestamp now) {
    return {.kind = kind,
            .name = std::move(name),
            .id = NewId(IsUser(kind) ? "AIDA" : "AGPA"),
            .path = std::move(path),
            .enabled = true,
            .created = now,
            .changed = now};
}

}  // namespace

Error NoSuchHolder(HolderKind kind, std::string_view name) {
    return {
        ErrorKind::kNotFound, IsUser(kind) ? "NoSuchUser" : "NoSuchGroup",
        fmt::format("The {} with name {} cannot be found.", IsUser(kind) ? "user" : "group", name)};
}

Result<Holder> NeedHolder(db::Transaction& tx, HolderKind kind, std::string_view name) {
    TRY(auto holder, catalog::FindHolder(tx, kind, name));
    if (!holder) return NoSuchHolder(kind, name);
    return *std::move(holder);
}

std::string ArnOf(const Holder& holder) {
    return IamArn(IsUser(holder.kind) ? "user" : "group", holder.path, holder.name);
}

Task<Result<Holder>> Holders::Create(HolderKind kind, std::string name, std::string path) {
    CO_TRY(CheckHolderName(kind, name));
    CO_TRY(CheckPath(path));
    const Holder holder = NewHolder(kind, name, std::move(path), clock_.Now());
    const Result<> made = co_await database_.Write(
        [&](db::Transaction& tx) { return catalog::InsertHolder(tx, holder); });
    credentials_.Forget();
    if (made) co_return holder;
    if (made.error().kind() != ErrorKind::kAlreadyExists) co_return made.error();
    co_return Error(
        ErrorKind::kAlreadyExists, "EntityAlreadyExists",
        fmt::format("{} with name {} already exists.", IsUser(kind) ? "User" : "Group", name));
}

Task<Result<Holder>> Holders::Get(HolderKind kind, std::string name) {
    co_return co_await database_.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) { return NeedHolder(tx, kind, name); });
}

Task<Result<std::vector<Holder>>> Holders::List(HolderKind kind, std::string after, size_t limit) {
    co_return co_await database_.Read(db::Cost::kScan, [&](db::Transaction& tx) {
        return catalog::ListHolders(tx, kind, after, limit);
    });
}

Task<Result<>> Holders::Delete(HolderKind kind, std::string name, Contents contents) {
    const Result<> deleted = co_await database_.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(NeedHolder(tx, kind, name));
            if (contents == Contents::kDeleteUnlessMembers) {
                TRY(CheckNoMembers(tx, kind, name));
            }
            TRY(contents == Contents::kRefuse ? CheckEmpty(tx, kind, name)
                                              : DeleteContents(tx, kind, name));
            return catalog::DeleteHolder(tx, kind, name);
        },
        db::Purpose::kFreesSpace);
    credentials_.Forget();
    co_return deleted;
}

Task<Result<>> Holders::SetEnabled(HolderKind kind, std::string name, bool enabled) {
    const Timestamp now = clock_.Now();
    const Result<> set = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        TRY(Holder holder, NeedHolder(tx, kind, name));
        holder.enabled = enabled;
        holder.changed = now;
        return catalog::ChangeHolder(tx, holder);
    });
    credentials_.Forget();
    co_return set;
}

Task<Result<>> Holders::AddMembers(std::string group, std::vector<std::string> users,
                                   Missing missing) {
    CO_TRY(CheckHolderName(HolderKind::kGroup, group));
    const Holder fresh = NewHolder(HolderKind::kGroup, group, "/", clock_.Now());
    const Result<> added = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        TRY(const auto there, catalog::FindHolder(tx, HolderKind::kGroup, group));
        if (!there && missing == Missing::kRefuse) return NoSuchHolder(HolderKind::kGroup, group);
        if (!there) {
            TRY(catalog::InsertHolder(tx, fresh));
        }
        for (const std::string& user : users) {
            TRY(NeedHolder(tx, HolderKind::kUser, user));
            TRY(catalog::AddMember(tx, user, group));
        }
        return Ok();
    });
    credentials_.Forget();
    co_return added;
}

Task<Result<>> Holders::RemoveMembers(std::string group, std::vector<std::string> users) {
    const Result<> removed = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        TRY(NeedHolder(tx, HolderKind::kGroup, group));
        for (const std::string& user : users) {
            TRY(NeedHolder(tx, HolderKind::kUser, user));
            TRY(catalog::RemoveMember(tx, user, group));
        }
        return Ok();
    });
    credentials_.Forget();
    co_return removed;
}

Task<Result<std::vector<std::string>>> Holders::UsersIn(std::string group) {
    co_return co_await database_.Read(db::Cost::kScan,
                                      [&](db::Transaction& tx) -> Result<std::vector<std::string>> {
                                          TRY(NeedHolder(tx, HolderKind::kGroup, group));
                                          return catalog::UsersIn(tx, group);
                                      });
}

Task<Result<std::vector<std::string>>> Holders::GroupsOf(std::string user) {
    co_return co_await database_.Read(db::Cost::kPoint,
                                      [&](db::Transaction& tx) -> Result<std::vector<std::string>> {
                                          TRY(NeedHolder(tx, HolderKind::kUser, user));
                                          return catalog::GroupsOf(tx, user);
                                      });
}

}  // namespace coffer::service
