#include "coffer/api/iam/holders.h"

#include <algorithm>
#include <utility>

#include "coffer/api/iam/write.h"

namespace coffer::api::iam {
namespace {

using service::Holder;
using service::HolderKind;
using service::Holders;

// What IAM calls them, and an action on one of them.
struct Words {
    std::string_view element;
    std::string_view list;
    std::string_view name;
    std::string_view create;
    std::string_view list_all;
    std::string_view remove;
};
constexpr Words kUser = {"User",           "Users",         "UserName",
                         "iam:CreateUser", "iam:ListUsers", "iam:DeleteUser"};
constexpr Words kGroup = {"Group",           "Groups",         "GroupName",
                          "iam:CreateGroup", "iam:ListGroups", "iam:DeleteGroup"};

const Words& WordsOf(HolderKind kind) {
    return kind == HolderKind::kUser ? kUser : kGroup;
}

}  // namespace

Task<Result<>> CreateHolder(const Call& call, codec::XmlWriter& xml, HolderKind kind) {
    const Words& words = WordsOf(kind);
    CO_TRY(std::string name, call.Need(words.name));
    std::string path = call.Optional("Path");
    if (path.empty()) path = "/";
    const std::string arn = service::ArnOf({.kind = kind, .name = name, .path = path});
    CO_TRY(co_await call.Authorize(words.create, arn));
    CO_TRY(const Holder holder,
           co_await call.dependencies.holders.Create(kind, std::move(name), std::move(path)));
    WriteHolder(xml, words.element, holder);
    co_return Ok();
}

Task<Result<>> ListHolders(const Call& call, codec::XmlWriter& xml, HolderKind kind) {
    const Words& words = WordsOf(kind);
    CO_TRY(co_await call.Authorize(words.list_all, "*"));
    CO_TRY(const Paging paging, ParsePaging(call));
    const std::string prefix = call.Optional("PathPrefix");
    CO_TRY(const auto holders,
           co_await call.dependencies.holders.List(kind, paging.after, paging.limit + 1));
    const size_t count = std::min(holders.size(), paging.limit);
    xml.Open(words.list);
    for (size_t i = 0; i < count; ++i)
        if (holders[i].path.starts_with(prefix)) WriteHolder(xml, "member", holders[i]);
    xml.Close();
    WriteEnd(xml, holders.size() > count, count == 0 ? "" : holders[count - 1].name);
    co_return Ok();
}

Task<Result<>> DeleteHolder(const Call& call, HolderKind kind) {
    const Words& words = WordsOf(kind);
    CO_TRY(std::string name, call.Need(words.name));
    CO_TRY(co_await call.Authorize(words.remove, kind, name));
    co_return co_await call.dependencies.holders.Delete(kind, std::move(name),
                                                        Holders::Contents::kRefuse);
}

Task<Result<>> WriteHolders(const Call& call, codec::XmlWriter& xml, HolderKind kind,
                            std::vector<std::string> names, Paging paging) {
    std::vector<Holder> holders;
    for (const std::string& name : names) {
        auto found = co_await call.dependencies.holders.Get(kind, name);
        if (found) holders.push_back(std::move(found).value());
    }
    WritePage(xml, WordsOf(kind).list, paging, names, [&](const std::string& name) {
        const auto found = std::ranges::find(holders, name, &Holder::name);
        if (found != holders.end()) WriteHolder(xml, "member", *found);
    });
    co_return Ok();
}

}  // namespace coffer::api::iam
