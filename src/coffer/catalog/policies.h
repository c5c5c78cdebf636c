// Policies of users and groups: managed ones, which have a name and may be attached to many, and
// inline ones, which belong to one. Documents are kept as they were sent. Every function runs
// inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffer/catalog/holders.h"

namespace coffer::catalog {

struct ManagedPolicy {
    std::string name;
    std::string id;
    std::string path = "/";
    std::string document;
    Timestamp created;
    Timestamp changed;
};

// kAlreadyExists where the name is taken.
Result<> InsertPolicy(db::Transaction& tx, const ManagedPolicy& policy);
Result<std::optional<ManagedPolicy>> FindPolicy(db::Transaction& tx, std::string_view name);

// Writes `document` and `changed` of one that was read in this transaction.
Result<> ChangePolicy(db::Transaction& tx, const ManagedPolicy& policy);
Result<> DeletePolicy(db::Transaction& tx, std::string_view name);

// By name, from after `after`; at most `limit`.
Result<std::vector<ManagedPolicy>> ListPolicies(db::Transaction& tx, std::string_view after,
                                                size_t limit);

// A user or a group.
struct HolderName {
    HolderKind kind = HolderKind::kUser;
    std::string name;
};

// Attaching what is attached changes nothing; so does detaching what is not. Whether there is such
// a policy is the caller's to know.
Result<> AttachPolicy(db::Transaction& tx, const HolderName& holder, std::string_view policy);
Result<bool> DetachPolicy(db::Transaction& tx, const HolderName& holder, std::string_view policy);

// The names, in their order.
Result<std::vector<std::string>> AttachedPolicies(db::Transaction& tx, const HolderName& holder);

// Users before groups, by name.
Result<std::vector<HolderName>> HoldersOf(db::Transaction& tx, std::string_view policy);

// An inline policy, in place of the one of that name.
Result<> PutInlinePolicy(db::Transaction& tx, const HolderName& holder, std::string_view policy,
                         std::string_view document);
Result<bool> DeleteInlinePolicy(db::Transaction& tx, const HolderName& holder,
                                std::string_view policy);

// Name and document of each, by name.
Result<std::vector<std::pair<std::string, std::string>>> InlinePolicies(db::Transaction& tx,
                                                                        const HolderName& holder);

// Attached and inline ones: the policies themselves stay.
Result<> DeletePoliciesOf(db::Transaction& tx, const HolderName& holder);

}  // namespace coffer::catalog
