#include "coffer/catalog/keys.h"

#include "coffer/catalog/tables.h"

namespace coffer::catalog {

Result<std::vector<UsedKey>> ListUsedKeys(db::Transaction& tx) {
    static const std::string kAll = kKeys.Select("ORDER BY name, key_id");
    std::vector<UsedKey> keys;
    TRY(kKeys.Query(tx, kAll, {}, [&](const db::Row& row) {
        keys.push_back({std::string(row.Text(0)), std::string(row.Text(1))});
        return true;
    }));
    return keys;
}

Result<> NoteUsedKey(db::Transaction& tx, const UsedKey& key) {
    return kKeys.Put(tx, {key.name, key.key_id});
}

Result<> ForgetUsedKey(db::Transaction& tx, const UsedKey& key) {
    TRY(tx.Execute("DELETE FROM keys WHERE name = $1 AND key_id = $2", {key.name, key.key_id}));
    return Ok();
}

}  // namespace coffer::catalog
