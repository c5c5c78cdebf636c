#include "coffer/api/minio/metrics_auth.h"

#include <gtest/gtest.h>

#include "coffer/codec/base64.h"
#include "coffer/codec/digest.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::api::minio {
namespace {

const Timestamp kNow{std::chrono::seconds(1'772'368'496)};

std::string TokenOf(std::string_view claims, std::string_view secret = "minio/secret") {
    constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
    const std::string text =
        codec::Base64UrlEncode(AsBytes(kHeader)) + "." + codec::Base64UrlEncode(AsBytes(claims));
    return text + "." + codec::Base64UrlEncode(codec::HmacSha256(AsBytes(secret), AsBytes(text)));
}

bool Passes(std::string_view authorization, Timestamp now = kNow) {
    const testing::ServiceFixture services;
    const codec::Seal seal{{}};
    service::Credentials credentials("minio", Secret("minio/secret"), *services.database, seal);
    http::Headers headers;
    if (!authorization.empty()) headers.Add("Authorization", authorization);
    const auto result = testing::RunTask(CheckMetricsToken(headers, credentials, now));
    if (!result) {
        EXPECT_EQ(result.error().kind(), ErrorKind::kUnauthenticated);
    }
    return result.has_value();
}

constexpr std::string_view kClaims = R"({"exp":4925968496,"iss":"prometheus","sub":"minio"})";

// Made with PyJWT 2.10.1 in the form of `mc admin prometheus generate`: HS512, exp, sub and iss.
TEST(CheckMetricsToken, TakesTheTokenThatMcMakes) {
    EXPECT_TRUE(Passes(
        "Bearer "
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9."
        "eyJleHAiOjQ5MjU5Njg0OTYsInN1YiI6Im1pbmlvIiwiaXNzIjoicHJvbWV0aGV1cyJ9."
        "K3nispGlJ8pgV8fYeV2lufAOPJSLAyR6D4l04-32faZBjHysUDydJOObS7-9EVeIH-t8Y40XmuVmW_oaWlKJrw"));
}

TEST(CheckMetricsToken, TakesTheAccessKeyFromEitherClaim) {
    EXPECT_TRUE(Passes("Bearer " + TokenOf(kClaims)));
    EXPECT_TRUE(Passes("bearer  " + TokenOf(kClaims)));
    EXPECT_TRUE(Passes("Bearer " +
                       TokenOf(R"({"exp":4925968496,"iss":"prometheus","accessKey":"minio"})")));
}

TEST(CheckMetricsToken, RefusesWhatIsNoTokenForMetrics) {
    EXPECT_FALSE(Passes(""));
    EXPECT_FALSE(Passes("Bearer"));
    EXPECT_FALSE(Passes("Bearer "));
    EXPECT_FALSE(Passes("Basic " + TokenOf(kClaims)));
    EXPECT_FALSE(Passes(TokenOf(kClaims)));
    EXPECT_FALSE(Passes("Bearer " + TokenOf(kClaims, "another")));
    EXPECT_FALSE(Passes("Bearer " + TokenOf(R"({"exp":4925968496,"sub":"minio"})")));
    EXPECT_FALSE(Passes("Bearer " + TokenOf(R"({"exp":4925968496,"iss":"web","sub":"minio"})")));
    EXPECT_FALSE(
        Passes("Bearer " + TokenOf(R"({"exp":4925968496,"iss":"prometheus","sub":"other"})")));
    EXPECT_FALSE(Passes("Bearer " + TokenOf(R"({"exp":4925968496,"iss":"prometheus"})")));
    EXPECT_FALSE(Passes("Bearer " + TokenOf(R"({"iss":"prometheus","sub":"minio"})")));
    EXPECT_FALSE(
        Passes("Bearer " + TokenOf(R"({"exp":1772368496,"iss":"prometheus","sub":"minio"})")));
}

}  // namespace
}  // namespace coffer::api::minio
