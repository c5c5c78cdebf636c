#include "coffer/http/client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include "coffer/base/clock.h"
#include "coffer/http/connection.h"
#include "coffer/http/input_buffer.h"
#include "coffer/http/response_parser.h"
#include "coffer/http/tcp_stream.h"
#include "coffer/http/tls_stream.h"
#include "coffer/http/unique_fd.h"
#include "coffer/http/unix_address.h"
#include "coffer/runtime/deadline.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;

constexpr size_t kHeadLimitBytes = 64_KiB;
constexpr milliseconds kLookAgain{50};  // whether it was cancelled

struct Url {
    bool tls = false;
    std::string host;  // without brackets
    std::string port;
    std::string authority;
    std::string target;
};

// Without what may be a password in it: a "/" in one ends the authority too early.
std::string WithoutUser(std::string_view text) {
    const size_t at = text.rfind('@');
    if (at == std::string_view::npos) return std::string(text);
    const size_t scheme = text.substr(0, at).find("://");
    const size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
    return fmt::format("{}(hidden){}", text.substr(0, start), text.substr(at));
}

std::string WithoutQuery(const std::string& text) {
    const size_t query = text.find('?');
    return query == std::string::npos ? text : text.substr(0, query + 1) + "(hidden)";
}

Result<Url> ParseUrl(std::string_view text) {
    const std::string shown = WithoutQuery(WithoutUser(text));
    const Error malformed(ErrorKind::kInvalid, fmt::format("'{}' is not an http URL", shown));
    Url url;
    if (text.starts_with("https://")) {
        url.tls = true;
    } else if (!text.starts_with("http://")) {
        return malformed;
    }
    for (const unsigned char c : text) {
        if (c <= ' ' || c == 0x7f) return malformed;
    }
    text.remove_prefix(text.find("//") + 2);
    const size_t authority_end = std::min(text.find_first_of("/?#"), text.size());
    url.authority = text.substr(0, authority_end);
    if (url.authority.find('@') != std::string::npos)
        return Error(ErrorKind::kInvalid,
                     fmt::format("no user and no password can stand in a URL, as in '{}'", shown));
    url.target = text.substr(authority_end, text.find('#', authority_end) - authority_end);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");

    std::string_view host = url.authority;
    const bool in_brackets = host.starts_with('[');
    const size_t host_end = in_brackets ? host.find(']') : host.find(':');
    if (in_brackets && host_end == std::string_view::npos) return malformed;
    std::string_view rest = host.substr(std::min(host_end + (in_brackets ? 1 : 0), host.size()));
    url.host = in_brackets ? host.substr(1, host_end - 1) : host.substr(0, host_end);
    if (url.host.empty()) return malformed;
    url.port = url.tls ? "443" : "80";
    if (rest.starts_with(':')) url.port = rest.substr(1);
    if (url.port.empty() || url.port.find_first_not_of("0123456789") != std::string::npos) {
        return malformed;
    }
    return url;
}

milliseconds LeftUntil(SteadyTime deadline) {
    return std::max(milliseconds(0),
                    std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()));
}

bool IsCancelled(const FetchOptions& options) {
    return options.cancelled != nullptr && options.cancelled->load();
}

Result<UniqueFd> ConnectTo(const addrinfo& address, SteadyTime deadline,
                           const FetchOptions& options) {
    UniqueFd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return ErrnoError(errno, "open a socket");
    if (::connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return fd;
    int error = errno;
    if (error == EINPROGRESS) {
        pollfd waiting{.fd = fd.get(), .events = POLLOUT, .revents = 0};
        while (true) {
            const milliseconds wait = std::min(LeftUntil(deadline), kLookAgain);
            if (::poll(&waiting, 1, static_cast<int>(wait.count())) != 0) break;
            if (IsCancelled(options) || LeftUntil(deadline).count() == 0)
                return Error(ErrorKind::kTimeout, "connecting took too long");
        }
        socklen_t size = sizeof error;
        ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
        if (error == 0) return fd;
    }
    return Error(ErrorKind::kUnavailable, ErrnoError(error, "connect").message());
}

// To the first of the host's addresses that takes it.
Result<UniqueFd> Connect(const Url& url, SteadyTime deadline, const FetchOptions& options) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found);
        error != 0) {
        return Error(ErrorKind::kUnavailable,
                     fmt::format("look up {}: {}", url.host, ::gai_strerror(error)));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
    Result<UniqueFd> connected = Error(ErrorKind::kUnavailable, url.host + " has no address");
    for (const addrinfo* address = found; address != nullptr && !connected;
         address = address->ai_next) {
        connected = ConnectTo(*address, deadline, options);
    }
    return connected;
}

