#include "coffer/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <set>
#include <thread>
#include <vector>

#include "coffer/base/log.h"
#include "coffer/runtime/blocking_pool.h"

#include "tests/support/socket_client.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::SocketClient;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// Answers with "hello"; for /slow only once it is let go; for /large with much; for /broken with a
// stream that fails.
class TestHandler final : public Handler {
  public:
    static constexpr size_t kLargeBytes = 8_MiB;

    Task<Response> Handle(Request& request) override {
        Response response;
        if (request.target == "/slow") {
            (void)co_await pool_.Run([this]() -> Result<> {
                entered_.set_value();
                let_go_.get_future().wait();
                return Ok();
            });
        }
        if (request.target == "/large") {
            response.body = std::string(kLargeBytes, 'x');
        } else if (request.target == "/broken") {
            response.body = std::make_unique<BrokenSource>();
            response.content_length = 1_MiB;
        } else if (request.method == "PUT") {
            response.body = std::to_string((co_await CountBytes(*request.body)));
        } else {
            response.headers.Add("X-Thread", std::to_string(::gettid()));
            response.body = "hello " + request.peer.address;
        }
        co_return response;
    }

    void WaitUntilEntered() { entered_.get_future().wait(); }
    void LetGo() { let_go_.set_value(); }

  private:
    class BrokenSource final : public ByteSource {
      public:
        Task<Result<size_t>> Read(ByteSpan out) override {
            if (read_++ > 0) co_return Error(ErrorKind::kCorrupt, "damaged");
            std::fill(out.begin(), out.end(), std::byte{'x'});
            co_return out.size();
        }

      private:
        int read_ = 0;
    };

    static Task<uint64_t> CountBytes(ByteSource& source) {
        std::vector<std::byte> buffer(256_KiB);
        uint64_t total = 0;
        while (true) {
            const Result<size_t> n = co_await source.Read(buffer);
            if (!n || n.value() == 0) co_return total;
            total += n.value();
        }
    }

    std::promise<void> entered_, let_go_;
    runtime::BlockingPool pool_{"slow", 1, 10};
};

class ServerTest : public ::testing::Test {
  protected:
    ServerTest() { options_.host = "127.0.0.1"; }

    void Start() {
        server_.emplace(executors_, handler_, options_);
        const Result<> started = server_->Start();
        ASSERT_TRUE(started) << started.error().ToString();
    }
    SocketClient Connect() { return SocketClient(server_->port()); }

    ServerOptions options_;
    TestHandler handler_;
    runtime::Executors executors_{2};
    std::optional<Server> server_;
};

