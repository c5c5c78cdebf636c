// An HTTP server that does nothing but read requests and answer each with the same bytes: what one
// core can serve over loopback at all.
#pragma once

#include <cstdint>

#include "coffer/base/result.h"

namespace coffer::bench {

// Answers every request on 127.0.0.1:`port` with 200 and a body of `body_bytes`; one thread, one
// epoll, one read and one write a request. Requests have no body and come one at a time on a
// connection. Blocks until the process gets SIGTERM or SIGINT.
Result<> ServeRaw(uint16_t port, size_t body_bytes);

}  // namespace coffer::bench
