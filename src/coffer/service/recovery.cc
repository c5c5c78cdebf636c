#include "coffer/service/recovery.h"

#include "coffer/base/log.h"
#include "coffer/catalog/settings.h"

namespace coffer::service {

Result<bool> BeginServing(db::Database& database) {
    bool crashed = false;
    const auto open = [&](db::Transaction& tx) -> Result<> {
        TRY(const auto left_open, catalog::GetSetting(tx, catalog::kOpenSetting));
        crashed = left_open.has_value();
        return catalog::SetSetting(tx, catalog::kOpenSetting, "1");
    };
    // A full disk must not keep the server from starting: how else would one delete?
    TRY(database.WriteBlocking(open, db::Purpose::kFreesSpace));
    return crashed;
}

Task<Result<>> EndServing(Core& core) {
    if (core.reclaimer.noted_orphan()) co_return Ok();  // the note stays: the next start looks
    // Their rows are gone, and nobody looks for them at the next start: they must not come back.
    CO_TRY(co_await core.store.SyncRemovals());
    co_return co_await core.database.Write(
        [](db::Transaction& tx) { return catalog::DeleteSetting(tx, catalog::kOpenSetting); },
        db::Purpose::kFreesSpace);
}

Task<bool> RecoverInBackground(Core& core, WhenBusy when_busy) {
    const Result<int64_t> dropped = co_await core.reclaimer.DropOrphans(when_busy);
    if (!dropped) {
        Log(LogLevel::kWarning,
            "looking for what the last crash left failed; the next start tries again",
            {{"error", dropped.error().ToString()}});
        co_return false;
    }
    if (dropped.value() > 0) {
        Log(LogLevel::kInfo, "removed unfinished writes of before the crash",
            {{"count", dropped.value()}});
    }
    co_return true;
}

}  // namespace coffer::service
