// Which named keys seal the keys of blobs: noted before the first blob is sealed by one, so that a
// start knows what it needs. Every function runs inside the caller's transaction.
#pragma once

#include <string>
#include <vector>

#include "coffer/db/database.h"

namespace coffer::catalog {

struct UsedKey {
    std::string name;
    std::string key_id;  // codec::Seal::KeyId
    bool operator==(const UsedKey&) const = default;
};

// By name, then by id.
Result<std::vector<UsedKey>> ListUsedKeys(db::Transaction& tx);

// Does nothing where it is noted already.
Result<> NoteUsedKey(db::Transaction& tx, const UsedKey& key);

// For when no blob is sealed by it any more.
Result<> ForgetUsedKey(db::Transaction& tx, const UsedKey& key);

}  // namespace coffer::catalog
