// A listening socket.
//
// Used on one executor. Accepting survives running out of file descriptors.
#pragma once

#include <string>

#include "coffer/http/message.h"
#include "coffer/http/socket.h"
#include "coffer/http/unique_fd.h"

namespace coffer::http {

struct Accepted {
    UniqueFd fd;  // non-blocking, with TCP_NODELAY
    Peer peer;
};

class Listener {
  public:
    // Binds to a numeric address, or to all (IPv6 and IPv4 by one socket) where `host` is empty.
    // kAlreadyExists: in use. kDenied: a low port. kInvalid: not an address.
    static Result<Listener> Open(runtime::Executor executor, const std::string& host,
                                 uint16_t port);

    // Binds to a Unix socket at `path`, in place of one that is there, which is nobody's. Only this
    // user can connect (mode 0600). The peers have no address.
    static Result<Listener> OpenUnix(runtime::Executor executor, const std::string& path);

    uint16_t port() const { return port_; }

    // Waits for a connection. kBusy when the process or the system has no descriptor left: one
    // waiting client was then turned away. kClosed after Close. After any other error, too, the
    // caller should pause before it tries again.
    Task<Result<Accepted>> Accept();

    // Refuses new connections from now on, and ends Accept.
    void Close() { socket_.Close(false); }

  private:
    Listener(Socket socket, uint16_t port);
    void TurnOneAway();

    Socket socket_;
    uint16_t port_;
    UniqueFd
        reserve_;  // given up to accept, and turn away, a client when there is no other descriptor
};

}  // namespace coffer::http
