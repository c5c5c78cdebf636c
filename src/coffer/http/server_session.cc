#include "coffer/http/server_session.h"

#include <array>
#include <exception>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/runtime/sleep.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;

// What of a body nobody read is read and dropped to keep the connection.
constexpr uint64_t kDrainBytes = 64_KiB;

// How long, and for how many bytes, a connection is kept after its last response so that the client
// sees it: closing while the client still sends would reset the connection, and with it what the
// client has not read yet.
constexpr milliseconds kLingerTime{5'000};
constexpr uint64_t kLingerBytes = 64_MiB;

// Not answered: there is nobody to read it.
constexpr ProtocolError kGone{0, ""};

// Counts a request while it is in flight, however it ends.
class InFlight {
  public:
    explicit InFlight(AtomicCounters& counters) : counters_(counters) {
        counters_.requests_total.fetch_add(1, std::memory_order_relaxed);
        counters_.requests_in_flight.fetch_add(1, std::memory_order_relaxed);
    }
    ~InFlight() { counters_.requests_in_flight.fetch_sub(1, std::memory_order_relaxed); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

  private:
    AtomicCounters& counters_;
};

}  // namespace

ServerSession::ServerSession(SessionContext& context, std::unique_ptr<Connection> connection,
                             Peer peer, runtime::Executor executor)
    : context_(context),
      connection_(std::move(connection)),
      peer_(std::move(peer)),
      wire_(*connection_, context.counters, executor, context.options.read_timeout,
            context.options.write_timeout) {}

Task<void> ServerSession::Run() {
    Ending ending = Ending::kClose;
    if (co_await Handshake()) {
        while (co_await WaitForRequest()) {
            ending = co_await ServeRequest();
            if (ending != Ending::kKeepAlive) break;
        }
        // Tells a TLS client that nothing was cut off.
        if (ending != Ending::kReset) (void)co_await connection_->ShutdownWrite();
    }
    if (ending == Ending::kLinger) co_await Linger();
    connection_->Close(ending == Ending::kReset);
}

Task<bool> ServerSession::Handshake() {
    idle_ = true;
    wire_.SetReadDeadline(context_.options.tls_timeout);
    const Result<> shaken = co_await connection_->Handshake();
    wire_.EndReadDeadline();
    idle_ = false;
    co_return shaken.has_value();
}

Task<bool> ServerSession::WaitForRequest() {
    if (!wire_.input().data().empty()) {
        co_await runtime::Yield();  // a client that sends one request behind the other is not alone
                                    // here
        co_return true;
    }
    if (context_.draining) co_return false;
    wire_.input().Release();
    idle_ = true;
    wire_.SetReadDeadline(context_.options.idle_timeout);
    const Result<> readable = co_await connection_->WaitReadable();
    idle_ = false;
    co_return readable && !context_.draining;
}

void ServerSession::Drain() {
    if (idle_) connection_->CancelRead();
}

Task<Parsed<RequestHead>> ServerSession::ReadHead() {
    const ServerOptions& options = context_.options;
    const HeadLimits limits{options.max_header_bytes, options.max_headers,
                            options.max_target_bytes};
    HeadScanner scanner(limits);
    InputBuffer& input = wire_.input();
    wire_.SetReadDeadline(options.header_timeout);
    while (true) {
        BOOST_OUTCOME_CO_TRY(const std::optional<size_t> length, scanner.Scan(input.data()));
        if (length) {
            wire_.EndReadDeadline();
            Parsed<RequestHead> head = ParseHead(input.data().substr(0, *length), limits);
            input.Consume(*length);
            co_return head;
        }
        // One more than the limit: the scanner is the one who says that it is exceeded.
        const Result<size_t> n = co_await input.Fill(wire_, limits.bytes + 1);
        if (!n && n.error().kind() == ErrorKind::kTimeout && !input.data().empty()) {
            co_return ProtocolError{408, "the request did not come in time"};
        }
        if (!n || n.value() == 0) co_return kGone;
    }
}

Task<ServerSession::Ending> ServerSession::ServeRequest() {
    Parsed<RequestHead> head = co_await ReadHead();
    if (!head) co_return co_await Refuse(head.error());
    co_return co_await Answer(std::move(head.value()));
}

Task<ServerSession::Ending> ServerSession::Refuse(ProtocolError error) {
    if (error.status == kGone.status) co_return Ending::kClose;
    const ResponseFraming framing{.keep_alive = false};
    const Result<> sent =
        co_await SendResponse(wire_, RenderError(context_.options, error.status, error.message),
                              framing, context_.options);
    co_return sent ? Ending::kLinger : Ending::kReset;
}

Task<ServerSession::Ending> ServerSession::Answer(RequestHead head) {
    const InFlight in_flight(context_.counters);
    wire_.BeginRequest();
    RequestBody body(wire_, head);
    Request request{.method = std::move(head.method),
                    .target = std::move(head.target),
                    .headers = std::move(head.headers),
                    .peer = peer_,
                    .body = &body};
    Response response = co_await AskHandler(request);

    ResponseFraming framing{.to_head = request.method == "HEAD", .to_http_1_0 = head.http_1_0};
    framing.keep_alive = head.keep_alive && !response.close && !context_.draining &&
                         body.CanDrain(kDrainBytes) && !EndsWithConnection(response, framing);
    const Result<> sent =
        co_await SendResponse(wire_, std::move(response), framing, context_.options);
    if (!sent) co_return Ending::kReset;
    if (framing.keep_alive && (body.at_end() || co_await body.Drain(kDrainBytes)))
        co_return Ending::kKeepAlive;
    co_return body.at_end() ? Ending::kClose : Ending::kLinger;
}

Task<Response> ServerSession::AskHandler(Request& request) {
    std::string what;
    try {
        co_return co_await context_.handler.Handle(request);
    } catch (const std::exception& e) {
        what = e.what();
    }
    Log(LogLevel::kError, "a request failed with an exception",
        {{"method", request.method}, {"error", what}});
    co_return RenderError(context_.options, 500, "an internal error occurred");
}

Task<void> ServerSession::Linger() {
    wire_.SetReadDeadline(kLingerTime);
    std::array<std::byte, 4096> dropped;
    uint64_t total = 0;
    while (total < kLingerBytes) {
        const Result<size_t> n = co_await wire_.Read(dropped);
        if (!n || n.value() == 0) break;
        total += n.value();
    }
    wire_.EndReadDeadline();
}

}  // namespace coffer::http
