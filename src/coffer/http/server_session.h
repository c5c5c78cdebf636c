// One connection from its first byte to its last: reads requests, asks the handler, sends
// responses, in turn.
//
// Owned by the coroutine that runs it; every call comes from that coroutine's executor.
#pragma once

#include <atomic>
#include <memory>

#include "coffer/http/body.h"
#include "coffer/http/request_parser.h"
#include "coffer/http/response_writer.h"
#include "coffer/http/server.h"
#include "coffer/http/wire.h"

namespace coffer::http {

// What the sessions of one server share.
struct SessionContext {
    SessionContext(Handler& request_handler, ServerOptions server_options)
        : handler(request_handler), options(std::move(server_options)) {}

    Handler& handler;
    const ServerOptions options;
    AtomicCounters counters;
    std::atomic<bool> draining = false;  // responses end their connections
};

class ServerSession {
  public:
    // `context` outlives it.
    ServerSession(SessionContext& context, std::unique_ptr<Connection> connection, Peer peer,
                  runtime::Executor executor);

    // Serves the connection until it ends, and closes it.
    Task<void> Run();

    // Once context.draining is set: ends the connection now if no request is in flight.
    void Drain();

    // Ends the connection now. Run still waits for the handler.
    void Abort() { connection_->Close(true); }

  private:
    enum class Ending { kKeepAlive, kClose, kLinger, kReset };

    Task<bool> Handshake();
    Task<bool> WaitForRequest();
    Task<Parsed<RequestHead>> ReadHead();
    Task<Ending> ServeRequest();
    Task<Ending> Answer(RequestHead head);
    Task<Ending> Refuse(ProtocolError error);
    Task<Response> AskHandler(Request& request);
    Task<void> Linger();

    SessionContext& context_;
    const std::unique_ptr<Connection> connection_;
    const Peer peer_;
    Wire wire_;
    bool idle_ = false;  // no request is in flight: the connection can be ended
};

}  // namespace coffer::http
