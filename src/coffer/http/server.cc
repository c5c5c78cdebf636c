#include "coffer/http/server.h"

#include <unistd.h>

#include <exception>
#include <optional>
#include <unordered_set>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/base/mutex.h"
#include "coffer/http/listener.h"
#include "coffer/http/server_session.h"
#include "coffer/http/tcp_stream.h"
#include "coffer/http/tls_context.h"
#include "coffer/http/tls_stream.h"
#include "coffer/runtime/sleep.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;

// Between two attempts to accept while descriptors, or places under the limit, are short.
constexpr milliseconds kShortagePause{50};

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
    State(runtime::Executors& server_executors, Handler& handler, ServerOptions options)
        : executors(server_executors),
          context(handler, std::move(options)),
          sessions(server_executors.size()) {}

    class Listed;
    static Task<void> AcceptAll(std::shared_ptr<State> state);
    static Task<void> Serve(std::shared_ptr<State> state, size_t executor, Accepted accepted,
                            TlsContext::Handle tls_handle);

    bool AtLimit() const;
    void Dispatch(Accepted accepted);
    void OnSessionEnd();
    void OnEverySession(void (ServerSession::*action)());
    bool WaitForSessions(std::optional<SteadyTime> until);

    runtime::Executors& executors;
    SessionContext context;
    std::optional<Listener> listener;
    std::unique_ptr<TlsContext> tls;  // null: plain HTTP
    uint16_t port = 0;
    size_t next_executor = 0;                                  // of the accepting coroutine
    std::vector<std::unordered_set<ServerSession*>> sessions;  // [i] belongs to executor i

    Mutex mutex;
    CondVar changed;
    size_t open GUARDED_BY(mutex) = 0;  // connections
    bool accepting GUARDED_BY(mutex) = false;
};

// Among the sessions of an executor for as long as it lives.
class Server::State::Listed {
  public:
    Listed(std::unordered_set<ServerSession*>& sessions, ServerSession& session)
        : sessions_(sessions), session_(session) {
        sessions_.insert(&session_);
    }
    ~Listed() { sessions_.erase(&session_); }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;

  private:
    std::unordered_set<ServerSession*>& sessions_;
    ServerSession& session_;
};

bool Server::State::AtLimit() const {
    return context.counters.connections_open.load(std::memory_order_relaxed) >=
           context.options.max_connections;
}

// One coroutine accepts for all executors, and hands the connections to them in turn.
Task<void> Server::State::AcceptAll(std::shared_ptr<State> state) {
    bool warned = false;
    while (!state->context.draining) {
        if (state->AtLimit()) {
            co_await runtime::Sleep(kShortagePause);
            continue;
        }
        Result<Accepted> accepted = co_await state->listener->Accept();
        if (accepted) {
            warned = false;
            state->Dispatch(std::move(accepted.value()));
            continue;
        }
        if (accepted.error().kind() == ErrorKind::kClosed) break;
        if (!std::exchange(warned, true)) {
            Log(LogLevel::kWarning, "connections are turned away",
                {{"error", accepted.error().message()}});
        }
        co_await runtime::Sleep(kShortagePause);
    }
    state->listener->Close();
    MutexLock lock(state->mutex);
    state->accepting = false;
    state->changed.NotifyAll();
}

void Server::State::Dispatch(Accepted accepted) {
    accepted.peer.tls = tls != nullptr;
    if (context.options.accept_peer && !context.options.accept_peer(accepted.peer)) return;
    {
        MutexLock lock(mutex);
        ++open;
    }
    context.counters.connections_open.fetch_add(1, std::memory_order_relaxed);
    context.counters.connections_total.fetch_add(1, std::memory_order_relaxed);
    const size_t executor = next_executor++ % executors.size();
    try {
        boost::asio::co_spawn(executors.at(executor).get_executor(),
                              Serve(shared_from_this(), executor, std::move(accepted),
                                    tls ? tls->Current() : nullptr),
                              boost::asio::detached);
    } catch (const std::exception& e) {
        Log(LogLevel::kError, "a connection could not be served", {{"error", e.what()}});
        OnSessionEnd();
    }
}

