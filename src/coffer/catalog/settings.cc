#include "coffer/catalog/settings.h"

namespace coffer::catalog {

Result<std::optional<std::string>> GetSetting(db::Transaction& tx, std::string_view name) {
    std::optional<std::string> value;
    TRY(tx.Query("SELECT value FROM settings WHERE name = $1", {name}, [&](const db::Row& row) {
        value = std::string(row.Text(0));
        return false;
    }));
    return value;
}

Result<> SetSetting(db::Transaction& tx, std::string_view name, std::string_view value) {
    TRY(
        tx.Execute("INSERT INTO settings (name, value) VALUES ($1, $2) "
                   "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                   {name, value}));
    return Ok();
}

Result<> DeleteSetting(db::Transaction& tx, std::string_view name) {
    TRY(tx.Execute("DELETE FROM settings WHERE name = $1", {name}));
    return Ok();
}

}  // namespace coffer::catalog
