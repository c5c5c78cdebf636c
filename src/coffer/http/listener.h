// A listening socket.
//
// Used on one executor. Accepting survives running out of file descriptors.
#pragma once

#include <string>
#include <utility>

#include "coffer/http/message.h"
#include "coffer/http/socket.h"

namespace coffer::http {

// A file descriptor that is closed with its owner.
class UniqueFd {
  public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~UniqueFd();

    int get() const { return fd_; }
    int Release() { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

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

    uint16_t port() const { return port_; }

    // Waits for a connection. kBusy when the process or the system has no descriptor left: one
    // waiting client was then turned away, and the caller should pause. kClosed after Close; other
    // errors concern one connection only.
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
