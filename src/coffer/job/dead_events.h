// Events that were given up, for whoever looks after a server: shown, sent again, or dropped.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coffer/catalog/events.h"
#include "coffer/db/database.h"

namespace coffer::job {

// Which events; what is empty is any.
struct EventSelection {
    std::string target;
    std::vector<int64_t> ids;
};

// Those that were given up, behind the one with the id `after`; at most `limit` are looked at, and
// `after` becomes the last of them, or 0 where there are no more.
Task<Result<std::vector<catalog::DeadEvent>>> ListDeadEvents(db::Database& database,
                                                             EventSelection selection,
                                                             int64_t& after, size_t limit);

// Has those that were given up wait again, behind all that wait. Returns how many; the catalogue
// has no others of them when it returns. Whoever tells events is to be woken.
Task<Result<int64_t>> ReplayDeadEvents(db::Database& database, const Clock& clock,
                                       EventSelection selection);

// Drops those that were given up.
Task<Result<int64_t>> DropDeadEvents(db::Database& database, EventSelection selection);

// Drops those that wait for a target, as for one that is no more.
Task<Result<int64_t>> DropWaitingEvents(db::Database& database, std::string target);

struct WaitingEvents {
    std::string target;
    int64_t count = 0;
};
Task<Result<std::vector<WaitingEvents>>> CountWaitingEvents(db::Database& database);

}  // namespace coffer::job
