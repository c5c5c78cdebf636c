// A TLS connection, on either side.
#pragma once

#include <memory>
#include <string>

#include "coffer/http/connection.h"
#include "coffer/http/tls_context.h"

namespace coffer::http {

// Takes `fd`, a connected non-blocking socket. The handshake is still to be done.
std::unique_ptr<Connection> MakeTlsServerConnection(runtime::Executor executor, int fd,
                                                    const TlsContext::Handle& context);

// The client's side: names `host` to the server, and checks its certificate against the system's
// authorities and that name, unless `verify` is false.
std::unique_ptr<Connection> MakeTlsClientConnection(runtime::Executor executor, int fd,
                                                    const std::string& host, bool verify);

}  // namespace coffer::http
