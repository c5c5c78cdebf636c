#include "bench/probes/socket_probes.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>

#include "coffer/base/bytes.h"

#include "bench/loader/process_cpu.h"
#include "bench/probes/probe.h"

namespace coffer::bench {
namespace {

Result<int> Listen(uint16_t port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0) return ErrnoError(errno, "socket");
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(listener, 1024) != 0) {
        const int reason = errno;
        ::close(listener);
        return ErrnoError(reason, "listen");
    }
    return listener;
}

// A descriptor that becomes readable when the process is told to end.
int EndSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return ::signalfd(-1, &signals, SFD_CLOEXEC);
}

void Watch(int epoll, int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// False when the other side has ended the connection.
bool AnswerOne(int connection, std::string_view answer) {
    std::array<char, 16 * 1024> request;
    const ssize_t got = ::recv(connection, request.data(), request.size(), 0);
    if (got <= 0) return false;
    // A request of the loader comes in one piece; half of one would be answered by the next.
    if (!std::string_view(request.data(), static_cast<size_t>(got)).ends_with("\r\n\r\n"))
        return true;
    return ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(answer.size());
}

}  // namespace

Result<> ServeRaw(uint16_t port, size_t body_bytes) {
    const std::string answer =
        fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nETag: \"raw\"\r\n\r\n", body_bytes) +
        std::string(body_bytes, 'x');
    TRY(const int listener, Listen(port));
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    const int ending = EndSignals();
    Watch(epoll, listener);
    Watch(epoll, ending);
    std::array<epoll_event, 64> events;
    while (true) {
        const int ready = ::epoll_wait(epoll, events.data(), events.size(), -1);
        if (ready < 0 && errno != EINTR) return ErrnoError(errno, "epoll_wait");
        for (int i = 0; i < ready; ++i) {
            const int fd = events[static_cast<size_t>(i)].data.fd;
            if (fd == ending) return Ok();
            if (fd == listener) {
                const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
                const int on = 1;
                ::setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
                Watch(epoll, connection);
            } else if (!AnswerOne(fd, answer)) {
                ::close(fd);
            }
        }
    }
}

Result<ProbeReport> ProbeLoopback(const ProbeOptions& options) {
    TRY(const int listener, Listen(0));
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::thread receiver([listener] {
        const int connection = ::accept(listener, nullptr, nullptr);
        Bytes buffer(256_KiB);
        while (::recv(connection, buffer.data(), buffer.size(), 0) > 0) {
        }
        ::close(connection);
    });
    const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected =
        ::connect(connection, reinterpret_cast<const sockaddr*>(&address), size) == 0;
    const Bytes piece(256_KiB);
    constexpr size_t kPieces = 40;
    auto report = Repeat(options, kPieces * piece.size(), [&]() -> Result<> {
        for (size_t i = 0; i < kPieces; ++i) {
            if (!connected || ::send(connection, piece.data(), piece.size(), MSG_NOSIGNAL) !=
                                  static_cast<ssize_t>(piece.size())) {
                return ErrnoError(errno, "send");
            }
        }
        return Ok();
    });
    ::close(connection);
    ::shutdown(listener, SHUT_RDWR);
    receiver.join();
    ::close(listener);
    return report;
}

}  // namespace coffer::bench
