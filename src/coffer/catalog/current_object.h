// What a read of an object asks of the catalogue, by one statement. It runs inside the caller's
// transaction.
#pragma once

#include <optional>
#include <string_view>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

struct CurrentObject {
    Bucket bucket;
    std::optional<Version> version;      // the newest of the key, delete marker or not
    std::optional<LocatedExtent> whole;  // the bytes of a version of one blob
};

// The newest version of a key, and, `with_copies`, where its bytes are, unless it is made of parts.
// kNotFound "NoSuchBucket"; kCorrupt where a row refers to what is not there.
Result<CurrentObject> FindCurrentObject(db::Transaction& tx, std::string_view bucket,
                                        std::string_view key, bool with_copies);

}  // namespace coffer::catalog
