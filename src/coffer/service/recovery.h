// What has to be put right when a server starts on a data directory, and said when it ends.
#pragma once

#include "coffer/service/core.h"
#include "coffer/service/reclaimer.h"

namespace coffer::service {

// Notes in the catalogue that a server has it open; returns whether the last one ended without
// saying so (a crash, a kill, a power loss). Blocks.
Result<bool> BeginServing(db::Database& database);

// Takes that note away: everything that the stores hold is named by a row, or marked to be removed,
// and will be after a power loss. Where that is not known the note stays. Only for a server that
// recovered from a crash, if there was one.
Task<Result<>> EndServing(Core& core);

// After a crash: drops the copies that were committed to the store without a row that names them.
// Runs beside requests. False where something could not be looked at, which keeps it from nothing
// else: the next start has to try again.
Task<bool> RecoverInBackground(Core& core, WhenBusy when_busy = WhenBusy::kWait);

}  // namespace coffer::service
