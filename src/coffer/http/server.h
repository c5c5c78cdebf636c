// An HTTP/1.1 server over TCP and TLS: accepts, reads requests, asks a Handler, sends responses.
//
// Connections are pinned to the executor that accepted them. Start and Stop are called by one
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coffer/http/message.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/runtime/executors.h"

namespace coffer::http {

struct ServerOptions {
    std::string host;       // numeric address; empty: all, IPv6 and IPv4
    uint16_t port = 0;      // 0: the system chooses; see Server::port
    std::string unix_path;  // a Unix socket, in place of an address; removed when the server stops
    std::string
        certs_dir;  // where public.crt and private.key are looked for; none there: plain HTTP

    size_t max_header_bytes = 64 * 1024;  // the request line and all headers; over it: 431
    size_t max_headers = 200;
    size_t max_target_bytes = 16 * 1024;  // path and query; over it: 414
    size_t max_connections = 20'000;      // further ones wait in the system's queue
    std::chrono::milliseconds header_timeout{
        30'000};  // from a request's first byte to its last header
    std::chrono::milliseconds idle_timeout{120'000};  // between requests
    std::chrono::milliseconds read_timeout{60'000};   // for the next bytes of a body
    std::chrono::milliseconds write_timeout{60'000};  // for the peer to take bytes of a response
    std::chrono::milliseconds tls_timeout{10'000};    // for the handshake

    // Asked before a connection is served; false closes it at once. Null: all are served.
    std::function<bool(const Peer&)> accept_peer;

    // Makes the body of what the server answers by itself (a request that is not HTTP, a failed
    // handler). Null: a line of text. Called on any executor.
    std::function<Response(int status, std::string_view message)> render_error;

    std::string server_name = "Coffer";  // the Server header; empty: none

    // Where responses that are longer streams are read to; outlives the server. Null: memory of 64
    // KiB each.
    runtime::BufferPool* buffers = nullptr;
};

// How many of what, for metrics. Read from any thread.
struct ServerCounters {
    uint64_t connections_open = 0;
    uint64_t connections_total = 0;
    uint64_t requests_in_flight = 0;
    uint64_t requests_total = 0;
    uint64_t bytes_received = 0;
    uint64_t bytes_sent = 0;
};

class Server {
  public:
    // `handler` and `executors` outlive the server.
    Server(runtime::Executors& executors, Handler& handler, ServerOptions options);
    ~Server();

    // Binds and listens. Errors name the address: kAlreadyExists (in use), kDenied (a low port),
    // kInvalid (certificate).
    Result<> Start();

    uint16_t port() const;
    bool tls() const;
    ServerCounters counters() const;

    // Stops accepting, ends idle connections, and waits for requests in flight, at most `grace`;
    // then closes what is left. Blocks; not to be called on an executor's thread.
    void Stop(std::chrono::milliseconds grace);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace coffer::http