TEST_F(ServerTest, ServesSeveralRequestsOfOneConnection) {
    Start();
    SocketClient client = Connect();
    for (int i = 0; i < 3; ++i) {
        client.Send(kGet);
        EXPECT_THAT(client.ReceiveUntil("127.0.0.1"), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
    EXPECT_EQ(server_->counters().connections_open, 1u);
    EXPECT_EQ(server_->counters().requests_total, 3u);
    EXPECT_EQ(server_->counters().bytes_received, 3 * kGet.size());
}

// The system takes megabytes at once, and then nothing until a good part of them is gone.
TEST_F(ServerTest, LetsASlowClientTakeALargeAnswer) {
    options_.write_timeout = milliseconds(400);
    Start();
    SocketClient client;
    const int buffer_bytes = 64_KiB;
    ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    client.Connect(server_->port());
    client.Send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    std::vector<char> piece(16_KiB);
    size_t received = 0;
    for (ssize_t n = 1; n > 0 && received < TestHandler::kLargeBytes; received += n) {
        std::this_thread::sleep_for(milliseconds(5));
        n = ::recv(client.fd(), piece.data(), piece.size(), 0);
        if (n < 0) break;
    }
    EXPECT_GE(received, TestHandler::kLargeBytes);
}

TEST_F(ServerTest, SpreadsConnectionsOverTheExecutors) {
    Start();
    std::set<std::string> threads;
    for (int i = 0; i < 4; ++i) {
        SocketClient client = Connect();
        client.Send(kGet);
        const std::string received = client.ReceiveUntil("127.0.0.1");
        const size_t at = received.find("X-Thread: ");
        ASSERT_NE(at, std::string::npos);
        threads.insert(received.substr(at, received.find('\r', at) - at));
    }
    EXPECT_EQ(threads.size(), executors_.size());
}

TEST_F(ServerTest, ListensOnIpv6AndIpv4WhereNoHostIsGiven) {
    options_.host = "";
    Start();
    SocketClient client = Connect();
    client.Send(kGet);
    EXPECT_THAT(client.ReceiveUntil("hello 127.0.0.1"), HasSubstr("hello 127.0.0.1"));
}

TEST_F(ServerTest, NamesTheAddressThatIsInUse) {
    Start();
    options_.port = server_->port();
    Server second(executors_, handler_, options_);
    const Result<> started = second.Start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind(), ErrorKind::kAlreadyExists);
    EXPECT_THAT(started.error().message(), HasSubstr("127.0.0.1:" + std::to_string(options_.port)));
}

TEST_F(ServerTest, RefusesAHostThatIsNoAddress) {
    options_.host = "no-address";
    Server server(executors_, handler_, options_);
    EXPECT_EQ(server.Start().error().kind(), ErrorKind::kInvalid);
}

TEST_F(ServerTest, TakesALargeBody) {
    Start();
    SocketClient client = Connect();
    client.Send(
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\n");
    client.Send(std::string(50'000'000, 'x'));
    EXPECT_THAT(client.ReceiveAll(), EndsWith("\r\n\r\n50000000"));
}

TEST_F(ServerTest, ResetsTheConnectionWhereAResponseBreaksOff) {
    Start();
    SocketClient client = Connect();
    client.Send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    client.ReceiveAll();
    EXPECT_EQ(client.error(), ECONNRESET);
}

TEST_F(ServerTest, ClosesAPeerThatIsNotAccepted) {
    options_.accept_peer = [](const Peer& peer) { return peer.address != "127.0.0.1"; };
    Start();
    SocketClient client = Connect();
    client.Send(kGet);
    EXPECT_EQ(client.ReceiveAll(), "");
    EXPECT_EQ(server_->counters().connections_total, 0u);
}

TEST_F(ServerTest, AcceptsNoMoreConnectionsThanTheLimit) {
    options_.max_connections = 2;
    Start();
    std::optional<SocketClient> first(Connect());
    SocketClient second = Connect();
    for (SocketClient* const client : {&*first, &second}) {
        client->Send(kGet);
        client->ReceiveUntil("127.0.0.1");
    }
    SocketClient third = Connect();  // in the system's queue
    third.Send(kGet);
    EXPECT_EQ(server_->counters().connections_total, 2u);
    first.reset();
    EXPECT_THAT(third.ReceiveUntil("127.0.0.1"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, StopEndsIdleConnectionsAtOnceAndRefusesNewOnes) {
    Start();
    SocketClient client = Connect();
    client.Send(kGet);
    client.ReceiveUntil("127.0.0.1");
    server_->Stop(std::chrono::hours(1));
    EXPECT_EQ(client.ReceiveAll(), "");
    EXPECT_EQ(client.error(), 0);
    EXPECT_FALSE(Connect().connected());
    EXPECT_EQ(server_->counters().connections_open, 0u);
}

TEST_F(ServerTest, StopWaitsForWhatIsInFlight) {
    Start();
    SocketClient client = Connect();
    client.Send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
    handler_.WaitUntilEntered();
    std::thread stopping([&] { server_->Stop(std::chrono::hours(1)); });
    while (Connect().connected())
        std::this_thread::yield();
    handler_.LetGo();
    EXPECT_THAT(client.ReceiveAll(), EndsWith("hello 127.0.0.1"));
    stopping.join();
}

TEST_F(ServerTest, StopCutsOffWhatTakesLongerThanTheGrace) {
    Start();
    SocketClient client = Connect();
    client.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n0123");
    while (server_->counters().requests_in_flight == 0)
        std::this_thread::yield();
    server_->Stop(milliseconds(1));
    EXPECT_EQ(client.ReceiveAll(), "");
    EXPECT_EQ(client.error(), ECONNRESET);
}

// --- out of file descriptors
// -----------------------------------------------------------------------------------------

milliseconds CpuTime() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto both = [](timeval a, timeval b) {
        return seconds(a.tv_sec + b.tv_sec) + std::chrono::microseconds(a.tv_usec + b.tv_usec);
    };
    return std::chrono::duration_cast<milliseconds>(both(usage.ru_utime, usage.ru_stime));
}

// Run in a process of its own: it lowers the limit on descriptors. Ends it with 0 if all is well.
[[noreturn]] void RunOutOfDescriptors() {
    TestHandler handler;
    runtime::Executors executors(1);
    ServerOptions options;
    options.host = "127.0.0.1";
    Server server(executors, handler, options);
    if (!server.Start()) std::_Exit(2);

    // Everything once while there are descriptors: UBSan needs one where it first sees a type.
    Log(LogLevel::kInfo, "start", {{"error", ErrnoError(EMFILE, "none yet").message()}});
    SocketClient first(server.port());
    first.Send(kGet);
    first.ReceiveUntil("127.0.0.1");
    std::vector<SocketClient> clients(100);  // have their descriptors, but are not connected
    const rlimit few{.rlim_cur = clients.back().fd() + 11u, .rlim_max = clients.back().fd() + 11u};
    if (::setrlimit(RLIMIT_NOFILE, &few) != 0) std::_Exit(3);
    size_t served = 0;
    for (SocketClient& client : clients)
        client.Connect(server.port());
    const milliseconds before = CpuTime();
    std::this_thread::sleep_for(milliseconds(500));  // what a server that spins would spend
    if (CpuTime() - before > milliseconds(250)) std::_Exit(4);
    for (SocketClient& client : clients) {
        client.Send(kGet);
        if (served == 10) break;
        if (client.ReceiveUntil("127.0.0.1").starts_with("HTTP/1.1 200")) ++served;
    }
    if (served != 10) std::_Exit(5);

    clients.clear();
    SocketClient late;
    late.Connect(server.port());
    late.Send(kGet);
    if (!late.ReceiveUntil("127.0.0.1").starts_with("HTTP/1.1 200")) std::_Exit(6);
    std::_Exit(0);
}

TEST(ServerDeathTest, LivesThroughALackOfDescriptorsWithoutSpinning) {
    EXPECT_EXIT(RunOutOfDescriptors(), ::testing::ExitedWithCode(0), "connections are turned away");
}

}  // namespace
}  // namespace coffer::http
