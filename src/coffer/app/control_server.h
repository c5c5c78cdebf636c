// The control socket: how commands beside a running server talk to it. HTTP over the Unix socket
// .coffer/control, which only the server's own user can open: docs/formats/control-socket.md.
#pragma once

#include <memory>
#include <string>

#include "coffer/app/bootstrap/difference.h"
#include "coffer/http/message.h"
#include "coffer/http/server.h"
#include "coffer/job/event_dispatcher.h"
#include "coffer/job/scrubber.h"
#include "coffer/service/accounts.h"

namespace coffer::app {

// The path of the socket in a data directory's .coffer.
std::string ControlSocketPath(const std::string& own_directory);

// What the answers are made of. All of it outlives the handler.
struct ControlDependencies {
    job::Scrubber& scrubber;
    service::Accounts& accounts;
    job::EventDispatcher& events;
    bootstrap::Target& bootstrap;
};

// Answers what comes over the socket.
std::unique_ptr<http::Handler> NewControlHandler(const ControlDependencies& dependencies);

// A server of `handler` at `path`, started; null, with a warning in the log, where the file system
// takes no sockets: S3 needs none. `executors` and `handler` outlive it.
std::unique_ptr<http::Server> StartControlServer(runtime::Executors& executors,
                                                 http::Handler& handler, const std::string& path);

}  // namespace coffer::app
