// One key under the rules of its bucket's lifecycle: what of it is due goes, and it is known when
// to look at it again. All of it inside the caller's transaction, so that what goes is what was
// looked at, the rules are those that stand, and no lock is passed by.
#pragma once

#include <cstdint>
#include <string_view>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/service/core.h"

namespace coffer::job {

// What went by itself.
struct LifecycleCounts {
    int64_t expired = 0;          // objects: deleted, or with a delete marker on them
    int64_t removed = 0;          // noncurrent versions
    int64_t removed_markers = 0;  // delete markers that hid nothing any more
    int64_t aborted = 0;          // unfinished uploads
    int64_t locked = 0;           // due, but kept by a lock

    int64_t done() const { return expired + removed + removed_markers + aborted; }
    LifecycleCounts& operator+=(const LifecycleCounts& other);
};

// Does what is due at `now` for a key of `bucket`, and keeps when to look again: at once, where
// that was not all. `room` is what is left of a transaction: what goes takes one for itself and one
// for each of its parts, the last of them more than there is, where it has to. Without room it does
// nothing, and keeps the time all the same.
Result<LifecycleCounts> VisitKey(db::Transaction& tx, const service::Core& core,
                                 const catalog::Bucket& bucket, std::string_view key, Timestamp now,
                                 int64_t& room);

}  // namespace coffer::job
