// What the catalogue keeps of scrubs, so that one goes on after the end of the process: two of its
// settings, "scrub" for the pass that is under way and "scrub.last" for the last one that came to
// its end. Each is a report as JSON (scrub_report.h; docs/formats/control-socket.md).
//
// Every function runs inside the caller's transaction, on the thread that this runs on, and blocks
// as its statements do. What one wrote is durable when that transaction is. Errors beside those
// that are named are the transaction's: kIo, kNoSpace where it writes, kCorrupt of a damaged row.
#pragma once

#include <optional>

#include "coffer/db/database.h"
#include "coffer/job/scrub_report.h"

namespace coffer::job {

// What is under way, and what was done last, as the catalogue has it.
struct KeptReports {
    std::optional<ScrubReport> unfinished;
    std::optional<ScrubReport> last;  // that came to its end
};

// kCorrupt, too, where what is kept is not the report of a scrub.
Result<KeptReports> ReadReports(db::Transaction& tx);

// Keeps a report in place of the one before it. One that came to its end (finished_us is not 0) is
// the last one from then on, and nothing is under way.
Result<> KeepReport(db::Transaction& tx, const ScrubReport& report);

// Forgets the pass that is under way, if there is one.
Result<> DropUnfinished(db::Transaction& tx);

}  // namespace coffer::job
