// What `coffer events` asks for: of the server of a directory over its control socket
// (docs/formats/control-socket.md), or of the catalogue, where no server runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "coffer/codec/json.h"
#include "coffer/job/dead_events.h"
#include "coffer/job/event_dispatcher.h"

namespace coffer::app {

struct EventsRequest {
    enum class Action : uint8_t {
        kStatus,  // {"targets": […], "dead": …}
        kList,    // {"dead": […], "next": …}: those that were given up
        kReplay,  // {"replayed": …}
        kDrop,    // {"dropped": …}
    };

    Action action = Action::kStatus;
    job::EventSelection selection;
    bool waiting = false;  // kDrop: those that wait for the target
    int64_t after = 0;     // kList: behind the one with this id

    // kInvalid: it is no such request.
    static Result<EventsRequest> Parse(std::string_view method, std::string_view path,
                                       std::string_view query);

    std::string method() const;
    std::string target() const;  // "/events/replay?target=one"
};

// Does it, and returns the answer. `dispatcher`: who tells events, and outlives the task; null
// where nobody does.
Task<Result<codec::JsonValue>> PerformEvents(db::Database& database, const Clock& clock,
                                             EventsRequest request,
                                             job::EventDispatcher* dispatcher);

}  // namespace coffer::app
