// The catalogue's schema and its history.
#pragma once

#include "coffer/db/database.h"

namespace coffer::catalog {

// Makes the tables of a new catalogue, or brings an older one to this program's schema. Blocks.
// kUnsupported where the catalogue is of a newer program; it is left as it is.
Result<> Prepare(db::Database& database);

}  // namespace coffer::catalog
