#include "coffer/catalog/accounts.h"

#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

Account ReadAccount(const db::Row& row) {
    return {.id = std::string(row.Text(0)),
            .name = std::string(row.Text(1)),
            .access_key = std::string(row.Text(2)),
            .sealed_secret = row.BlobString(3),
            .created = FromMicros(row.Int(4))};
}

Result<std::optional<Account>> FindOne(db::Transaction& tx, std::string_view select,
                                       std::string_view value) {
    std::optional<Account> found;
    TRY(kAccounts.Query(tx, select, {value}, [&](const db::Row& row) {
        found = ReadAccount(row);
        return false;
    }));
    return found;
}

}  // namespace

Result<> InsertAccount(db::Transaction& tx, const Account& account) {
    return kAccounts.Insert(tx, {account.id, account.name, account.access_key,
                                 AsBytes(account.sealed_secret), ToMicros(account.created)});
}

Result<std::optional<Account>> FindAccount(db::Transaction& tx, std::string_view name) {
    static const std::string kFind = kAccounts.Select("WHERE name = $1");
    return FindOne(tx, kFind, name);
}

Result<std::optional<Account>> FindAccountByKey(db::Transaction& tx, std::string_view access_key) {
    static const std::string kFind = kAccounts.Select("WHERE access_key = $1");
    return FindOne(tx, kFind, access_key);
}

Result<std::vector<Account>> ListAccounts(db::Transaction& tx) {
    static const std::string kAll = kAccounts.Select("ORDER BY name");
    std::vector<Account> accounts;
    TRY(kAccounts.Query(tx, kAll, {}, [&](const db::Row& row) {
        accounts.push_back(ReadAccount(row));
        return true;
    }));
    return accounts;
}

Result<> DeleteAccount(db::Transaction& tx, std::string_view id) {
    TRY(tx.Execute("DELETE FROM accounts WHERE id = $1", {id}));
    return Ok();
}

}  // namespace coffer::catalog
