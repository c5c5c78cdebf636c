// What has to be put right when a server starts on a data directory, and said when it ends.
#pragma once

#include "coffer/service/core.h"
#include "coffer/service/reclaimer.h"

namespace coffer::service {

// How the server before this one ended. After all but the first there is something to recover.
enum class LastEnd : uint8_t {
    kInOrder,
    kUnsure,   // in good order, but bytes that no row names may lie where it could not look
    kCrashed,  // without saying so: a crash, a kill, a power loss
};

// Notes in the catalogue that a server has it open. Blocks.
Result<LastEnd> BeginServing(db::Database& database);

// Takes that note away: everything that the stores hold is named by a row, or marked to be removed,
// and will be after a power loss. Where that is not known (`recovered`: nothing was left to
// recover, or that came to its end), it says so for the next start.
Task<Result<>> EndServing(Core& core, bool recovered);

// Drops the copies that were committed to the store without a row that names them. Runs beside
// requests. False where something could not be looked at, which keeps it from nothing
// else: the next start has to try again.
Task<bool> RecoverInBackground(Core& core, WhenBusy when_busy = WhenBusy::kWait);

}  // namespace coffer::service
