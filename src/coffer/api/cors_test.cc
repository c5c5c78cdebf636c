#include "coffer/api/cors.h"

#include <gtest/gtest.h>

#include "tests/support/run_task.h"

namespace coffer::api {
namespace {

http::Request RequestWith(std::string method, std::initializer_list<http::Header> headers) {
    http::Request request;
    request.method = std::move(method);
    request.target = "/bucket/key";
    for (const http::Header& header : headers)
        request.headers.Add(header.name, header.value);
    return request;
}

Result<http::Response> Preflight(std::vector<std::string> allowed,
                                 std::initializer_list<http::Header> headers) {
    return AnswerPreflight(RequestWith("OPTIONS", headers), ServerCorsRules(std::move(allowed)));
}

TEST(ServerCors, AllowsEveryMethodAndHeaderOfAnAllowedOrigin) {
    const auto answer = Preflight({"https://b.test", "https://*.a.test"},
                                  {{"Origin", "https://x.a.test"},
                                   {"Access-Control-Request-Method", "PUT"},
                                   {"Access-Control-Request-Headers", "content-type,x-amz-date"}});
    ASSERT_TRUE(answer);
    const http::Headers& headers = answer.value().headers;
    EXPECT_EQ(answer.value().status, 200);
    EXPECT_EQ(headers.Get("Access-Control-Allow-Origin"), "https://x.a.test");
    EXPECT_EQ(headers.Get("Access-Control-Allow-Credentials"), "true");
    EXPECT_EQ(headers.Get("Access-Control-Allow-Methods"), "GET, PUT, HEAD, POST, DELETE");
    EXPECT_EQ(headers.Get("Access-Control-Allow-Headers"), "content-type, x-amz-date");
    EXPECT_EQ(headers.Get("Vary"),
              "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

// Attack 67: a page anywhere must not be told that it may send credentials.
TEST(ServerCors, DoesNotReflectAnOriginThatOnlyAStarAllows) {
    for (const std::string_view origin : {"https://evil.test", "null"}) {
        http::Response reply;
        AddCorsHeaders(RequestWith("GET", {{"Origin", std::string(origin)}}),
                       ServerCorsRules({"*"}), reply);
        EXPECT_EQ(reply.headers.Get("Access-Control-Allow-Origin"), "*");
        EXPECT_FALSE(reply.headers.Has("Access-Control-Allow-Credentials"));
        EXPECT_TRUE(reply.headers.Has("Access-Control-Expose-Headers"));
    }
}

TEST(ServerCors, RefusesPreflightsInTheWordsOfS3) {
    const auto refused = [](std::vector<std::string> allowed,
                            std::initializer_list<http::Header> headers) {
        const auto answer = Preflight(std::move(allowed), headers);
        EXPECT_FALSE(answer);
        return answer ? "" : std::string(answer.error().code()) + ": " + answer.error().message();
    };
    EXPECT_EQ(refused({"*"}, {{"Access-Control-Request-Method", "GET"}}),
              "BadRequest: Insufficient information. Origin request header needed.");
    EXPECT_EQ(refused({"*"}, {{"Origin", "o"}}),
              "BadRequest: Invalid Access-Control-Request-Method: null");
    EXPECT_EQ(refused({"*"}, {{"Origin", "o"}, {"Access-Control-Request-Method", "BREW"}}),
              "BadRequest: Invalid Access-Control-Request-Method: BREW");
    EXPECT_EQ(refused({}, {{"Origin", "o"}, {"Access-Control-Request-Method", "GET"}}),
              "AccessForbidden: CORSResponse: CORS is not enabled for this bucket.");
    const std::string not_allowed = "AccessForbidden: CORSResponse: This CORS request is not";
    EXPECT_TRUE(refused({"p"}, {{"Origin", "o"}, {"Access-Control-Request-Method", "GET"}})
                    .starts_with(not_allowed));
    EXPECT_TRUE(refused({"o"}, {{"Origin", "o"},
                                {"Access-Control-Request-Method", "GET"},
                                {"Access-Control-Request-Headers", "no token"}})
                    .starts_with(not_allowed));
}

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

TEST(CorsHandler, AnswersPreflightsItselfWhereTheyAreAllowed) {
    Inner inner;
    CorsHandler handler(inner, ServerCorsRules({"https://a.test"}));
    auto request = RequestWith(
        "OPTIONS", {{"Origin", "https://a.test"}, {"Access-Control-Request-Method", "GET"}});
    EXPECT_EQ(testing::RunTask(handler.Handle(request)).status, 200);
    EXPECT_EQ(inner.calls, 0);
    request.headers.Set("Origin", "https://b.test");
    const http::Response refused = testing::RunTask(handler.Handle(request));
    EXPECT_EQ(refused.status, 403);
    EXPECT_FALSE(refused.headers.Has("Access-Control-Allow-Origin"));
    EXPECT_EQ(inner.calls, 1);
}

TEST(CorsHandler, LetsAPageSeeErrorsToo) {
    Inner inner;
    CorsHandler handler(inner, ServerCorsRules({"https://a.test"}));
    auto request = RequestWith("GET", {{"Origin", "https://a.test"}});
    const http::Response seen = testing::RunTask(handler.Handle(request));
    EXPECT_EQ(seen.status, 403);
    EXPECT_EQ(seen.headers.Get("Access-Control-Allow-Origin"), "https://a.test");
    EXPECT_EQ(seen.headers.Get("Vary"), "Origin");

    for (http::Request other : {RequestWith("GET", {}), RequestWith("GET", {{"Origin", "b"}})}) {
        const http::Response unseen = testing::RunTask(handler.Handle(other));
        EXPECT_FALSE(unseen.headers.Has("Access-Control-Allow-Origin"));
        EXPECT_EQ(unseen.headers.Get("Vary"), "Origin");
    }
}

}  // namespace
}  // namespace coffer::api
