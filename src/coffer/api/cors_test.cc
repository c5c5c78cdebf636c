#include "coffer/api/cors.h"

#include <gtest/gtest.h>

#include "tests/support/run_task.h"

namespace coffer::api {
namespace {

class Inner final : public http::Handler {
  public:
    Task<http::Response> Handle(http::Request&) override {
        ++calls;
        http::Response response;
        response.status = 403;
        co_return response;
    }
    int calls = 0;
};

class Cors : public ::testing::Test {
  protected:
    http::Response Ask(std::vector<std::string> allowed, const std::string& method,
                       std::initializer_list<http::Header> headers) {
        CorsHandler handler(inner_, std::move(allowed));
        http::Request request;
        request.method = method;
        request.target = "/bucket/key";
        for (const http::Header& header : headers)
            request.headers.Add(header.name, header.value);
        return testing::RunTask(handler.Handle(request));
    }

    Inner inner_;
};

TEST_F(Cors, APreflightIsAnsweredWithoutAskingS3) {
    const http::Response response =
        Ask({"*"}, "OPTIONS",
            {{"Origin", "https://a.test"},
             {"Access-Control-Request-Method", "PUT"},
             {"Access-Control-Request-Headers", "content-type,x-amz-date"}});
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.headers.Get("Access-Control-Allow-Origin"), "https://a.test");
    EXPECT_EQ(response.headers.Get("Access-Control-Allow-Methods"), "PUT");
    EXPECT_EQ(response.headers.Get("Access-Control-Allow-Headers"), "content-type,x-amz-date");
    EXPECT_EQ(inner_.calls, 0);
}

TEST_F(Cors, APreflightOfAnotherOriginOrMethodAllowsNothing) {
    for (const auto& [origin, method] :
         {std::pair{"https://b.test", "PUT"}, std::pair{"https://a.test", "BREW"}}) {
        const http::Response response =
            Ask({"https://a.test"}, "OPTIONS",
                {{"Origin", origin}, {"Access-Control-Request-Method", method}});
        EXPECT_EQ(response.status, 204);
        EXPECT_FALSE(response.headers.Has("Access-Control-Allow-Origin")) << origin << method;
        EXPECT_TRUE(response.headers.Has("Vary"));
    }
}

TEST_F(Cors, ErrorsCanBeSeenByThePageToo) {
    const http::Response response = Ask({"*"}, "GET", {{"Origin", "https://a.test"}});
    EXPECT_EQ(response.status, 403);
    EXPECT_EQ(response.headers.Get("Access-Control-Allow-Origin"), "https://a.test");
    EXPECT_TRUE(response.headers.Has("Access-Control-Expose-Headers"));
    EXPECT_EQ(response.headers.Get("Vary"), "Origin");
    EXPECT_EQ(inner_.calls, 1);
}

TEST_F(Cors, WithoutAnAllowedOriginNothingIsAdded) {
    EXPECT_FALSE(Ask({"*"}, "GET", {}).headers.Has("Access-Control-Allow-Origin"));
    EXPECT_FALSE(Ask({"https://a.test"}, "GET", {{"Origin", "https://b.test"}})
                     .headers.Has("Access-Control-Allow-Origin"));
    EXPECT_FALSE(
        Ask({}, "GET", {{"Origin", "https://b.test"}}).headers.Has("Access-Control-Allow-Origin"));
}

TEST(OriginIsAllowed, AStarStandsForAnything) {
    EXPECT_TRUE(OriginIsAllowed({"*"}, "https://a.test"));
    EXPECT_TRUE(OriginIsAllowed({"https://x.test", "https://*.a.test"}, "https://b.a.test"));
    EXPECT_TRUE(OriginIsAllowed({"http*://a.*"}, "https://a.test"));
    EXPECT_FALSE(OriginIsAllowed({"https://*.a.test"}, "https://a.test"));
    EXPECT_FALSE(OriginIsAllowed({"https://*.a.test"}, "https://b.a.test.evil"));
    EXPECT_FALSE(OriginIsAllowed({"https://a.test"}, "https://a.tes"));
    EXPECT_FALSE(OriginIsAllowed({"https://a.test"}, "https://A.test"));
    EXPECT_FALSE(OriginIsAllowed({""}, "https://a.test"));
}

}  // namespace
}  // namespace coffer::api
