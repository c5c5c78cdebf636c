#include "coffer/catalog/policies.h"

#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

constexpr int64_t kInline = 0;
constexpr int64_t kAttached = 1;

ManagedPolicy ReadPolicy(const db::Row& row) {
    return {.name = std::string(row.Text(0)),
            .id = std::string(row.Text(1)),
            .path = std::string(row.Text(2)),
            .document = row.BlobString(3),
            .created = FromMicros(row.Int(4)),
            .changed = FromMicros(row.Int(5))};
}

int64_t KindOf(const HolderName& holder) {
    return static_cast<int64_t>(holder.kind);
}

const std::string& SelectOfHolder() {
    static const std::string kFind =
        kHolderPolicies.Select("WHERE kind = $1 AND holder = $2 AND attached = $3 ORDER BY policy");
    return kFind;
}

Result<bool> DeleteOne(db::Transaction& tx, const HolderName& holder, int64_t attached,
                       std::string_view policy) {
    TRY(const int64_t deleted,
        tx.Execute("DELETE FROM holder_policies WHERE kind = $1 AND holder = $2 AND attached = $3 "
                   "AND policy = $4",
                   {KindOf(holder), holder.name, attached, policy}));
    return deleted > 0;
}

}  // namespace

Result<> InsertPolicy(db::Transaction& tx, const ManagedPolicy& policy) {
    return kPolicies.Insert(tx, {policy.name, policy.id, policy.path, AsBytes(policy.document),
                                 ToMicros(policy.created), ToMicros(policy.changed)});
}

Result<std::optional<ManagedPolicy>> FindPolicy(db::Transaction& tx, std::string_view name) {
    static const std::string kFind = kPolicies.Select("WHERE name = $1");
    std::optional<ManagedPolicy> policy;
    TRY(kPolicies.Query(tx, kFind, {name}, [&](const db::Row& row) {
        policy = ReadPolicy(row);
        return false;
    }));
    return policy;
}

Result<> ChangePolicy(db::Transaction& tx, const ManagedPolicy& policy) {
    return kPolicies.Put(tx, {policy.name, policy.id, policy.path, AsBytes(policy.document),
                              ToMicros(policy.created), ToMicros(policy.changed)});
}

Result<> DeletePolicy(db::Transaction& tx, std::string_view name) {
    TRY(tx.Execute("DELETE FROM policies WHERE name = $1", {name}));
    return Ok();
}

Result<std::vector<ManagedPolicy>> ListPolicies(db::Transaction& tx, std::string_view after,
                                                size_t limit) {
    static const std::string kFrom = kPolicies.Select("WHERE name > $1 ORDER BY name");
    std::vector<ManagedPolicy> policies;
    if (limit == 0) return policies;
    TRY(kPolicies.Query(tx, kFrom, {after}, [&](const db::Row& row) {
        policies.push_back(ReadPolicy(row));
        return policies.size() < limit;
    }));
    return policies;
}

Result<> AttachPolicy(db::Transaction& tx, const HolderName& holder, std::string_view policy) {
    return kHolderPolicies.Put(tx, {KindOf(holder), holder.name, kAttached, policy, nullptr});
}

Result<bool> DetachPolicy(db::Transaction& tx, const HolderName& holder, std::string_view policy) {
    return DeleteOne(tx, holder, kAttached, policy);
}

Result<std::vector<std::string>> AttachedPolicies(db::Transaction& tx, const HolderName& holder) {
    std::vector<std::string> names;
    TRY(kHolderPolicies.Query(tx, SelectOfHolder(), {KindOf(holder), holder.name, kAttached},
                              [&](const db::Row& row) {
                                  names.emplace_back(row.Text(3));
                                  return true;
                              }));
    return names;
}

Result<std::vector<HolderName>> HoldersOf(db::Transaction& tx, std::string_view policy) {
    static const std::string kFind =
        kHolderPolicies.Select("WHERE attached = 1 AND policy = $1 ORDER BY policy, kind, holder");
    std::vector<HolderName> holders;
    TRY(kHolderPolicies.Query(tx, kFind, {policy}, [&](const db::Row& row) {
        holders.push_back({static_cast<HolderKind>(row.Int(0)), std::string(row.Text(1))});
        return true;
    }));
    return holders;
}

Result<> PutInlinePolicy(db::Transaction& tx, const HolderName& holder, std::string_view policy,
                         std::string_view document) {
    return kHolderPolicies.Put(tx,
                               {KindOf(holder), holder.name, kInline, policy, AsBytes(document)});
}

Result<bool> DeleteInlinePolicy(db::Transaction& tx, const HolderName& holder,
                                std::string_view policy) {
    return DeleteOne(tx, holder, kInline, policy);
}

Result<std::vector<std::pair<std::string, std::string>>> InlinePolicies(db::Transaction& tx,
                                                                        const HolderName& holder) {
    std::vector<std::pair<std::string, std::string>> policies;
    TRY(kHolderPolicies.Query(tx, SelectOfHolder(), {KindOf(holder), holder.name, kInline},
                              [&](const db::Row& row) {
                                  policies.emplace_back(row.Text(3), row.BlobString(4));
                                  return true;
                              }));
    return policies;
}

Result<> DeletePoliciesOf(db::Transaction& tx, const HolderName& holder) {
    TRY(tx.Execute("DELETE FROM holder_policies WHERE kind = $1 AND holder = $2",
                   {KindOf(holder), holder.name}));
    return Ok();
}

}  // namespace coffer::catalog
