// Facts about the catalogue as a whole, by name. Every function runs inside the caller's
// transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/db/database.h"

namespace coffer::catalog {

// Set while a server has the catalogue open, and taken away when it ends in good order. Found at
// start, it says that stores may hold copies which no row names, and why (service/recovery.h).
inline constexpr std::string_view kOpenSetting = "open";

Result<std::optional<std::string>> GetSetting(db::Transaction& tx, std::string_view name);
Result<> SetSetting(db::Transaction& tx, std::string_view name, std::string_view value);
Result<> DeleteSetting(db::Transaction& tx, std::string_view name);

}  // namespace coffer::catalog
