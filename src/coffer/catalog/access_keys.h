// Access keys of users, and of root. Every function runs inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

struct AccessKey {
    std::string access_key;
    std::string user;      // empty: root
    bool service = false;  // a service account: it may have a policy, a name and a description
    std::string sealed_secret;
    bool enabled = true;
    Timestamp created;
    std::optional<Timestamp> expires = std::nullopt;
    std::string name = {};
    std::string description = {};
    std::string policy = {};  // narrows what the user may; empty: it does not
};

// kAlreadyExists where there is such a key, whosoever it is.
Result<> InsertAccessKey(db::Transaction& tx, const AccessKey& key);
Result<std::optional<AccessKey>> FindAccessKey(db::Transaction& tx, std::string_view access_key);

// Writes all but user, kind and creation of one that was read in this transaction.
Result<> ChangeAccessKey(db::Transaction& tx, const AccessKey& key);
Result<> DeleteAccessKey(db::Transaction& tx, std::string_view access_key);

// In their order.
Result<std::vector<AccessKey>> AccessKeysOf(db::Transaction& tx, std::string_view user);
Result<> DeleteAccessKeysOf(db::Transaction& tx, std::string_view user);

}  // namespace coffer::catalog
