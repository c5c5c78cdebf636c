#include "coffer/http/server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "coffer/runtime/blocking_pool.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// A blocking client of one connection, IPv4 loopback.
class Client {
  public:
    explicit Client(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    Client(Client&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
    ~Client() {
        if (fd_ >= 0) ::close(fd_);
    }

    bool connected() const { return connected_; }

    void Send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n < 0) return;
            bytes.remove_prefix(static_cast<size_t>(n));
        }
    }

    // Until `text` has come, or the server ended the connection.
    std::string ReceiveUntil(std::string_view text) {
        while (received_.find(text) == std::string::npos && ReceiveSome()) {
        }
        return std::exchange(received_, "");
    }
    std::string ReceiveAll() {
        while (ReceiveSome()) {
        }
        return std::exchange(received_, "");
    }

    // errno of the last call that failed; 0 after an orderly end.
    int error() const { return error_; }

  private:
    bool ReceiveSome() {
        char buffer[65536];
        const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
        if (n > 0) received_.append(buffer, static_cast<size_t>(n));
        error_ = n < 0 ? errno : 0;
        return n > 0;
    }

    int fd_;
    bool connected_ = false;
    int error_ = 0;
    std::string received_;
};

// Answers with "hello"; for /slow only once it is let go; for /broken with a stream that fails.
class TestHandler final : public Handler {
  public:
    Task<Response> Handle(Request& request) override {
        Response response;
        if (request.target == "/slow") {
            (void)co_await pool_.Run([this]() -> Result<> {
                entered_.set_value();
                let_go_.get_future().wait();
                return Ok();
            });
        }
        if (request.target == "/broken") {
            response.body = std::make_unique<BrokenSource>();
            response.content_length = 1_MiB;
        } else if (request.method == "PUT") {
            response.body = std::to_string((co_await CountBytes(*request.body)));
        } else {
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
    Client Connect() { return Client(server_->port()); }

    ServerOptions options_;
    TestHandler handler_;
    runtime::Executors executors_{2};
    std::optional<Server> server_;
};

TEST_F(ServerTest, ServesSeveralRequestsOfOneConnection) {
    Start();
    Client client = Connect();
    for (int i = 0; i < 3; ++i) {
        client.Send(kGet);
        EXPECT_THAT(client.ReceiveUntil("127.0.0.1"), StartsWith("HTTP/1.1 200 OK\r\n"));
    }
    EXPECT_EQ(server_->counters().connections_open, 1u);
    EXPECT_EQ(server_->counters().requests_total, 3u);
    EXPECT_EQ(server_->counters().bytes_received, 3 * kGet.size());
}

TEST_F(ServerTest, ListensOnIpv6AndIpv4WhereNoHostIsGiven) {
    options_.host = "";
    Start();
    Client client = Connect();
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
    Client client = Connect();
    client.Send(
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\n");
    client.Send(std::string(50'000'000, 'x'));
    EXPECT_THAT(client.ReceiveAll(), EndsWith("\r\n\r\n50000000"));
}

TEST_F(ServerTest, ResetsTheConnectionWhereAResponseBreaksOff) {
    Start();
    Client client = Connect();
    client.Send("GET /broken HTTP/1.1\r\nHost: h\r\n\r\n");
    client.ReceiveAll();
    EXPECT_EQ(client.error(), ECONNRESET);
}

TEST_F(ServerTest, ClosesAPeerThatIsNotAccepted) {
    options_.accept_peer = [](const Peer& peer) { return peer.address != "127.0.0.1"; };
    Start();
    Client client = Connect();
    client.Send(kGet);
    EXPECT_EQ(client.ReceiveAll(), "");
    EXPECT_EQ(server_->counters().connections_total, 0u);
}

TEST_F(ServerTest, AcceptsNoMoreConnectionsThanTheLimit) {
    options_.max_connections = 2;
    Start();
    std::optional<Client> first(Connect());
    Client second = Connect();
    for (Client* const client : {&*first, &second}) {
        client->Send(kGet);
        client->ReceiveUntil("127.0.0.1");
    }
    Client third = Connect();  // in the system's queue
    third.Send(kGet);
    EXPECT_EQ(server_->counters().connections_total, 2u);
    first.reset();
    EXPECT_THAT(third.ReceiveUntil("127.0.0.1"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, StopEndsIdleConnectionsAtOnceAndRefusesNewOnes) {
    Start();
    Client client = Connect();
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
    Client client = Connect();
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
    Client client = Connect();
    client.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n0123");
    while (server_->counters().requests_in_flight == 0)
        std::this_thread::yield();
    server_->Stop(milliseconds(1));
    EXPECT_EQ(client.ReceiveAll(), "");
    EXPECT_EQ(client.error(), ECONNRESET);
}

}  // namespace
}  // namespace coffer::http
