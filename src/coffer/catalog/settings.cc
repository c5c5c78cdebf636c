#include "coffer/catalog/settings.h"

#include "coffer/catalog/tables.h"

namespace coffer::catalog {

Result<std::optional<std::string>> GetSetting(db::Transaction& tx, std::string_view name) {
    static const std::string kFind = kSettings.Select("WHERE name = $1");
    std::optional<std::string> value;
    TRY(kSettings.Query(tx, kFind, {name}, [&](const db::Row& row) {
        value = std::string(row.Text(1));
        return false;
    }));
    return value;
}

Result<> SetSetting(db::Transaction& tx, std::string_view name, std::string_view value) {
    return kSettings.Put(tx, {name, value});
}

Result<> DeleteSetting(db::Transaction& tx, std::string_view name) {
    TRY(tx.Execute("DELETE FROM settings WHERE name = $1", {name}));
    return Ok();
}

}  // namespace coffer::catalog
