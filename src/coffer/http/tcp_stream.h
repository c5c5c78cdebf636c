// A plain TCP connection.
#pragma once

#include <memory>

#include "coffer/http/connection.h"

namespace coffer::http {

// Takes `fd`, a connected non-blocking socket.
std::unique_ptr<Connection> MakeTcpConnection(runtime::Executor executor, int fd);

}  // namespace coffer::http
