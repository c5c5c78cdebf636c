// Accounts: whose buckets and objects are. The server's own (kAccount) is always there, with all
// users and all that is administered; others own buckets and have one access key each, and nothing
// else: what one account has is another's only as far as a bucket's policy or an ACL says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/mutex.h"
#include "coffer/db/database.h"
#include "coffer/service/iam/access_keys.h"
#include "coffer/service/iam/credentials.h"

namespace coffer::service {

struct AccountInfo {
    std::string id;
    std::string name;          // unique; kAccount's is "coffer"; empty: the account is gone
    std::string canonical_id;  // CanonicalIdOf(id)
    std::string access_key;    // its root's; empty for kAccount
    Timestamp created;
};

// All accounts at one moment. Never changes; any thread may use one.
class AccountDirectory {
  public:
    explicit AccountDirectory(std::vector<AccountInfo> others);

    // By name, kAccount first.
    const std::vector<AccountInfo>& all() const { return all_; }

    // Null where there is none.
    const AccountInfo* Find(std::string_view id) const;
    const AccountInfo* FindCanonical(std::string_view canonical_id) const;

    // As owners and grantees are told; without a name where there is none.
    AccountInfo Describe(std::string_view id) const;

  private:
    std::vector<AccountInfo> all_;
};

// Any thread may call it. What it is made of outlives it. Changes are durable, and count for the
// next request, when their task has returned.
class Accounts {
  public:
    Accounts(db::Database& database, Clock& clock, Credentials& credentials);

    // Reads the catalogue's; until then only kAccount is known. Blocks.
    Result<> Load();

    std::shared_ptr<const AccountDirectory> directory() const;

    struct Created {
        AccountInfo account;
        KeyPair key;  // of its root: the secret is told here and never again
    };

    // kAlreadyExists "EntityAlreadyExists" where the name is taken; kInvalid "ValidationError".
    Task<Result<Created>> Create(std::string name);

    // kNotFound "NoSuchEntity"; kConflict "DeleteConflict" while it owns buckets. Objects of its
    // own in others' buckets stay, and the owner of the bucket can delete them.
    Task<Result<>> Remove(std::string name);

  private:
    Task<Result<>> Reload();
    void Keep(std::shared_ptr<const AccountDirectory> directory);

    db::Database& database_;
    Clock& clock_;
    Credentials& credentials_;
    mutable Mutex mutex_;
    std::shared_ptr<const AccountDirectory> directory_ GUARDED_BY(mutex_);
};

}  // namespace coffer::service
