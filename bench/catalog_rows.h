// Objects that are rows of the catalogue alone: what measures the catalogue fills it with. Their
// content can't be read: the engine has no bytes for them.
#pragma once

#include <cstdint>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::bench {

// Adds object `number` under `key`, by the functions that serve PUT.
Result<catalog::Version> InsertRows(db::Transaction& tx, catalog::BucketId bucket, std::string key,
                                    uint64_t number, Timestamp modified);

}  // namespace coffer::bench
