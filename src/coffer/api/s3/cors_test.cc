// CORS rules of buckets, as clients set them and browsers meet them.
#include "coffer/api/cors.h"

#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kRules =
    "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.app.test</AllowedOrigin>"
    "<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>"
    "<AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
    "<MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>";

S3Options WithServerRules() {
    S3Options options;
    options.cors = ServerCorsRules({"https://server.test"});
    return options;
}

class S3Cors : public ::testing::Test, public S3Fixture {
  protected:
    S3Cors() : S3Fixture(WithServerRules()) { EXPECT_EQ(Send("PUT", "/bucket").status, 200); }

    TestReply Preflight(std::string target, std::string origin, std::string method,
                        std::vector<http::Header> more = {}) {
        more.push_back({"Origin", std::move(origin)});
        more.push_back({"Access-Control-Request-Method", std::move(method)});
        return Send(TestRequest{.method = "OPTIONS",
                                .target = std::move(target),
                                .headers = std::move(more),
                                .sign = false});
    }

    void PutRules(std::string_view document = kRules) {
        const TestReply put = Send("PUT", "/bucket?cors", std::string(document));
        ASSERT_EQ(put.status, 200) << put.body;
    }
};

TEST_F(S3Cors, RulesComeBackAsTheyWereSet) {
    EXPECT_EQ(Send("GET", "/bucket?cors").Element("Code"), "NoSuchCORSConfiguration");
    PutRules();
    const TestReply get = Send("GET", "/bucket?cors");
    EXPECT_EQ(get.status, 200);
    EXPECT_EQ(get.Element("AllowedOrigin"), "https://*.app.test");
    EXPECT_EQ(codec::ParseCors(get.body).value(), codec::ParseCors(kRules).value());
    EXPECT_EQ(Send("DELETE", "/bucket?cors").status, 204);
    EXPECT_EQ(Send("GET", "/bucket?cors").status, 404);
    EXPECT_EQ(Send("DELETE", "/bucket?cors").status, 204);
    EXPECT_EQ(Send("PUT", "/missing?cors", std::string(kRules)).Element("Code"), "NoSuchBucket");
}

TEST_F(S3Cors, WhatIsNoConfigurationIsRefusedAndChangesNothing) {
    PutRules();
    const std::string before = Send("GET", "/bucket?cors").body;
    std::string many = "<CORSConfiguration>";
    for (int i = 0; i < 101; ++i)
        many +=
            "<CORSRule><AllowedOrigin>o</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
            "</CORSRule>";
    many += "</CORSConfiguration>";
    for (const auto& [document, code] : std::vector<std::pair<std::string, std::string>>{
             {"", "MalformedXML"},
             {"<CORSConfiguration/>", "MalformedXML"},
             {"<Other/>", "MalformedXML"},
             {many, "InvalidRequest"},
             {"<CORSConfiguration><CORSRule><AllowedOrigin>o</AllowedOrigin>"
              "<AllowedMethod>BREW</AllowedMethod></CORSRule></CORSConfiguration>",
              "InvalidRequest"}}) {
        const TestReply put = Send("PUT", "/bucket?cors", document);
        EXPECT_EQ(put.status, 400);
        EXPECT_EQ(put.Element("Code"), code) << put.body;
    }
    EXPECT_EQ(Send("GET", "/bucket?cors").body, before);
}

