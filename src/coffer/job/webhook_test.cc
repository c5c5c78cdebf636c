#include "coffer/job/webhook.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "coffer/http/server.h"
#include "coffer/runtime/executors.h"

namespace coffer::job {
namespace {

// A body that ends before its time: what a target says besides its status is nobody's business.
class Torn final : public ByteSource {
  public:
    Task<Result<size_t>> Read(ByteSpan out) override {
        if (left_ == 0) co_return Error(ErrorKind::kIo, "torn");
        const size_t size = std::min(out.size(), left_);
        std::fill_n(out.begin(), size, std::byte{0x74});
        left_ -= size;
        co_return size;
    }

  private:
    size_t left_ = 4_MiB;
};

// Answers with the status that the path names, and keeps what it got.
class Receiver final : public http::Handler {
  public:
    Task<http::Response> Handle(http::Request& request) override {
        ++requests;
        method = request.method;
        type = request.headers.GetOr("Content-Type", "");
        authorization = request.headers.GetOr("Authorization", "");
        auto read = co_await runtime::ReadAll(*request.body, 1_MiB);
        body = read ? read.value() : read.error().ToString();
        http::Response response;
        response.status = std::stoi(request.target.substr(1));
        if (response.status == 302) response.headers.Add("Location", "/200");
        response.body = std::make_unique<Torn>();
        co_return response;
    }

    int requests = 0;
    std::string method;
    std::string type;
    std::string authorization;
    std::string body;
};

class WebhookTest : public ::testing::Test {
  protected:
    WebhookTest() { EXPECT_TRUE(server.Start()); }

    Result<> Post(int status, const std::string& token = "") {
        const WebhookTarget target{.id = "one",
                                   .endpoint = "http://127.0.0.1:" + std::to_string(server.port()) +
                                               "/" + std::to_string(status),
                                   .auth_token = Secret(token)};
        return PostToWebhook(target, "{\"a\":1}", cancelled);
    }

    Receiver receiver;
    runtime::Executors executors{1};
    http::Server server{executors, receiver, {.host = "127.0.0.1"}};
    std::atomic<bool> cancelled = false;
};

TEST_F(WebhookTest, IsSentJson) {
    ASSERT_TRUE(Post(200));
    EXPECT_EQ(receiver.method, "POST");
    EXPECT_EQ(receiver.type, "application/json");
    EXPECT_EQ(receiver.body, "{\"a\":1}");
    EXPECT_EQ(receiver.authorization, "");
    EXPECT_TRUE(Post(204));
}

TEST_F(WebhookTest, IsSentItsToken) {
    ASSERT_TRUE(Post(200, "token"));
    EXPECT_EQ(receiver.authorization, "Bearer token");
    ASSERT_TRUE(Post(200, "Basic dXNlcjpwYXNz"));
    EXPECT_EQ(receiver.authorization, "Basic dXNlcjpwYXNz");
}

TEST_F(WebhookTest, HasTakenNothingUnlessItSaysSo) {
    const auto refusal = [this](int status) { return Post(status).error().message(); };
    EXPECT_EQ(refusal(500), "it answered 500 Internal Server Error");
    EXPECT_EQ(refusal(404), "it answered 404 Not Found");
    const int before = receiver.requests;
    EXPECT_EQ(refusal(302), "it answered 302 Found, and redirects are not followed");
    EXPECT_EQ(receiver.requests, before + 1);
}

TEST_F(WebhookTest, ThatIsNotThereIsUnavailable) {
    const WebhookTarget target{.endpoint = "http://127.0.0.1:1/"};
    EXPECT_EQ(PostToWebhook(target, "{}", cancelled).error().kind(), ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace coffer::job
