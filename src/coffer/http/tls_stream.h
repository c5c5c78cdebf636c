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

// Of the client's side.
struct ClientTls {
    bool verify = true;       // the server's certificate, against the system's authorities
    std::string certificate;  // PEM files of the client's own; both, or neither
    std::string key;
};

// The client's side: names `host` to the server, and checks that the certificate is of that name.
// Where files of `tls` can't be used the handshake fails.
std::unique_ptr<Connection> MakeTlsClientConnection(runtime::Executor executor, int fd,
                                                    const std::string& host, const ClientTls& tls);

// Whether the files can be read, and the key is the certificate's: kInvalid says what is wrong.
Result<> CheckCertificate(const ClientTls& tls);

}  // namespace coffer::http
