#include "coffer/catalog/holders.h"

#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

Holder ReadHolder(const db::Row& row) {
    return {.kind = static_cast<HolderKind>(row.Int(0)),
            .name = std::string(row.Text(1)),
            .id = std::string(row.Text(2)),
            .path = std::string(row.Text(3)),
            .enabled = row.Int(4) != 0,
            .created = FromMicros(row.Int(5)),
            .changed = FromMicros(row.Int(6))};
}

int64_t ToInt(HolderKind kind) {
    return static_cast<int64_t>(kind);
}

// The other side of every membership that `select` finds.
Result<std::vector<std::string>> ReadNames(db::Transaction& tx, const std::string& select,
                                           std::string_view of, int column) {
    std::vector<std::string> names;
    TRY(kMemberships.Query(tx, select, {of}, [&](const db::Row& row) {
        names.emplace_back(row.Text(column));
        return true;
    }));
    return names;
}

}  // namespace

Result<> InsertHolder(db::Transaction& tx, const Holder& holder) {
    return kHolders.Insert(
        tx, {ToInt(holder.kind), holder.name, holder.id, holder.path, int64_t{holder.enabled},
             ToMicros(holder.created), ToMicros(holder.changed)});
}

Result<std::optional<Holder>> FindHolder(db::Transaction& tx, HolderKind kind,
                                         std::string_view name) {
    static const std::string kFind = kHolders.Select("WHERE kind = $1 AND name = $2");
    std::optional<Holder> holder;
    TRY(kHolders.Query(tx, kFind, {ToInt(kind), name}, [&](const db::Row& row) {
        holder = ReadHolder(row);
        return false;
    }));
    return holder;
}

Result<> ChangeHolder(db::Transaction& tx, const Holder& holder) {
    return kHolders.Put(
        tx, {ToInt(holder.kind), holder.name, holder.id, holder.path, int64_t{holder.enabled},
             ToMicros(holder.created), ToMicros(holder.changed)});
}

Result<> DeleteHolder(db::Transaction& tx, HolderKind kind, std::string_view name) {
    TRY(tx.Execute("DELETE FROM holders WHERE kind = $1 AND name = $2", {ToInt(kind), name}));
    return Ok();
}

Result<std::vector<Holder>> ListHolders(db::Transaction& tx, HolderKind kind,
                                        std::string_view after, size_t limit) {
    static const std::string kFrom =
        kHolders.Select("WHERE kind = $1 AND name > $2 ORDER BY kind, name");
    std::vector<Holder> holders;
    if (limit == 0) return holders;
    TRY(kHolders.Query(tx, kFrom, {ToInt(kind), after}, [&](const db::Row& row) {
        holders.push_back(ReadHolder(row));
        return holders.size() < limit;
    }));
    return holders;
}

Result<> AddMember(db::Transaction& tx, std::string_view user, std::string_view group) {
    return kMemberships.Put(tx, {user, group});
}

Result<> RemoveMember(db::Transaction& tx, std::string_view user, std::string_view group) {
    TRY(tx.Execute("DELETE FROM memberships WHERE user_name = $1 AND group_name = $2",
                   {user, group}));
    return Ok();
}

Result<std::vector<std::string>> GroupsOf(db::Transaction& tx, std::string_view user) {
    static const std::string kFind =
        kMemberships.Select("WHERE user_name = $1 ORDER BY user_name, group_name");
    return ReadNames(tx, kFind, user, 1);
}

Result<std::vector<std::string>> UsersIn(db::Transaction& tx, std::string_view group) {
    static const std::string kFind =
        kMemberships.Select("WHERE group_name = $1 ORDER BY group_name, user_name");
    return ReadNames(tx, kFind, group, 0);
}

}  // namespace coffer::catalog
