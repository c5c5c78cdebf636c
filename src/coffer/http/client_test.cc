#include "coffer/http/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "coffer/http/listener.h"
#include "coffer/http/response_parser.h"
#include "coffer/http/server.h"
#include "coffer/http/unique_fd.h"
#include "coffer/http/unix_address.h"
#include "coffer/runtime/executors.h"

#include "tests/support/socket_client.h"
#include "tests/support/temporary_directory.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

class TestHandler final : public Handler {
  public:
    Task<Response> Handle(Request& request) override {
        Response response;
        response.status = 207;
        response.headers.Add("X-Target", request.target);
        if (request.target == "/chunked") {
            response.body = std::make_unique<runtime::StringSource>(std::string(100'000, 'x'));
        } else {
            response.body = request.method + " body";
        }
        if (request.method == "POST") {
            const auto sent = co_await runtime::ReadAll(*request.body, 1_MiB);
            if (sent && !sent.value().empty())
                response.body =
                    std::string(request.headers.GetOr("Authorization", "")) + ": " + sent.value();
        }
        co_return response;
    }
};

// Takes connections, and answers nobody by itself.
class ListeningSocket {
  public:
    ListeningSocket() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(fd_.get(), 4), 0);
        EXPECT_EQ(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
    }
    int fd() const { return fd_.get(); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

  private:
    const UniqueFd fd_;
    int port_ = 0;
};

class FetchTest : public ::testing::Test {
  protected:
    FetchTest() {
        ServerOptions options;
        options.host = "127.0.0.1";
        server_.emplace(executors_, handler_, options);
        EXPECT_TRUE(server_->Start());
    }
    Result<FetchResult> Get(const std::string& target, FetchOptions options = {}) {
        return Fetch("http://127.0.0.1:" + std::to_string(server_->port()) + target, options);
    }

    TestHandler handler_;
    runtime::Executors executors_{1};
    std::optional<Server> server_;
};

TEST_F(FetchTest, GivesStatusHeadersAndBody) {
    const Result<FetchResult> result = Get("/a?b#c");
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().status, 207);
    EXPECT_EQ(result.value().headers.Get("x-target"), "/a?b");
    EXPECT_EQ(result.value().body, "GET body");
}

TEST_F(FetchTest, WithoutDescriptorsItFailsAndNothingElseDoes) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const int next = ::fcntl(0, F_DUPFD, 0);  // the lowest that is free
    ::close(next);
    // From none that is left to all that it takes: whichever it is that can't be made.
    for (rlim_t left = 0; left < 6; ++left) {
        const rlimit few{static_cast<rlim_t>(next) + left, before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
        const Result<FetchResult> result = Get("/", {.timeout = milliseconds(200)});
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
        if (left == 0) EXPECT_FALSE(result);
    }
    EXPECT_TRUE(Get("/"));
}

TEST_F(FetchTest, SendsHeadersAndABody) {
    FetchOptions options{.method = "POST"};
    options.headers.Add("Authorization", "Bearer token");
    options.body = std::string(300'000, 'x');
    const Result<FetchResult> result = Get("/", options);
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().body, "Bearer token: " + options.body);
}

TEST_F(FetchTest, EndsSoonOnceItIsCancelled) {
    const ListeningSocket silent;
    std::atomic<bool> cancelled = false;
    FetchOptions options{.timeout = std::chrono::hours(1)};
    options.cancelled = &cancelled;
    std::thread canceller([&] { cancelled = true; });
    const Result<FetchResult> result = Fetch(silent.url(), options);
    canceller.join();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::kTimeout);
}

TEST_F(FetchTest, ReachesAUnixSocketHoweverLongItsPath) {
    const testing::TemporaryDirectory directory;
    for (const size_t length : {5, 200}) {
        const std::string parent = directory.path() + "/" + std::string(length, 'd');
        ASSERT_TRUE(std::filesystem::create_directory(parent));
        const std::string path = parent + "/control";
        FetchOptions options{.method = "POST", .unix_path = path};
        EXPECT_EQ(Fetch("http://localhost/", options).error().kind(), ErrorKind::kUnavailable);

        // What a process left that was killed.
        const int stale = ::socket(AF_UNIX, SOCK_STREAM, 0);
        const UnixAddress address = UnixAddress::Of(path).value();
        ASSERT_EQ(::bind(stale, address.get(), address.size()), 0);
        ::close(stale);
        EXPECT_EQ(Fetch("http://localhost/", options).error().kind(), ErrorKind::kUnavailable);

        ServerOptions server_options;
        server_options.unix_path = path;
        Server server(executors_, handler_, server_options);
        ASSERT_TRUE(server.Start());
        EXPECT_EQ(std::filesystem::status(path).permissions(),
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        const Result<FetchResult> result = Fetch("http://localhost/a", options);
        ASSERT_TRUE(result) << result.error().ToString();
        EXPECT_EQ(result.value().body, "POST body");
        server.Stop(milliseconds(0));
        EXPECT_FALSE(std::filesystem::exists(path));
    }
}

TEST_F(FetchTest, ExpectsNoBodyOfHead) {
    FetchOptions options;
    options.method = "HEAD";
    const Result<FetchResult> result = Get("", options);
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().headers.Get("Content-Length"), "9");
    EXPECT_EQ(result.value().headers.Get("X-Target"), "/");
    EXPECT_EQ(result.value().body, "");
}

