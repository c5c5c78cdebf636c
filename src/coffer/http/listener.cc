#include "coffer/http/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "coffer/http/unix_address.h"

namespace coffer::http {
namespace {

constexpr int kBacklog = 4096;  // the system lowers it to net.core.somaxconn

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

Address Ipv6(const in6_addr& host, uint16_t port) {
    Address address;
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_addr = host;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
    return address;
}

Address Ipv4(const in_addr& host, uint16_t port) {
    Address address;
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_addr = host;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    return address;
}

std::optional<Address> ParseAddress(const std::string& host, uint16_t port) {
    in_addr v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return Ipv4(v4, port);
    in6_addr v6{};
    if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) return Ipv6(v6, port);
    return std::nullopt;
}

void SetOption(int fd, int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
}

Peer ReadPeer(const sockaddr_storage& storage) {
    char text[INET6_ADDRSTRLEN] = "";
    Peer peer;
    if (storage.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
        ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
        peer.port = ntohs(v4.sin_port);
    } else if (storage.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
        const uint8_t* const bytes = v6.sin6_addr.s6_addr;
        // An IPv4 client on a socket for both.
        if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
            ::inet_ntop(AF_INET, bytes + 12, text, sizeof text);
        else
            ::inet_ntop(AF_INET6, bytes, text, sizeof text);
        peer.port = ntohs(v6.sin6_port);
    }
    peer.address = text;
    return peer;
}

Result<UniqueFd> Bind(Address address, const std::string& name) {
    UniqueFd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return ErrnoError(errno, "open a socket for " + name);
    SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (address.storage.ss_family == AF_INET6) SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (::bind(fd.get(), address.get(), address.size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
        if (errno == EADDRINUSE) {
            return Error(ErrorKind::kAlreadyExists, name + " is in use by another process");
        }
        return ErrnoError(errno, "listen on " + name);
    }
    return fd;
}

bool IsShortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

UniqueFd OpenReserve() {
    return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

Listener::Listener(Socket socket, uint16_t port)
    : socket_(std::move(socket)), port_(port), reserve_(OpenReserve()) {}

Result<Listener> Listener::Open(runtime::Executor executor, const std::string& host,
                                uint16_t port) {
    const std::string name =
        fmt::format("{}:{}", host.find(':') == std::string::npos ? host : "[" + host + "]", port);
    UniqueFd fd;
    if (host.empty()) {
        Result<UniqueFd> both = Bind(Ipv6(in6addr_any, port), name);
        // A system without IPv6 has no such socket, or no such address.
        if (!both && both.error().kind() == ErrorKind::kIo) {
            both = Bind(Ipv4(in_addr{htonl(INADDR_ANY)}, port), name);
        }
        TRY(fd, std::move(both));
    } else {
        const std::optional<Address> address = ParseAddress(host, port);
        if (!address) return Error(ErrorKind::kInvalid, "'" + host + "' is not a numeric address");
        TRY(fd, Bind(*address, name));
    }
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
        return ErrnoError(errno, "listen on " + name);
    }
    return Listener(Socket(executor, fd.Release()), ReadPeer(bound).port);
}

Result<Listener> Listener::OpenUnix(runtime::Executor executor, const std::string& path) {
    TRY(const UnixAddress address, UnixAddress::Of(path));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoError(errno, "remove " + path);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return ErrnoError(errno, "open a socket for " + path);
    // Nobody can connect before listen, so that the mode is there in time.
    if (::bind(fd.get(), address.get(), address.size()) != 0 ||
        ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(fd.get(), kBacklog) != 0) {
        return ErrnoError(errno, "listen on " + path);
    }
    return Listener(Socket(executor, fd.Release()), 0);
}

Task<Result<Accepted>> Listener::Accept() {
    while (true) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        UniqueFd fd(::accept4(socket_.fd(), reinterpret_cast<sockaddr*>(&address), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd.get() >= 0) {
            SetOption(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
            co_return Accepted{std::move(fd), ReadPeer(address)};
        }
        const int error = errno;
        if (error == EAGAIN) {
            CO_TRY(co_await socket_.WaitReadable());
        } else if (IsShortage(error)) {
            TurnOneAway();
            co_return Error(ErrorKind::kBusy, ErrnoError(error, "accept").message());
        } else if (error == EBADF) {
            co_return Error(ErrorKind::kClosed, "not listening any more");
        } else if (error != EINTR && error != ECONNABORTED) {
            co_return ErrnoError(error, "accept");
        }
    }
}

// Otherwise that client would wait for an answer as long as the shortage lasts.
void Listener::TurnOneAway() {
    reserve_ = UniqueFd();
    {
        const UniqueFd turned_away(::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    reserve_ = OpenReserve();
}

}  // namespace coffer::http