Result<UniqueFd> ConnectToUnix(const std::string& path) {
    TRY(const UnixAddress address, UnixAddress::Of(path));
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return ErrnoError(errno, "open a socket");
    if (::connect(fd.get(), address.get(), address.size()) != 0) {
        const Error error = ErrnoError(errno, "connect to " + path);
        if (error.kind() == ErrorKind::kDenied) return error;
        return Error(ErrorKind::kUnavailable, error.message());
    }
    ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
    return fd;
}

// Another response follows it (RFC 9110, 15.2); behind 101 it is another protocol.
bool IsInterim(int status) {
    return status >= 100 && status < 200 && status != 101;
}

Task<Result<>> ReadResponse(Connection& connection, InputBuffer& input, ResponseParser& parser) {
    for (;;) {
        CO_TRY(const size_t taken, parser.Put(input.data()));
        input.Consume(taken);
        if (parser.done()) co_return Ok();
        if (input.data().size() >= kHeadLimitBytes)
            co_return Error(ErrorKind::kCorrupt, "the head of the answer has no end");
        CO_TRY(const size_t n, co_await input.Fill(connection, kHeadLimitBytes));
        if (n == 0) co_return parser.PutEnd();
    }
}

Task<Result<FetchResult>> Exchange(Connection& connection, const Url& url,
                                   const FetchOptions& options) {
    CO_TRY(co_await connection.Handshake());
    std::string request = fmt::format(
        "{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: coffer\r\nAccept: */*\r\nConnection: close\r\n",
        options.method, url.target, url.authority);
    for (const Header& header : options.headers)
        request += fmt::format("{}: {}\r\n", header.name, header.value);
    if (options.method == "POST")
        request += fmt::format("Content-Length: {}\r\n", options.body.size());
    request += "\r\n" + options.body;
    CO_TRY(co_await connection.Write(AsBytes(request)));

    InputBuffer input;
    for (;;) {
        ResponseParser parser(options.method == "HEAD" || !options.with_body,
                              options.body_limit_bytes);
        CO_TRY(co_await ReadResponse(connection, input, parser));
        FetchResult result = parser.Take();
        if (!IsInterim(result.status)) co_return result;
    }
}

Task<void> RunExchange(std::unique_ptr<Connection> connection, const Url& url,
                       const FetchOptions& options, SteadyTime end, runtime::Executor executor,
                       std::optional<Result<FetchResult>>& result) {
    const auto next = [&] {
        const milliseconds left = LeftUntil(end);
        return options.cancelled == nullptr ? left : std::min(left, kLookAgain);
    };
    runtime::Deadline deadline(executor, [&] {
        if (IsCancelled(options) || LeftUntil(end).count() == 0)
            connection->Close(true);
        else
            deadline.Set(next());
    });
    deadline.Set(next());
    result.emplace(co_await Exchange(*connection, url, options));
    if (deadline.expired()) result.emplace(Error(ErrorKind::kTimeout, "no answer in time"));
}

Result<FetchResult> ExchangeOn(UniqueFd fd, const Url& url, const FetchOptions& options,
                               SteadyTime end) {
    boost::asio::io_context context(1);
    const runtime::Executor executor = context.get_executor();
    std::unique_ptr<Connection> connection =
        url.tls ? MakeTlsClientConnection(executor, fd.Release(), url.host, options.tls)
                : MakeTcpConnection(executor, fd.Release());
    std::optional<Result<FetchResult>> result;
    boost::asio::co_spawn(executor,
                          RunExchange(std::move(connection), url, options, end, executor, result),
                          boost::asio::detached);
    context.run();
    return std::move(*result);
}

}  // namespace

std::string WithoutSecrets(std::string_view url) {
    return WithoutQuery(ParseUrl(url) ? std::string(url) : WithoutUser(url));
}

Result<> CheckUrl(std::string_view url) {
    TRY(ParseUrl(url));
    return Ok();
}

Result<FetchResult> Fetch(const std::string& url_text, const FetchOptions& options) {
    const SteadyTime end = std::chrono::steady_clock::now() + options.timeout;
    TRY(const Url url, ParseUrl(url_text));
    TRY(UniqueFd fd,
        options.unix_path.empty() ? Connect(url, end, options) : ConnectToUnix(options.unix_path));

    try {
        return ExchangeOn(std::move(fd), url, options, end);
    } catch (const boost::system::system_error& e) {
        // Asio has no other way to say that it got no descriptors of its own.
        return Error(ErrorKind::kUnavailable, e.what());
    }
}

}  // namespace coffer::http
