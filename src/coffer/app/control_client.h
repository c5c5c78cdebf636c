// How a command asks the server that has its data directory: over the control socket
// (docs/formats/control-socket.md).
#pragma once

#include <string>

#include "coffer/http/client.h"

namespace coffer::app {

// One request over `socket`, a Unix socket's path, with `body` where it is a POST, and its answer
// of 2xx. Blocks. kUnavailable where nobody listens there; kInvalid with the server's own words
// where it refuses.
Result<http::FetchResult> AskServer(const std::string& socket, const std::string& method,
                                    const std::string& target, std::string body = {});

}  // namespace coffer::app
