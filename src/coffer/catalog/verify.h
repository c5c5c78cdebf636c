// Checks the catalogue itself, for the scrub: every row against its checksum, and the structure
// that rows are found by.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coffer/db/database.h"

namespace coffer::catalog {

struct Verified {
    int64_t rows = 0;
    int64_t damaged_rows = 0;            // each is in the log, with its table and key
    std::vector<std::string> structure;  // what is wrong with pages, orders and indexes

    bool IsWhole() const { return damaged_rows == 0 && structure.empty(); }
};

// Reads all of the catalogue, in pages and on the threads for long reads; writes go on meanwhile.
// The structure is checked in one read, during which the log grows. Errors are those of reading;
// damage is none.
Task<Result<Verified>> Verify(db::Database& database);

}  // namespace coffer::catalog
