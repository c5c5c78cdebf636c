// Users and groups, and who is in which group. What may be done is decided before it comes here.
//
// Errors carry IAM's codes: kNotFound "NoSuchUser" and "NoSuchGroup" (to IAM,
// both "NoSuchEntity"), kAlreadyExists "EntityAlreadyExists",
// kConflict "DeleteConflict" and "GroupNotEmpty", kInvalid "ValidationError"; or are the
// catalogue's. Every change is durable, and counts for the next request, when its task has
// returned.
#pragma once

#include <string>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/catalog/holders.h"
#include "coffer/db/database.h"
#include "coffer/service/iam/credentials.h"

namespace coffer::service {

using catalog::Holder;
using catalog::HolderKind;

// kNotFound "NoSuchUser" or "NoSuchGroup", in IAM's words.
Error NoSuchHolder(HolderKind kind, std::string_view name);

// Inside a transaction: the holder, or NoSuchHolder.
Result<Holder> NeedHolder(db::Transaction& tx, HolderKind kind, std::string_view name);

// The ARN of a user or a group.
std::string ArnOf(const Holder& holder);

// Any thread may call it. What it is made of outlives it.
class Holders {
  public:
    Holders(db::Database& database, Clock& clock, Credentials& credentials)
        : database_(database), clock_(clock), credentials_(credentials) {}

    Task<Result<Holder>> Create(HolderKind kind, std::string name, std::string path);
    Task<Result<Holder>> Get(HolderKind kind, std::string name);

    // By name, from after `after`; at most `limit`.
    Task<Result<std::vector<Holder>>> List(HolderKind kind, std::string after, size_t limit);

    // What is to become of what a user has (keys, policies, memberships) or a group (policies,
    // members).
    enum class Contents : uint8_t {
        kRefuse,  // DeleteConflict where there is any of it, as IAM has it
        kDelete,
        kDeleteUnlessMembers,  // "GroupNotEmpty" where a group has members, as MinIO has it
    };
    Task<Result<>> Delete(HolderKind kind, std::string name, Contents contents);

    // A user who is disabled can't use a key; a group that is gives its users nothing.
    Task<Result<>> SetEnabled(HolderKind kind, std::string name, bool enabled);

    // All of the users, or none. `make`: the group is made where it is missing.
    enum class Missing : uint8_t { kRefuse, kMake };
    Task<Result<>> AddMembers(std::string group, std::vector<std::string> users, Missing missing);
    Task<Result<>> RemoveMembers(std::string group, std::vector<std::string> users);

    // By name.
    Task<Result<std::vector<std::string>>> UsersIn(std::string group);
    Task<Result<std::vector<std::string>>> GroupsOf(std::string user);

  private:
    db::Database& database_;
    Clock& clock_;
    Credentials& credentials_;
};

}  // namespace coffer::service
