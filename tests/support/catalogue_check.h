// Whether the catalogue agrees with itself: an oracle that counts anew what the services count as
// they go.
#pragma once

#include <string>
#include <vector>

#include "coffer/db/database.h"

namespace coffer::testing {

// A line for each thing that is wrong: references of blobs, copies without a blob and blobs without
// a copy, contents that nobody names, what buckets hold. Blocks.
std::vector<std::string> CatalogueProblems(db::Database& database);

}  // namespace coffer::testing