Task<void> Server::State::Serve(std::shared_ptr<State> state, size_t executor, Accepted accepted,
                                TlsContext::Handle tls_handle) {
    try {
        const runtime::Executor here = state->executors.at(executor).get_executor();
        const int fd = accepted.fd.get();
        std::unique_ptr<Connection> connection = tls_handle
                                                     ? MakeTlsServerConnection(here, fd, tls_handle)
                                                     : MakeTcpConnection(here, fd);
        (void)accepted.fd.Release();  // it is the connection's
        tls_handle.reset();
        ServerSession session(state->context, std::move(connection), std::move(accepted.peer),
                              here);
        const Listed listed(state->sessions[executor], session);
        co_await session.Run();
    } catch (const std::exception& e) {
        Log(LogLevel::kError, "a connection failed with an exception", {{"error", e.what()}});
    }
    state->OnSessionEnd();  // Stop waits for it
}

void Server::State::OnSessionEnd() {
    context.counters.connections_open.fetch_sub(1, std::memory_order_relaxed);
    MutexLock lock(mutex);
    --open;
    changed.NotifyAll();
}

void Server::State::OnEverySession(void (ServerSession::*action)()) {
    for (size_t i = 0; i < sessions.size(); ++i) {
        boost::asio::post(executors.at(i), [self = shared_from_this(), i, action] {
            for (ServerSession* const session : self->sessions[i])
                (session->*action)();
        });
    }
}

// Whether all sessions have ended.
bool Server::State::WaitForSessions(std::optional<SteadyTime> until) {
    MutexLock lock(mutex);
    while (open > 0) {
        if (!until) {
            changed.Wait(mutex);
            continue;
        }
        const auto left = *until - std::chrono::steady_clock::now();
        if (left <= left.zero()) return false;
        changed.WaitFor(mutex, std::chrono::ceil<milliseconds>(left));
    }
    return true;
}

Server::Server(runtime::Executors& executors, Handler& handler, ServerOptions options)
    : state_(std::make_shared<State>(executors, handler, std::move(options))) {}

Server::~Server() {
    Stop(milliseconds(0));
}

Result<> Server::Start() {
    COFFER_CHECK(!state_->listener);
    const ServerOptions& options = state_->context.options;
    if (!options.certs_dir.empty()) {
        TRY(state_->tls, TlsContext::Load(options.certs_dir));
    }
    const runtime::Executor executor = state_->executors.at(0).get_executor();
    TRY(auto listener, options.unix_path.empty()
                           ? Listener::Open(executor, options.host, options.port)
                           : Listener::OpenUnix(executor, options.unix_path));
    state_->port = listener.port();
    state_->listener.emplace(std::move(listener));
    {
        MutexLock lock(state_->mutex);
        state_->accepting = true;
    }
    boost::asio::co_spawn(executor, State::AcceptAll(state_), boost::asio::detached);
    return Ok();
}

uint16_t Server::port() const {
    return state_->port;
}

bool Server::tls() const {
    return state_->tls != nullptr;
}

ServerCounters Server::counters() const {
    const AtomicCounters& now = state_->context.counters;
    return {.connections_open = now.connections_open,
            .connections_total = now.connections_total,
            .requests_in_flight = now.requests_in_flight,
            .requests_total = now.requests_total,
            .bytes_received = now.bytes_received,
            .bytes_sent = now.bytes_sent};
}

void Server::Stop(milliseconds grace) {
    if (!state_->listener) return;
    if (state_->context.draining.exchange(true)) return;
    const std::string& unix_path = state_->context.options.unix_path;
    if (!unix_path.empty()) ::unlink(unix_path.c_str());
    boost::asio::post(state_->executors.at(0), [state = state_] { state->listener->Close(); });
    {
        MutexLock lock(state_->mutex);
        while (state_->accepting)
            state_->changed.Wait(state_->mutex);
    }
    state_->OnEverySession(&ServerSession::Drain);
    if (state_->WaitForSessions(std::chrono::steady_clock::now() + grace)) return;
    Log(LogLevel::kWarning, "requests were cut off, since they took longer than the shutdown may",
        {{"grace_ms", grace.count()}});
    state_->OnEverySession(&ServerSession::Abort);
    state_->WaitForSessions(std::nullopt);
}

}  // namespace coffer::http
