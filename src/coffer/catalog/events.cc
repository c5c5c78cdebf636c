#include "coffer/catalog/events.h"

#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

Event ReadEvent(const db::Row& row, bool with_document) {
    Event event{.target = std::string(row.Text(0)),
                .id = row.Int(1),
                .bucket = std::string(row.Text(2)),
                .key = row.BlobString(3),
                .name = std::string(row.Text(4)),
                .queued = FromMicros(row.Int(5))};
    if (with_document) event.document = row.BlobString(6);
    return event;
}

// Of a damaged row nothing is sent again, and its error says so.
DeadEvent ReadDeadEvent(const db::Row& row) {
    const bool whole = kDeadEvents.Verify(row).has_value();
    return {.event = {.target = std::string(row.Text(1)),
                      .id = row.Int(0),
                      .bucket = std::string(row.Text(2)),
                      .key = row.BlobString(3),
                      .name = std::string(row.Text(4)),
                      .queued = FromMicros(row.Int(5)),
                      .document = whole ? row.BlobString(6) : std::string()},
            .attempts = static_cast<int>(row.Int(7)),
            .died = FromMicros(row.Int(8)),
            .error = whole ? std::string(row.Text(9)) : "its row in the catalogue is damaged"};
}

Result<int64_t> ReadNumber(db::Transaction& tx, std::string_view sql,
                           std::initializer_list<db::Value> values) {
    int64_t number = 0;
    TRY(tx.Query(sql, values, [&](const db::Row& row) {
        number = row.Int(0);
        return false;
    }));
    return number;
}

}  // namespace

Result<> InsertEvent(db::Transaction& tx, const Event& event) {
    return kEvents.Insert(tx, {event.target, event.id, event.bucket, AsBytes(event.key), event.name,
                               ToMicros(event.queued), AsBytes(event.document)});
}

Result<std::vector<Event>> ListEvents(db::Transaction& tx, std::string_view target, int64_t after,
                                      size_t limit, bool with_documents) {
    static const std::string kFrom =
        kEvents.Select("WHERE target = $1 AND id > $2 ORDER BY id LIMIT $3");
    std::vector<Event> events;
    TRY(tx.Query(kFrom, {target, after, static_cast<int64_t>(limit)}, [&](const db::Row& row) {
        events.push_back(ReadEvent(row, with_documents && kEvents.Verify(row)));
        return true;
    }));
    return events;
}

Result<std::optional<Event>> FindEvent(db::Transaction& tx, std::string_view target, int64_t id) {
    static const std::string kGet = kEvents.Select("WHERE target = $1 AND id = $2");
    std::optional<Event> event;
    TRY(kEvents.Query(tx, kGet, {target, id}, [&](const db::Row& row) {
        event = ReadEvent(row, true);
        return false;
    }));
    return event;
}

Result<std::optional<Event>> FindNextOfKey(db::Transaction& tx, const Event& event) {
    static const std::string kNext = kEvents.Select(
        "WHERE target = $1 AND bucket = $2 AND key = $3 AND id > $4 ORDER BY id LIMIT 1");
    std::optional<Event> next;
    TRY(tx.Query(kNext, {event.target, event.bucket, AsBytes(event.key), event.id},
                 [&](const db::Row& row) {
                     next = ReadEvent(row, false);
                     return false;
                 }));
    return next;
}

Result<> DeleteEvent(db::Transaction& tx, std::string_view target, int64_t id) {
    TRY(tx.Execute("DELETE FROM events WHERE target = $1 AND id = $2", {target, id}));
    return Ok();
}

Result<> DeleteEventsTo(db::Transaction& tx, std::string_view target, int64_t last) {
    TRY(tx.Execute("DELETE FROM events WHERE target = $1 AND id <= $2", {target, last}));
    return Ok();
}

Result<int64_t> CountEvents(db::Transaction& tx, std::string_view target) {
    return ReadNumber(tx, "SELECT count(*) FROM events WHERE target = $1", {target});
}

Result<std::vector<std::string>> ListEventTargets(db::Transaction& tx) {
    // A seek for each target, however many events it has.
    static const std::string kNext = kEvents.Select("WHERE target > $1 ORDER BY target LIMIT 1");
    std::vector<std::string> targets;
    for (bool more = true; more;) {
        more = false;
        const std::string last = targets.empty() ? std::string() : targets.back();
        TRY(tx.Query(kNext, {last}, [&](const db::Row& row) {
            targets.emplace_back(row.Text(0));
            more = true;
            return false;
        }));
    }
    return targets;
}

Result<> InsertDeadEvent(db::Transaction& tx, const DeadEvent& dead) {
    const Event& event = dead.event;
    return kDeadEvents.Insert(tx, {event.id, event.target, event.bucket, AsBytes(event.key),
                                   event.name, ToMicros(event.queued), AsBytes(event.document),
                                   int64_t{dead.attempts}, ToMicros(dead.died), dead.error});
}

Result<std::vector<DeadEvent>> ListDeadEvents(db::Transaction& tx, int64_t after, size_t limit) {
    static const std::string kFrom = kDeadEvents.Select("WHERE id > $1 ORDER BY id LIMIT $2");
    std::vector<DeadEvent> dead;
    TRY(tx.Query(kFrom, {after, static_cast<int64_t>(limit)}, [&](const db::Row& row) {
        dead.push_back(ReadDeadEvent(row));
        return true;
    }));
    return dead;
}

Result<> DeleteDeadEvent(db::Transaction& tx, int64_t id) {
    TRY(tx.Execute("DELETE FROM dead_events WHERE id = $1", {id}));
    return Ok();
}

Result<int64_t> CountDeadEvents(db::Transaction& tx) {
    return ReadNumber(tx, "SELECT count(*) FROM dead_events", {});
}

}  // namespace coffer::catalog
