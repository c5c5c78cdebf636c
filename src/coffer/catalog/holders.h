// Users and groups: what holds policies; and which users are in which groups. Every function runs
// inside the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

enum class HolderKind : uint8_t { kUser = 1, kGroup = 2 };

struct Holder {
    HolderKind kind = HolderKind::kUser;
    std::string name;
    std::string id;  // never given again: one who comes back under an old name is another
    std::string path = "/";
    bool enabled = true;
    Timestamp created;
    Timestamp changed;  // what is said here, not the policies
};

// kAlreadyExists where the name is taken.
Result<> InsertHolder(db::Transaction& tx, const Holder& holder);

// Nothing where there is none.
Result<std::optional<Holder>> FindHolder(db::Transaction& tx, HolderKind kind,
                                         std::string_view name);

// Writes `enabled` and `changed` of one that was read in this transaction.
Result<> ChangeHolder(db::Transaction& tx, const Holder& holder);

// The row alone: memberships, policies and keys are rows of their own.
Result<> DeleteHolder(db::Transaction& tx, HolderKind kind, std::string_view name);

// By name, from after `after`; at most `limit`.
Result<std::vector<Holder>> ListHolders(db::Transaction& tx, HolderKind kind,
                                        std::string_view after, size_t limit);

// A user who is in the group already stays in it.
Result<> AddMember(db::Transaction& tx, std::string_view user, std::string_view group);
Result<> RemoveMember(db::Transaction& tx, std::string_view user, std::string_view group);

// By name.
Result<std::vector<std::string>> GroupsOf(db::Transaction& tx, std::string_view user);
Result<std::vector<std::string>> UsersIn(db::Transaction& tx, std::string_view group);

}  // namespace coffer::catalog
