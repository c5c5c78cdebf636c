#include "coffer/service/recovery.h"

#include "coffer/base/log.h"
#include "coffer/catalog/settings.h"

namespace coffer::service {
namespace {

// The values of kOpenSetting.
constexpr std::string_view kOpen = "1";
constexpr std::string_view kUnsure = "unsure";

}  // namespace

Result<LastEnd> BeginServing(db::Database& database) {
    LastEnd last = LastEnd::kInOrder;
    const auto open = [&](db::Transaction& tx) -> Result<> {
        TRY(const auto note, catalog::GetSetting(tx, catalog::kOpenSetting));
        if (note) last = *note == kUnsure ? LastEnd::kUnsure : LastEnd::kCrashed;
        return catalog::SetSetting(tx, catalog::kOpenSetting, kOpen);
    };
    // A full disk must not keep the server from starting: how else would one delete?
    TRY(database.WriteBlocking(open, db::Purpose::kFreesSpace));
    return last;
}

Task<Result<>> EndServing(Core& core, bool recovered) {
    Result<> dropped = Ok();
    (void)co_await core.reclaimer.DropSpares(dropped);  // what fails is left for the next start
    if (!recovered || core.reclaimer.noted_orphan()) {
        co_return co_await core.database.Write(
            [](db::Transaction& tx) {
                return catalog::SetSetting(tx, catalog::kOpenSetting, kUnsure);
            },
            db::Purpose::kFreesSpace);
    }
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
            "not everything could be looked at for unfinished writes; the next start tries again",
            {{"error", dropped.error().ToString()}});
        co_return false;
    }
    if (dropped.value() > 0) {
        Log(LogLevel::kInfo, "removed unfinished writes of before the start",
            {{"count", dropped.value()}});
    }
    co_return true;
}

}  // namespace coffer::service
