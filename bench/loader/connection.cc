#include "bench/loader/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace coffer::bench {

Connection::~Connection() {
    if (fd_ >= 0) ::close(fd_);
}

Result<> Connection::Connect() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return ErrnoError(errno, "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return ErrnoError(errno, "connect");
    }
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) return ErrnoError(errno, "fcntl");
    return Ok();
}

Result<> Connection::Send(const Request& request) {
    request_ = request;
    sent_ = 0;
    total_ = request.head.size() + request.body.size() + request.tail_bytes;
    reader_.Begin(request.to_head, request.keep_bytes);
    return ContinueSending();
}

Result<> Connection::ContinueSending() {
    while (sending()) {
        const std::array<std::string_view, 3> parts = {
            request_.head, AsText(request_.body),
            std::string_view(request_.tail.data(), request_.tail_bytes)};
        std::array<iovec, 3> vectors;
        size_t skip = sent_;
        for (size_t i = 0; i < parts.size(); ++i) {
            const size_t gone = std::min(skip, parts[i].size());
            skip -= gone;
            vectors[i] = {const_cast<char*>(parts[i].data()) + gone, parts[i].size() - gone};
        }
        msghdr message{};
        message.msg_iov = vectors.data();
        message.msg_iovlen = vectors.size();
        const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return Ok();
        // A server that has ended an idle connection, or has answered before it has taken all:
        // reading tells which.
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            total_ = sent_;
            return Ok();
        }
        if (sent < 0) return ErrnoError(errno, "send");
        sent_ += static_cast<size_t>(sent);
    }
    return Ok();
}

Result<Connection::Progress> Connection::Receive(std::span<char> buffer) {
    while (true) {
        const uint64_t skippable = reader_.Skippable();
        // Since Linux 2.4 a TCP socket drops what MSG_TRUNC asks for, without copying it.
        const ssize_t got = skippable > 0 ? ::recv(fd_, nullptr, skippable, MSG_TRUNC)
                                          : ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return Progress::kIncomplete;
        if (got == 0 || (got < 0 && errno == ECONNRESET)) {
            if (!reader_.begun()) return Progress::kClosed;
            return Error(ErrorKind::kClosed, "the server ended the connection in its answer");
        }
        if (got < 0) return ErrnoError(errno, "recv");
        const auto progress =
            skippable > 0 ? reader_.Skip(static_cast<uint64_t>(got))
                          : reader_.Feed(std::string_view(buffer.data(), static_cast<size_t>(got)));
        if (progress == ResponseReader::Progress::kBad) {
            return Error(ErrorKind::kInvalid, "what the server answers is not understood");
        }
        if (progress == ResponseReader::Progress::kDone) return Progress::kAnswered;
        if (skippable == 0 && reader_.Skippable() == 0) return Progress::kIncomplete;
    }
}

}  // namespace coffer::bench
