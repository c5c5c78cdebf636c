#include "coffer/http/tcp_stream.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

#include "coffer/http/socket.h"

namespace coffer::http {
namespace {

bool WouldBlock(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

Error SocketError(int error, std::string_view what) {
    // The peer's doing, not ours: it went away, or is not to be reached any more.
    switch (error) {
        case ECONNRESET:
        case EPIPE:
        case ENOTCONN:
        case ETIMEDOUT:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EBADF:
            return Error(ErrorKind::kClosed, ErrnoError(error, what).message());
        default:
            return ErrnoError(error, what);
    }
}

class TcpStream final : public Connection {
  public:
    TcpStream(runtime::Executor executor, int fd) : socket_(executor, fd) {}

    Task<Result<>> Handshake() override { co_return Ok(); }

    Task<Result<size_t>> Read(ByteSpan out) override {
        while (true) {
            const ssize_t n = ::recv(socket_.fd(), out.data(), out.size(), MSG_DONTWAIT);
            if (n >= 0) co_return static_cast<size_t>(n);
            if (errno == EINTR) continue;
            if (!WouldBlock(errno)) co_return SocketError(errno, "receive");
            CO_TRY(co_await socket_.WaitReadable());
        }
    }

    Task<Result<>> Write(ByteView data) override { return WriteBoth(data, {}); }

    Task<Result<>> WriteBoth(ByteView head, ByteView body) override {
        while (!head.empty() || !body.empty()) {
            iovec pieces[2] = {{const_cast<std::byte*>(head.data()), head.size()},
                               {const_cast<std::byte*>(body.data()), body.size()}};
            msghdr message{};
            message.msg_iov = pieces;
            message.msg_iovlen = 2;
            const ssize_t n = ::sendmsg(socket_.fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n >= 0) {
                socket_.CountSent(static_cast<size_t>(n));
                const size_t of_head = std::min(static_cast<size_t>(n), head.size());
                head = head.subspan(of_head);
                body = body.subspan(static_cast<size_t>(n) - of_head);
                continue;
            }
            if (errno == EINTR) continue;
            if (!WouldBlock(errno)) co_return SocketError(errno, "send");
            CO_TRY(co_await socket_.WaitWritable());
        }
        co_return Ok();
    }

    Task<Result<>> ShutdownWrite() override {
        if (::shutdown(socket_.fd(), SHUT_WR) != 0) co_return SocketError(errno, "shutdown");
        co_return Ok();
    }

    void Close(bool abortive) override { socket_.Close(abortive); }
    Task<Result<>> WaitReadable() override { return socket_.WaitReadable(); }
    void CancelRead() override { socket_.CancelWaits(); }
    uint64_t acknowledged_bytes() const override { return socket_.acknowledged_bytes(); }

  private:
    Socket socket_;
};

}  // namespace

std::unique_ptr<Connection> MakeTcpConnection(runtime::Executor executor, int fd) {
    return std::make_unique<TcpStream>(executor, fd);
}

}  // namespace coffer::http
