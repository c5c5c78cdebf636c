// `coffer events`: what waits for webhooks, and what was given up: shown, sent again, or dropped.
// By the server of a data directory, or by this process where no server runs.
#pragma once

#include <string>
#include <vector>

#include "coffer/app/events_request.h"

namespace coffer::app {

struct EventsCommand {
    std::string directory;
    EventsRequest request;
    bool json = false;
};

// Prints what came of it, and returns the exit code: 0, 1 where it could not be done, 2 for
// mistakes, 3 where the directory can't be used.
int RunEvents(const EventsCommand& command);

}  // namespace coffer::app
