// Events that are to be told to somebody, in the order in which they happened: a row for each event
// and target, written in the transaction that did what happened, and deleted once it was told.
// Every function runs inside the caller's transaction.
//
// What could not be told in time lies among the dead events until somebody sends it again, or drops
// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

struct Event {
    std::string target;  // the id of a webhook; empty: those who listen
    int64_t id = 0;      // what happened later has the greater one
    std::string bucket;  // its name: it may be gone
    std::string key;
    std::string name;      // "s3:ObjectCreated:Put"
    Timestamp queued;      // when it happened, or was sent again by somebody
    std::string document;  // what is sent
};

struct DeadEvent {
    Event event;
    int attempts = 0;  // at sending it, since the last start
    Timestamp died;
    std::string error;  // of the last attempt
};

// `event` has a number of its own (Transaction::NextNumber).
Result<> InsertEvent(db::Transaction& tx, const Event& event);

// Of a target behind the one with the id `after`, in order; at most `limit`. A damaged row is among
// them, so that it stops nobody: rows are only checked for their documents, which are empty where
// `with_documents` is false, or the row is damaged.
Result<std::vector<Event>> ListEvents(db::Transaction& tx, std::string_view target, int64_t after,
                                      size_t limit, bool with_documents = false);

// Nothing where there is none. kCorrupt where its row is damaged.
Result<std::optional<Event>> FindEvent(db::Transaction& tx, std::string_view target, int64_t id);

// The next event of the same key, without its document; a damaged one, too.
Result<std::optional<Event>> FindNextOfKey(db::Transaction& tx, const Event& event);

Result<> DeleteEvent(db::Transaction& tx, std::string_view target, int64_t id);

// All of a target up to the one with the id `last`.
Result<> DeleteEventsTo(db::Transaction& tx, std::string_view target, int64_t last);

// How many wait for a target. Takes a millisecond for some ten thousand.
Result<int64_t> CountEvents(db::Transaction& tx, std::string_view target);

// The webhooks that events wait for.
Result<std::vector<std::string>> ListEventTargets(db::Transaction& tx);

Result<> InsertDeadEvent(db::Transaction& tx, const DeadEvent& dead);

// Behind the one with the id `after`, in order; at most `limit`. Of a damaged row the document is
// empty, and its error says so.
Result<std::vector<DeadEvent>> ListDeadEvents(db::Transaction& tx, int64_t after, size_t limit);

Result<> DeleteDeadEvent(db::Transaction& tx, int64_t id);
Result<int64_t> CountDeadEvents(db::Transaction& tx);

}  // namespace coffer::catalog
