#include "coffer/job/dead_events.h"

#include <algorithm>
#include <utility>

namespace coffer::job {
namespace {

// One transaction holds up every write for as long as it takes: some milliseconds.
constexpr size_t kPage = 500;

bool IsSelected(const EventSelection& selection, const catalog::Event& event) {
    if (!selection.target.empty() && selection.target != event.target) return false;
    return selection.ids.empty() ||
           std::ranges::find(selection.ids, event.id) != selection.ids.end();
}

// False where it stays as it is.
using Change = Result<bool> (*)(db::Transaction& tx, const catalog::DeadEvent& dead, Timestamp now);

Result<bool> Replay(db::Transaction& tx, const catalog::DeadEvent& dead, Timestamp now) {
    if (dead.event.document.empty()) return false;  // damaged
    catalog::Event event = dead.event;
    event.id = tx.NextNumber();
    event.queued = now;
    TRY(catalog::InsertEvent(tx, event));
    TRY(catalog::DeleteDeadEvent(tx, dead.event.id));
    return true;
}

Result<bool> Drop(db::Transaction& tx, const catalog::DeadEvent& dead, Timestamp) {
    TRY(catalog::DeleteDeadEvent(tx, dead.event.id));
    return true;
}

// Those that are there when it begins: what dies meanwhile stays.
Task<Result<int64_t>> ForEach(db::Database& database, EventSelection selection, Timestamp now,
                              Change change) {
    int64_t changed = 0;
    for (int64_t after = 0;;) {
        std::vector<catalog::DeadEvent> page;
        CO_TRY(const int64_t done, co_await database.Write(
                                       [&](db::Transaction& tx) -> Result<int64_t> {
                                           TRY(page, catalog::ListDeadEvents(tx, after, kPage));
                                           int64_t count = 0;
                                           for (const catalog::DeadEvent& dead : page) {
                                               if (!IsSelected(selection, dead.event)) continue;
                                               TRY(const bool done, change(tx, dead, now));
                                               if (done) ++count;
                                           }
                                           return count;
                                       },
                                       db::Purpose::kFreesSpace));
        changed += done;
        if (page.size() < kPage) co_return changed;
        after = page.back().event.id;
    }
}

}  // namespace

Task<Result<std::vector<catalog::DeadEvent>>> ListDeadEvents(db::Database& database,
                                                             EventSelection selection,
                                                             int64_t& after, size_t limit) {
    CO_TRY(std::vector<catalog::DeadEvent> page,
           co_await database.Read(db::Cost::kScan, [&](db::Transaction& tx) {
               return catalog::ListDeadEvents(tx, after, limit);
           }));
    after = page.size() < limit ? 0 : page.back().event.id;
    std::erase_if(page, [&](const auto& dead) { return !IsSelected(selection, dead.event); });
    co_return page;
}

Task<Result<int64_t>> ReplayDeadEvents(db::Database& database, const Clock& clock,
                                       EventSelection selection) {
    return ForEach(database, std::move(selection), clock.Now(), &Replay);
}

Task<Result<int64_t>> DropDeadEvents(db::Database& database, EventSelection selection) {
    return ForEach(database, std::move(selection), Timestamp(), &Drop);
}

Task<Result<int64_t>> DropWaitingEvents(db::Database& database, std::string target) {
    int64_t dropped = 0;
    for (int64_t after = 0;;) {
        std::vector<catalog::Event> page;
        CO_TRY(co_await database.Write(
            [&](db::Transaction& tx) -> Result<> {
                TRY(page, catalog::ListEvents(tx, target, after, kPage));
                for (const catalog::Event& event : page) {
                    TRY(catalog::DeleteEvent(tx, target, event.id));
                }
                return Ok();
            },
            db::Purpose::kFreesSpace));
        dropped += static_cast<int64_t>(page.size());
        if (page.size() < kPage) co_return dropped;
        after = page.back().id;
    }
}

Task<Result<std::vector<WaitingEvents>>> CountWaitingEvents(db::Database& database) {
    using Counts = std::vector<WaitingEvents>;
    co_return co_await database.Read(db::Cost::kScan, [](db::Transaction& tx) -> Result<Counts> {
        Counts counts;
        TRY(const auto targets, catalog::ListEventTargets(tx));
        for (const std::string& target : targets) {
            TRY(const int64_t count, catalog::CountEvents(tx, target));
            counts.push_back({target, count});
        }
        return counts;
    });
}

}  // namespace coffer::job