TEST_F(S3Cors, ABucketsRulesTakeThePlaceOfTheServers) {
    EXPECT_EQ(Preflight("/bucket/k", "https://server.test", "DELETE").status, 200);
    EXPECT_EQ(Preflight("/bucket/k", "https://a.app.test", "PUT").status, 403);
    PutRules();
    EXPECT_EQ(Preflight("/bucket/k", "https://server.test", "DELETE").status, 403);
    const TestReply answer = Preflight("/bucket/k", "https://a.app.test", "PUT",
                                       {{"Access-Control-Request-Headers", "X-Amz-Date"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.Header("Access-Control-Allow-Origin"), "https://a.app.test");
    EXPECT_EQ(answer.Header("Access-Control-Allow-Methods"), "GET, PUT");
    EXPECT_EQ(answer.Header("Access-Control-Allow-Headers"), "x-amz-date");
    EXPECT_EQ(answer.Header("Access-Control-Expose-Headers"), "ETag");
    EXPECT_EQ(answer.Header("Access-Control-Max-Age"), "60");
    EXPECT_EQ(answer.headers.Count("Vary"), 1U);
    EXPECT_EQ(Preflight("/other", "https://server.test", "PUT").status, 200)
        << "a bucket that a page is about to make has no rules yet";
    EXPECT_EQ(Preflight("/", "https://server.test", "GET").status, 200);
    EXPECT_EQ(Send("DELETE", "/bucket?cors").status, 204);
    EXPECT_EQ(Preflight("/bucket/k", "https://server.test", "DELETE").status, 200);
}

TEST_F(S3Cors, APreflightIsRefusedInTheWordsOfS3) {
    PutRules();
    const TestReply refused = Preflight("/bucket/k", "https://b.test", "PUT");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.Element("Code"), "AccessForbidden");
    EXPECT_TRUE(refused.Element("Message").starts_with("CORSResponse: This CORS request is not"));
    EXPECT_FALSE(refused.headers.Has("Access-Control-Allow-Origin"));
    EXPECT_EQ(Preflight("/bucket/k", "https://a.app.test", "DELETE").status, 403);
    EXPECT_EQ(Preflight("/bucket/k", "https://a.app.test", "PUT",
                        {{"Access-Control-Request-Headers", "range"}})
                  .status,
              403);
    const TestReply without = Send({.method = "OPTIONS", .target = "/bucket/k", .sign = false});
    EXPECT_EQ(without.status, 400);
    EXPECT_EQ(without.Element("Code"), "BadRequest");
}

TEST_F(S3Cors, APreflightDoesNotAskForCredentialsOrForTheQuery) {
    PutRules();
    for (const std::string_view target : {"/bucket/k?partNumber=1&uploadId=u", "/bucket?cors",
                                          "/bucket/k?X-Amz-Signature=0", "/bucket/k?frobnicate"})
        EXPECT_EQ(Preflight(std::string(target), "https://a.app.test", "PUT").status, 200)
            << target;
}

TEST_F(S3Cors, RepliesSayWhichPageMaySeeThem) {
    PutRules();
    Send("PUT", "/bucket/k", "hello");
    const auto get = [&](std::string target, std::string origin, bool sign) {
        return Send(TestRequest{.method = "GET",
                                .target = std::move(target),
                                .headers = {{"Origin", std::move(origin)}},
                                .sign = sign});
    };
    const TestReply seen = get("/bucket/k", "https://a.app.test", true);
    EXPECT_EQ(seen.body, "hello");
    EXPECT_EQ(seen.Header("Access-Control-Allow-Origin"), "https://a.app.test");
    EXPECT_EQ(seen.Header("Access-Control-Expose-Headers"), "ETag");
    EXPECT_EQ(seen.Header("Vary"), "Origin");
    const TestReply denied = get("/bucket/k", "https://a.app.test", false);
    EXPECT_EQ(denied.status, 403);
    EXPECT_EQ(denied.Header("Access-Control-Allow-Origin"), "https://a.app.test");
    for (const TestReply& other :
         {get("/bucket/k", "https://server.test", true), Send("GET", "/bucket/k")}) {
        EXPECT_FALSE(other.headers.Has("Access-Control-Allow-Origin"));
        EXPECT_EQ(other.Header("Vary"), "Origin");
    }
    EXPECT_EQ(get("/Bad_Name", "https://server.test", true).Header("Access-Control-Allow-Origin"),
              "https://server.test");
}

}  // namespace
}  // namespace coffer::api::s3
