#include "bench/loader/driver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

namespace coffer::bench {
namespace {

// A server of one connection at a time, which answers each request with what it is given. It ends
// when the loader does.
class OneByOneServer {
  public:
    explicit OneByOneServer(std::string answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { Serve(); });
    }
    ~OneByOneServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    uint16_t port() const { return port_; }

  private:
    void Serve() {
        while (true) {
            const int connection = ::accept(listener_, nullptr, nullptr);
            if (connection < 0) return;
            std::string got;
            char piece[4096];
            while (true) {
                const ssize_t size = ::recv(connection, piece, sizeof(piece), 0);
                if (size <= 0) break;
                got.append(piece, static_cast<size_t>(size));
                if (!got.ends_with("\r\n\r\n")) continue;
                got.clear();
                if (::send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL) < 0) break;
            }
            ::close(connection);
        }
    }

    const std::string answer_;
    int listener_ = -1;
    uint16_t port_ = 0;
    std::thread thread_;
};

// `count` requests without a body; an answer is right when it is 200.
class Asking final : public Workload {
  public:
    explicit Asking(uint64_t count) : left_(count) {}
    std::vector<std::string_view> kinds() const override { return {"ask"}; }
    Turn Next(size_t /*connection*/, Request* request) override {
        if (left_ == 0) return Turn::kEnd;
        --left_;
        request->head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        return Turn::kSend;
    }
    bool Done(size_t /*connection*/, const Request& /*request*/,
              const ResponseReader& answer) override {
        return answer.status() == 200;
    }

  private:
    uint64_t left_;
};

std::string Answer(int status, size_t body_bytes) {
    return "HTTP/1.1 " + std::to_string(status) +
           " x\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n" +
           std::string(body_bytes, 'x');
}

DriveReport DriveAgainst(std::string answer, uint64_t count, double rate_per_s = 0) {
    const OneByOneServer server(std::move(answer));
    Asking asking(count);
    DriveOptions options;
    options.port = server.port();
    options.rate_per_s = rate_per_s;
    auto report = Drive(asking, options);
    EXPECT_TRUE(report);
    return std::move(report.value());
}

TEST(Driver, CountsEachAnswerOnce) {
    const DriveReport report = DriveAgainst(Answer(200, 10), 50);
    EXPECT_EQ(report.kinds[0].latency_ns.count(), 50u);
    EXPECT_EQ(report.kinds[0].received_bytes, 500u);
    EXPECT_EQ(report.errors, 0u);
    EXPECT_EQ(report.reconnects, 0u);
    EXPECT_GT(report.seconds, 0);
}

TEST(Driver, DropsLargeBodiesButCountsThem) {
    const DriveReport report = DriveAgainst(Answer(200, 5'000'000), 3);
    EXPECT_EQ(report.kinds[0].received_bytes, 15'000'000u);
}

TEST(Driver, CountsWrongAnswersApartAndKeepsTheFirst) {
    const DriveReport report = DriveAgainst(Answer(503, 4), 5);
    EXPECT_EQ(report.kinds[0].latency_ns.count(), 0u);
    EXPECT_EQ(report.errors, 5u);
    EXPECT_EQ(report.first_error, "503: xxxx");
}

TEST(Driver, GoesOnWhereTheServerEndsConnections) {
    const DriveReport report =
        DriveAgainst("HTTP/1.1 200 x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 5);
    EXPECT_EQ(report.kinds[0].latency_ns.count(), 5u);
}

TEST(Driver, SendsAllOfAnOpenLoopToo) {
    const DriveReport report = DriveAgainst(Answer(200, 1), 50, 10'000);
    EXPECT_EQ(report.kinds[0].latency_ns.count(), 50u);
    // The last one fell due 4.9 ms after the first.
    EXPECT_GE(report.seconds, 0.0049);
}

TEST(Driver, SaysThatAServerIsNotThere) {
    Asking asking(1);
    DriveOptions options;
    options.port = 1;
    EXPECT_FALSE(Drive(asking, options));
}

}  // namespace
}  // namespace coffer::bench
