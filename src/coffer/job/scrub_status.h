// Whether a scrub runs, how far it is, and what the last one found: what the server's control
// socket tells the commands beside it.
#pragma once

#include <optional>
#include <string>

#include "coffer/base/result.h"
#include "coffer/codec/json.h"
#include "coffer/job/scrub_report.h"

namespace coffer::job {

struct ScrubStatus {
    bool running = false;
    bool paused = false;
    std::string failure;              // why the last one ended early; it is tried again
    std::optional<ScrubReport> now;   // under way, or waiting to go on
    std::optional<ScrubReport> last;  // that came to its end
};

codec::JsonValue ToJson(const ScrubStatus& status);

// kCorrupt where it is not what ToJson made.
Result<ScrubStatus> ParseScrubStatus(const codec::JsonValue& json);

}  // namespace coffer::job