TEST_F(FetchTest, LeavesABodyThatNobodyWants) {
    FetchOptions options;
    options.with_body = false;
    options.body_limit_bytes = 0;
    const Result<FetchResult> result = Get("/chunked", options);
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().status, 207);
    EXPECT_EQ(result.value().body, "");
}

TEST_F(FetchTest, WaitsForWhatFollowsAnInterimResponse) {
    const ListeningSocket listening;
    std::thread answering([&] {
        const UniqueFd client(::accept(listening.fd(), nullptr, nullptr));
        std::string request(1000, 0);
        EXPECT_GT(::read(client.get(), request.data(), request.size()), 0);
        const std::string_view answer =
            "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"
            "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
        EXPECT_EQ(::write(client.get(), answer.data(), answer.size()), std::ssize(answer));
    });
    const auto result = Fetch(listening.url(), FetchOptions());
    answering.join();
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().status, 404);
    EXPECT_EQ(result.value().body, "no");
}

TEST_F(FetchTest, ReadsAChunkedBody) {
    const Result<FetchResult> result = Get("/chunked");
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().body, std::string(100'000, 'x'));
}

TEST_F(FetchTest, TakesNoMoreThanTheLimit) {
    FetchOptions options;
    options.body_limit_bytes = 99'999;
    EXPECT_EQ(Get("/chunked", options).error().kind(), ErrorKind::kTooLarge);
}

TEST_F(FetchTest, SaysThatNobodyListens) {
    server_->Stop(milliseconds(0));
    EXPECT_EQ(Get("/").error().kind(), ErrorKind::kUnavailable);
}

TEST(Fetch, GivesUpOnAServerThatDoesNotAnswer) {
    boost::asio::io_context context;
    Result<Listener> silent = Listener::Open(context.get_executor(), "127.0.0.1", 0);
    ASSERT_TRUE(silent);
    FetchOptions options;
    options.timeout = milliseconds(10);
    const std::string port = std::to_string(silent.value().port());
    EXPECT_EQ(Fetch("http://127.0.0.1:" + port + "/", options).error().kind(), ErrorKind::kTimeout);
    EXPECT_EQ(Fetch("https://127.0.0.1:" + port + "/", options).error().kind(),
              ErrorKind::kTimeout);
}

TEST(Fetch, RefusesWhatIsNoHttpUrl) {
    for (const char* const url :
         {"", "127.0.0.1:9000", "ftp://h/", "http://", "http:///path", "http://h:x/", "http://h:/",
          "http://[::1", "http://a b/", "http://h/\r\nX: y", "http://user@h/"}) {
        const Result<FetchResult> result = Fetch(url, {});
        ASSERT_FALSE(result) << url;
        EXPECT_EQ(result.error().kind(), ErrorKind::kInvalid) << url;
    }
}

TEST(Fetch, ShowsNoPasswordAndNoQueryOfAUrl) {
    for (const std::string url :
         {"http://me:hunter2@h/", "https://hunter2@h", "http://me:hunter2/@h/", "me:hunter2@h/",
          "http://me:hun%40ter2@h", "http://me:hunter2@h/a@b", "ftp://me:hun@ter2@h/",
          "http://me:hunter2@h/?hunter2", "ftp://h/?hunter2@x", "http://h:x/a?hunter2"}) {
        const auto refused = CheckUrl(url);
        ASSERT_FALSE(refused) << url;
        EXPECT_THAT(refused.error().message(), ::testing::Not(HasSubstr("ter2")));
        EXPECT_THAT(WithoutSecrets(url), ::testing::Not(HasSubstr("ter2")));
    }
    EXPECT_EQ(CheckUrl("http://me:hunter2@h:1/x").error().message(),
              "no user and no password can stand in a URL, as in 'http://(hidden)@h:1/x'");
    EXPECT_EQ(WithoutSecrets("http://h:1/a@b?c=d#e"), "http://h:1/a@b?(hidden)");
    EXPECT_EQ(WithoutSecrets("http://h:1/a@b"), "http://h:1/a@b");
    // Host and port: the authority ends at the "/" (RFC 3986, 3.2), and has no user in it.
    EXPECT_EQ(WithoutSecrets("http://u:1234/x@h/"), "http://u:1234/x@h/");
}

TEST(ResponseParser, SaysWhatIsWrong) {
    ResponseParser cut_off(false, 100);
    EXPECT_TRUE(cut_off.Put("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"));
    EXPECT_FALSE(cut_off.done());
    EXPECT_EQ(cut_off.PutEnd().error().kind(), ErrorKind::kClosed);

    ResponseParser silent(false, 100);
    EXPECT_EQ(silent.PutEnd().error().kind(), ErrorKind::kClosed);

    ResponseParser garbage(false, 100);
    EXPECT_EQ(garbage.Put("SSH-2.0-x\r\n\r\n").error().kind(), ErrorKind::kCorrupt);
}

TEST(ResponseParser, TakesABodyThatEndsWithTheConnection) {
    ResponseParser parser(false, 100);
    const std::string_view text = "HTTP/1.0 200 OK\r\n\r\nabc";
    EXPECT_EQ(parser.Put(text).value(), text.size());
    EXPECT_TRUE(parser.PutEnd());
    EXPECT_EQ(parser.Take().body, "abc");
}

}  // namespace
}  // namespace coffer::http
