// Accounts beside the server's own: each owns buckets, and has one access key, its root's. Every
// function runs inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

struct Account {
    std::string id;  // 12 digits, as those of AWS
    std::string name;
    std::string access_key;
    std::string sealed_secret;
    Timestamp created;
};

// kAlreadyExists where the id, the name or the access key is another account's.
Result<> InsertAccount(db::Transaction& tx, const Account& account);

Result<std::optional<Account>> FindAccount(db::Transaction& tx, std::string_view name);
Result<std::optional<Account>> FindAccountByKey(db::Transaction& tx, std::string_view access_key);

// By name.
Result<std::vector<Account>> ListAccounts(db::Transaction& tx);

Result<> DeleteAccount(db::Transaction& tx, std::string_view id);

}  // namespace coffer::catalog
