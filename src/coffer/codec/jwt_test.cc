#include "coffer/codec/jwt.h"

#include <gtest/gtest.h>

#include "coffer/codec/base64.h"
#include "coffer/codec/digest.h"

namespace coffer::codec {
namespace {

using std::chrono::seconds;

constexpr std::string_view kKey = "example/secret+key";
const Timestamp kNow{seconds(1'772'368'496)};

std::string TokenOf(std::string_view header, std::string_view claims, std::string_view key = kKey) {
    const std::string text =
        Base64UrlEncode(AsBytes(header)) + "." + Base64UrlEncode(AsBytes(claims));
    return text + "." + Base64UrlEncode(HmacSha256(AsBytes(key), AsBytes(text)));
}

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kClaims = R"({"sub":"root","exp":1772368497})";

// "ok", or why not.
std::string Verify(std::string_view text, std::string_view key = kKey, Timestamp now = kNow) {
    const auto token = UnverifiedJwt::Parse(text);
    if (!token) {
        EXPECT_EQ(token.error().kind(), ErrorKind::kUnauthenticated);
        return token.error().message();
    }
    const auto claims = token.value().Verify(key, now);
    if (claims) return "ok";
    EXPECT_EQ(claims.error().kind(), ErrorKind::kUnauthenticated);
    return claims.error().message();
}

// RFC 7515, A.1.
TEST(Jwt, VerifiesTheExampleOfTheRfc) {
    const std::string_view text =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0c"
        "n"
        "VlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const std::string key =
        Base64UrlDecode(
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1"
            "Z9CAow")
            .value();
    EXPECT_EQ(Verify(text, key, Timestamp(seconds(1300819379))), "ok");
    EXPECT_EQ(Verify(text, key, Timestamp(seconds(1300819380))),
              "The token is not valid: it has expired.");
    EXPECT_EQ(UnverifiedJwt::Parse(text).value().Claim("iss"), "joe");
    EXPECT_EQ(UnverifiedJwt::Parse(text).value().Claim("exp"), "");
    EXPECT_EQ(UnverifiedJwt::Parse(text).value().Claim("sub"), "");
}

// Made with PyJWT 2.10.1: jwt.encode({"sub": "root", "exp": 4102444800}, "example/secret+key",
// algorithm).
TEST(Jwt, VerifiesTheLongerDigestsToo) {
    for (const std::string_view text :
         {"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyb290IiwiZXhwIjo0MTAyNDQ0ODAwfQ."
          "l2Zc9UbFwIZlQUoS3ZgvRbbAXRZPG2EYRjBAFHP62dU",
          "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyb290IiwiZXhwIjo0MTAyNDQ0ODAwfQ.-"
          "RubhykQ_imRellcNCKYFgajyVIkfjYVwuVGI4Wjg-dp1s7Ot0A3e7ox4hN9jQ1U",
          "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJyb290IiwiZXhwIjo0MTAyNDQ0ODAwfQ."
          "hT7EbrU32oWbnySep9s5h1oEHYaauGkWumLVsjJQspvujgkiR2_"
          "JR68Jz6NMGtdTbGZpA4KPhGTIKcbJNnI8UQ"}) {
        EXPECT_EQ(Verify(text), "ok");
        EXPECT_EQ(UnverifiedJwt::Parse(text).value().Claim("sub"), "root");
    }
}

TEST(Jwt, RefusesAnyChangeOfAToken) {
    const std::string token = TokenOf(kHeader, kClaims);
    ASSERT_EQ(Verify(token), "ok");
    for (size_t i = 0; i < token.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = token;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            EXPECT_NE(Verify(changed), "ok") << changed;
        }
    }
    for (size_t size = 0; size < token.size(); ++size) {
        EXPECT_NE(Verify(token.substr(0, size)), "ok") << size;
    }
    EXPECT_NE(Verify(token + "="), "ok");
    EXPECT_NE(Verify(token + ".e30"), "ok");
    EXPECT_NE(Verify(" " + token), "ok");
    EXPECT_NE(Verify(token, "another key"), "ok");
    EXPECT_NE(Verify(TokenOf(kHeader, kClaims, ""), ""), "ok");
}

// Case 51 of the attack catalogue.
TEST(Jwt, RefusesOtherAlgorithms) {
    for (const std::string_view header :
         {R"({"alg":"none"})", R"({"alg":"NoNe"})", R"({"alg":"hs256"})", R"({"alg":"RS256"})",
          R"({"alg":""})", R"({"alg":null})", R"({"alg":["HS256"]})", R"({})", R"([])",
          R"("HS256")", R"({"alg":"HS256","alg":"none"})", R"({"alg":"HS512"})",
          R"({"alg":"HS256","crit":["b64"]})",
          R"({"alg":"HS256"} )"
          "x"}) {
        EXPECT_NE(Verify(TokenOf(header, kClaims)), "ok") << header;
    }
    const std::string none = Base64UrlEncode(AsBytes(std::string_view(R"({"alg":"none"})"))) + "." +
                             Base64UrlEncode(AsBytes(kClaims)) + ".";
    EXPECT_NE(Verify(none), "ok");
    EXPECT_EQ(
        Verify(TokenOf(R"({"alg":"HS256","kid":"../../etc/passwd","jku":"http://h/"})", kClaims)),
        "ok");
}

// Case 52.
TEST(Jwt, RefusesATokenOutsideItsTime) {
    const auto verify = [](std::string_view claims) { return Verify(TokenOf(kHeader, claims)); };
    EXPECT_EQ(verify(R"({"exp":1772368496.5})"), "ok");
    EXPECT_EQ(verify(R"({"exp":1e300})"), "ok");
    EXPECT_EQ(verify(R"({"exp":1772368497,"nbf":1772368496})"), "ok");
    for (const std::string_view claims :
         {R"({})", R"({"exp":1772368496})", R"({"exp":1772368495.9})", R"({"exp":"1772368497"})",
          R"({"exp":null})", R"({"exp":true})", R"({"exp":-1e300})", R"({"exp":0})",
          R"({"exp":1772368497,"nbf":1772368497})", R"({"exp":1772368497,"nbf":"0"})",
          R"({"exp":1,"exp":1772368497})", R"([1772368497])", R"({"exp":1772368497)"}) {
        EXPECT_NE(verify(claims), "ok") << claims;
    }
}

TEST(Jwt, RefusesATokenThatIsTooLong) {
    const std::string claims = R"({"exp":1772368497,"x":")" + std::string(7000, 'x') + "\"}";
    EXPECT_EQ(Verify(TokenOf(kHeader, claims)), "The token is not valid: it is too long.");
}

}  // namespace
}  // namespace coffer::codec
