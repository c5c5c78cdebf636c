// When keys have to be looked at, because a rule of their bucket's lifecycle may let something go
// that they have: a version, a delete marker, an unfinished upload. Every function runs inside the
// caller's transaction.
//
// A key has one row at most, and only in a bucket with rules. Its time is no later than the first
// that something of it is due; it may be earlier, since nobody goes by it without looking. So a row
// that is damaged stops nobody: its key is looked at, and it is written anew.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

// Has the key looked at by then: makes an earlier one of the time that is known, or leaves it.
Result<> LookAtKeyBy(db::Transaction& tx, BucketId bucket, std::string_view key, Timestamp time);

// Has it looked at then and no earlier; nothing: not at all.
Result<> LookAtKeyAt(db::Transaction& tx, BucketId bucket, std::string_view key,
                     std::optional<Timestamp> time);

struct DueKey {
    BucketId bucket;
    std::string key;
    Timestamp due;
};

// Keys that are to be looked at by `now`, the earliest first, from behind `after`; at most `limit`.
Result<std::vector<DueKey>> ListDueKeys(db::Transaction& tx, Timestamp now,
                                        const std::optional<DueKey>& after, size_t limit);

// Keys of a bucket with a time, whichever it is; at most `limit`.
Result<std::vector<DueKey>> ListTimedKeys(db::Transaction& tx, BucketId bucket, size_t limit);

// A walk over a bucket whose rules were changed, which gives every key the time that it has now.
struct LifecycleWalk {
    BucketId bucket;
    std::string done;  // up to this key; empty: it has not begun
};

// Has a bucket walked over from its beginning, also where a walk is under way.
Result<> BeginWalk(db::Transaction& tx, BucketId bucket);

// The next one that has not ended, in the order of their buckets; nothing where there is none. That
// of a damaged row begins anew.
Result<std::optional<LifecycleWalk>> FindWalk(db::Transaction& tx, BucketId after = BucketId(-1));

// Where it goes on: keys that have a version or an unfinished upload, in order, those of damaged
// rows, too; at most `limit`.
Result<std::vector<std::string>> ListKeysToWalk(db::Transaction& tx, const LifecycleWalk& walk,
                                                size_t limit);

// Keeps how far a walk is that was read in this transaction, and its end.
Result<> KeepWalk(db::Transaction& tx, const LifecycleWalk& walk);
Result<> EndWalk(db::Transaction& tx, BucketId bucket);

}  // namespace coffer::catalog
