// A session over a connection in memory, for tests: the test is client and handler.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "coffer/http/server_session.h"
#include "coffer/runtime/byte_stream.h"

#include "tests/support/memory_stream.h"

namespace coffer::http {

using Answer = std::function<Task<Response>(Request&)>;

class TestHandler final : public Handler {
  public:
    Task<Response> Handle(Request& request) override {
        ++requests;
        targets.push_back(request.method + " " + request.target);
        co_return co_await answer(request);
    }

    Answer answer;
    int requests = 0;
    std::vector<std::string> targets;
};

inline Task<Response> Hello(Request&) {
    Response response;
    response.body = "hello";
    co_return response;
}

// Answers with the body that came, or with what went wrong.
inline Task<Response> Echo(Request& request) {
    Response response;
    Result<std::string> body = co_await runtime::ReadAll(*request.body, 64_MiB);
    if (body) {
        response.body = std::move(body.value());
    } else {
        response.status = 400;
        response.body = body.error().ToString();
    }
    co_return response;
}

inline std::string Repeat(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

inline constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
inline constexpr std::string_view kPut = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";

class ServerSessionTest : public ::testing::Test {
  protected:
    ServerSessionTest() { handler_.answer = Hello; }

    // Runs the session until it ends. `client` runs beside it; without one, everything was sent
    // before.
    std::string Serve(Task<void> client) {
        SessionContext context(handler_, options_);
        auto session = std::make_unique<ServerSession>(
            context, std::make_unique<testing::MemoryConnection>(pipe_),
            Peer{.address = "192.0.2.1"}, io_.get_executor());
        context_ = &context;
        session_ = session.get();
        boost::asio::co_spawn(io_, RunSession(std::move(session)), boost::asio::detached);
        boost::asio::co_spawn(io_, std::move(client), boost::asio::detached);
        io_.run();
        EXPECT_TRUE(pipe_.closed());
        counters_requests_ = context.counters.requests_total;
        EXPECT_EQ(context.counters.requests_in_flight, 0u);
        return pipe_.received();
    }

    static Task<void> Nothing() { co_return; }
    static Task<void> RunSession(std::unique_ptr<ServerSession> session) {
        co_await session->Run();
    }

    std::string Serve(std::string_view sent) {
        pipe_.Send(sent);
        pipe_.EndSending();
        return Serve(Nothing());
    }

    boost::asio::io_context io_{1};
    ServerOptions options_;
    TestHandler handler_;
    testing::MemoryPipe pipe_{io_.get_executor()};
    SessionContext* context_ = nullptr;
    ServerSession* session_ = nullptr;
    uint64_t counters_requests_ = 0;
};

}  // namespace coffer::http
