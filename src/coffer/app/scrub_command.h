// `coffer scrub`: has the server of a data directory read everything back, or does it itself where
// no server runs.
#pragma once

#include <cstdint>
#include <string>

namespace coffer::app {

struct ScrubCommand {
    enum class Action : uint8_t { kScrub, kStatus, kPause, kResume, kCancel };

    std::string directory;
    Action action = Action::kScrub;
    bool read_only = false;  // mends nothing
    bool restart = false;
    bool json = false;
    std::string rate;  // "50MiB" a second; empty: no limit
};

// Prints the report, with the progress on the way where standard error is a terminal, and returns
// the exit code: 0 where everything is as it was written, 1 where damage was found or it could not
// be done, 2 for mistakes, 3 where the directory can't be used.
int RunScrub(const ScrubCommand& command);

}  // namespace coffer::app
