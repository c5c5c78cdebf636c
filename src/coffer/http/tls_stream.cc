#include "coffer/http/tls_stream.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "coffer/http/socket.h"

namespace coffer::http {
namespace {

// One TLS record carries at most this; up to it, head and body are sent as one.
constexpr size_t kRecordBytes = 16_KiB;

struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;

// OpenSSL's own socket BIO raises SIGPIPE; this one does not, and never blocks.
Socket& SocketOf(BIO* bio) {
    return *static_cast<Socket*>(BIO_get_data(bio));
}

int SocketRead(BIO* bio, char* out, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t n = ::recv(SocketOf(bio).fd(), out, static_cast<size_t>(size), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
    return static_cast<int>(n);
}

int SocketWrite(BIO* bio, const char* in, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t n =
        ::send(SocketOf(bio).fd(), in, static_cast<size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0) SocketOf(bio).CountSent(static_cast<size_t>(n));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(n);
}

long SocketControl(BIO*, int command, long, void*) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO* NewSocketBio(Socket* socket) {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "coffer socket");
        BIO_meth_set_read(m, SocketRead);
        BIO_meth_set_write(m, SocketWrite);
        BIO_meth_set_ctrl(m, SocketControl);
        return m;
    }();
    BIO* const bio = BIO_new(method);
    BIO_set_data(bio, socket);
    BIO_set_init(bio, 1);
    return bio;
}

class TlsStream final : public Connection {
  public:
    TlsStream(runtime::Executor executor, int fd, SslPtr ssl)
        : socket_(executor, fd), ssl_(std::move(ssl)) {
        if (!ssl_) return;
        BIO* const bio = NewSocketBio(&socket_);
        SSL_set_bio(ssl_.get(), bio, bio);
    }

    Task<Result<>> Handshake() override {
        if (!ssl_) co_return Error(ErrorKind::kClosed, "no memory for TLS");
        while (true) {
            ERR_clear_error();
            const int result = SSL_do_handshake(ssl_.get());
            if (result == 1) co_return Ok();
            CO_TRY(co_await WaitAfter(result, "handshake"));
        }
    }

    Task<Result<size_t>> Read(ByteSpan out) override {
        while (true) {
            if (socket_.fd() < 0) co_return Error(ErrorKind::kClosed, "closed");
            ERR_clear_error();
            size_t n = 0;
            const int result = SSL_read_ex(ssl_.get(), out.data(), out.size(), &n);
            if (result == 1) co_return n;
            if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN) co_return 0;
            CO_TRY(co_await WaitAfter(result, "receive"));
        }
    }

    Task<Result<>> Write(ByteView data) override {
        while (!data.empty()) {
            if (socket_.fd() < 0) co_return Error(ErrorKind::kClosed, "closed");
            ERR_clear_error();
            size_t n = 0;
            const int result = SSL_write_ex(ssl_.get(), data.data(), data.size(), &n);
            if (result == 1) {
                data = data.subspan(n);
            } else {
                CO_TRY(co_await WaitAfter(result, "send"));
            }
        }
        co_return Ok();
    }

    Task<Result<>> WriteBoth(ByteView head, ByteView body) override {
        if (!head.empty() && !body.empty() && head.size() + body.size() <= kRecordBytes) {
            Bytes both(head.begin(), head.end());
            both.insert(both.end(), body.begin(), body.end());
            co_return co_await Write(both);
        }
        CO_TRY(co_await Write(head));
        co_return co_await Write(body);
    }

    Task<Result<>> ShutdownWrite() override {
        if (socket_.fd() < 0) co_return Error(ErrorKind::kClosed, "closed");
        ERR_clear_error();
        SSL_shutdown(ssl_.get());  // a close_notify that does not fit now is not worth waiting for
        ::shutdown(socket_.fd(), SHUT_WR);
        co_return Ok();
    }

    void Close(bool abortive) override { socket_.Close(abortive); }

    Task<Result<>> WaitReadable() override {
        if (SSL_has_pending(ssl_.get()) == 1) co_return Ok();
        co_return co_await socket_.WaitReadable();
    }

    void CancelRead() override { socket_.CancelWaits(); }
    uint64_t acknowledged_bytes() const override { return socket_.acknowledged_bytes(); }

  private:
    // After a call that did not succeed: waits for what it needs, or says why it never will.
    Task<Result<>> WaitAfter(int result, const char* what) {
        switch (SSL_get_error(ssl_.get(), result)) {
            case SSL_ERROR_WANT_READ:
                co_return co_await socket_.WaitReadable();
            case SSL_ERROR_WANT_WRITE:
                co_return co_await socket_.WaitWritable();
            default:
                break;
        }
        char reason[256] = "the peer went away";
        if (const unsigned long code = ERR_get_error(); code != 0) {
            ERR_error_string_n(code, reason, sizeof reason);
        }
        ERR_clear_error();
        co_return Error(ErrorKind::kClosed, std::string("TLS ") + what + ": " + reason);
    }

    Socket socket_;
    const SslPtr ssl_;
};

Result<TlsContext::Handle> MakeClientContext(const ClientTls& tls) {
    const TlsContext::Handle context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    if (!context) return Error(ErrorKind::kUnavailable, "no memory for TLS");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (tls.verify) {
        SSL_CTX_set_default_verify_paths(context.get());
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    }
    if (!tls.certificate.empty()) {
        TRY(UseCertificate(context.get(), tls.certificate, tls.key));
    }
    return context;
}

bool IsNumericAddress(const std::string& host) {
    in6_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

std::unique_ptr<Connection> MakeTlsServerConnection(runtime::Executor executor, int fd,
                                                    const TlsContext::Handle& context) {
    SslPtr ssl(SSL_new(context.get()));
    if (ssl) SSL_set_accept_state(ssl.get());
    return std::make_unique<TlsStream>(executor, fd, std::move(ssl));
}

std::unique_ptr<Connection> MakeTlsClientConnection(runtime::Executor executor, int fd,
                                                    const std::string& host, const ClientTls& tls) {
    const Result<TlsContext::Handle> context = MakeClientContext(tls);
    SslPtr ssl(context ? SSL_new(context.value().get()) : nullptr);
    if (ssl) {
        SSL_set_connect_state(ssl.get());
        if (IsNumericAddress(host)) {
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str());
        } else {
            SSL_set_tlsext_host_name(ssl.get(), host.c_str());
            SSL_set1_host(ssl.get(), host.c_str());
        }
    }
    return std::make_unique<TlsStream>(executor, fd, std::move(ssl));
}

Result<> CheckCertificate(const ClientTls& tls) {
    TRY(MakeClientContext(tls));
    return Ok();
}

}  // namespace coffer::http
