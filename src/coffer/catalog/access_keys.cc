#include "coffer/catalog/access_keys.h"

#include "coffer/catalog/columns.h"
#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

AccessKey ReadAccessKey(const db::Row& row) {
    AccessKey key{.access_key = std::string(row.Text(0)),
                  .user = std::string(row.Text(1)),
                  .service = row.Int(2) != 0,
                  .sealed_secret = row.BlobString(3),
                  .enabled = row.Int(4) != 0,
                  .created = FromMicros(row.Int(5)),
                  .name = std::string(row.Text(7)),
                  .description = std::string(row.Text(8))};
    if (!row.IsNull(6)) key.expires = FromMicros(row.Int(6));
    if (!row.IsNull(9)) key.policy = row.BlobString(9);
    return key;
}

}  // namespace

Result<> InsertAccessKey(db::Transaction& tx, const AccessKey& key) {
    return kAccessKeys.Insert(
        tx, {key.access_key, key.user, int64_t{key.service}, AsBytes(key.sealed_secret),
             int64_t{key.enabled}, ToMicros(key.created), TimeOrNull(key.expires), key.name,
             key.description, BytesOrNull(key.policy)});
}

Result<std::optional<AccessKey>> FindAccessKey(db::Transaction& tx, std::string_view access_key) {
    static const std::string kFind = kAccessKeys.Select("WHERE access_key = $1");
    std::optional<AccessKey> key;
    TRY(kAccessKeys.Query(tx, kFind, {access_key}, [&](const db::Row& row) {
        key = ReadAccessKey(row);
        return false;
    }));
    return key;
}

Result<> ChangeAccessKey(db::Transaction& tx, const AccessKey& key) {
    return kAccessKeys.Put(
        tx, {key.access_key, key.user, int64_t{key.service}, AsBytes(key.sealed_secret),
             int64_t{key.enabled}, ToMicros(key.created), TimeOrNull(key.expires), key.name,
             key.description, BytesOrNull(key.policy)});
}

Result<> DeleteAccessKey(db::Transaction& tx, std::string_view access_key) {
    TRY(tx.Execute("DELETE FROM access_keys WHERE access_key = $1", {access_key}));
    return Ok();
}

Result<std::vector<AccessKey>> AccessKeysOf(db::Transaction& tx, std::string_view user) {
    static const std::string kFind =
        kAccessKeys.Select("WHERE user_name = $1 ORDER BY user_name, access_key");
    std::vector<AccessKey> keys;
    TRY(kAccessKeys.Query(tx, kFind, {user}, [&](const db::Row& row) {
        keys.push_back(ReadAccessKey(row));
        return true;
    }));
    return keys;
}

Result<> DeleteAccessKeysOf(db::Transaction& tx, std::string_view user) {
    TRY(tx.Execute("DELETE FROM access_keys WHERE user_name = $1", {user}));
    return Ok();
}

}  // namespace coffer::catalog
