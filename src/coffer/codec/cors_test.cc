#include "coffer/codec/cors.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::codec {
namespace {

std::string Document(const std::string& rules) {
    return "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + rules +
           "</CORSConfiguration>";
}

std::string Rule(const std::string& elements) {
    return Document("<CORSRule>" + elements + "</CORSRule>");
}

constexpr const char* kGetFromAnywhere =
    "<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>";

std::string Refusal(const std::string& document) {
    const auto rules = ParseCors(document);
    if (rules) return "accepted";
    EXPECT_EQ(rules.error().kind(), ErrorKind::kInvalid);
    return std::string(rules.error().code()) + ": " + rules.error().message();
}

TEST(Cors, IsReadAndWritten) {
    const auto rules = ParseCors(Document(
        "<CORSRule><ID>one</ID><AllowedMethod>PUT</AllowedMethod><AllowedMethod>POST</"
        "AllowedMethod>"
        "<AllowedOrigin>http://www.example.com</AllowedOrigin><AllowedHeader>*</AllowedHeader>"
        "<ExposeHeader>x-amz-request-id</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></"
        "CORSRule>"
        "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule>"));
    ASSERT_TRUE(rules);
    const std::vector<CorsRule> expected = {{.id = "one",
                                             .allowed_origins = {"http://www.example.com"},
                                             .allowed_methods = {"PUT", "POST"},
                                             .allowed_headers = {"*"},
                                             .expose_headers = {"x-amz-request-id"},
                                             .max_age_seconds = 3000},
                                            {.allowed_origins = {"*"}, .allowed_methods = {"GET"}}};
    EXPECT_EQ(rules.value(), expected);
    EXPECT_EQ(ParseCors(WriteCors(expected)).value(), expected);
    EXPECT_EQ(WriteCors(std::span(expected).last(1)),
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule>"
              "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>"
              "</CORSConfiguration>");
}

TEST(Cors, RefusesWhatIsNoConfiguration) {
    for (const std::string& document :
         {std::string(), std::string("<CORSConfiguration>"), std::string("<Other/>"), Document(""),
          Document("<Other/>"), Document("text"), Rule(""),
          Rule("<AllowedOrigin>*</AllowedOrigin>"), Rule("<AllowedMethod>GET</AllowedMethod>"),
          Rule(std::string(kGetFromAnywhere) + "<Other/>"),
          Rule(std::string(kGetFromAnywhere) + "<ID>a</ID><ID>b</ID>"),
          Rule(std::string(kGetFromAnywhere) + "<MaxAgeSeconds>soon</MaxAgeSeconds>"),
          Rule(std::string(kGetFromAnywhere) + "<MaxAgeSeconds>-1</MaxAgeSeconds>"),
          Rule(std::string(kGetFromAnywhere) + "<MaxAgeSeconds>9999999999</MaxAgeSeconds>"),
          Rule(std::string(kGetFromAnywhere) + "<AllowedHeader><b/></AllowedHeader>"),
          Document(std::string(kMaxCorsBytes, ' '))}) {
        EXPECT_TRUE(Refusal(document).starts_with("MalformedXML")) << document;
    }
}

TEST(Cors, RefusesInTheWordsOfS3) {
    const auto with = [](const std::string& element) {
        return Refusal(Rule(kGetFromAnywhere + element));
    };
    EXPECT_EQ(with("<AllowedMethod>PATCH</AllowedMethod>"),
              "InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is "
              "PATCH");
    EXPECT_EQ(with("<AllowedMethod>get</AllowedMethod>"),
              "InvalidRequest: Found unsupported HTTP method in CORS config. Unsupported method is "
              "get");
    EXPECT_EQ(with("<AllowedOrigin>http://*.*.com</AllowedOrigin>"),
              "InvalidRequest: AllowedOrigin \"http://*.*.com\" can not have more than one "
              "wildcard.");
    EXPECT_EQ(with("<AllowedHeader>*-*</AllowedHeader>"),
              "InvalidRequest: AllowedHeader \"*-*\" can not have more than one wildcard.");
    EXPECT_EQ(with("<AllowedHeader>a b</AllowedHeader>"),
              "InvalidRequest: AllowedHeader \"a b\" contains invalid character.");
    EXPECT_EQ(with("<ExposeHeader>x-*</ExposeHeader>"),
              "InvalidRequest: ExposeHeader \"x-*\" contains wildcard. We currently do not support "
              "wildcard for ExposeHeader.");
    EXPECT_EQ(with("<ExposeHeader></ExposeHeader>"),
              "InvalidRequest: ExposeHeader \"\" contains invalid character.");
    EXPECT_EQ(with("<ID>" + std::string(255, 'a') + "</ID>"), "accepted");
    EXPECT_EQ(with("<ID>" + std::string(256, 'a') + "</ID>"),
              "InvalidRequest: ID length should not exceed allowed limit of 255");
    std::string rules;
    for (int i = 0; i < 100; ++i)
        rules += "<CORSRule>" + std::string(kGetFromAnywhere) + "</CORSRule>";
    EXPECT_EQ(Refusal(Document(rules)), "accepted");
    EXPECT_EQ(Refusal(Document(rules + "<CORSRule/>")),
              "InvalidRequest: The number of CORS rules should not exceed allowed limit of 100 "
              "rules.");
}

// The origin that is answered, or "no".
std::string Answered(const CorsRule& rule, const CorsQuery& query) {
    const std::vector<CorsRule> rules = {rule};
    const auto answer = AnswerCors(rules, query);
    return answer ? answer->allow_origin : "no";
}

TEST(Cors, ComparesOriginsWithOneStar) {
    const auto allowed = [](const std::string& pattern, std::string_view origin) {
        return Answered({.allowed_origins = {pattern}, .allowed_methods = {"GET"}},
                        {.origin = origin, .method = "GET"}) == origin;
    };
    EXPECT_TRUE(allowed("http://a.com", "http://a.com"));
    EXPECT_FALSE(allowed("http://a.com", "https://a.com"));
    EXPECT_FALSE(allowed("http://a.com", "http://A.com"));
    EXPECT_TRUE(allowed("http://*.a.com", "http://x.y.a.com"));
    EXPECT_FALSE(allowed("http://*.a.com", "http://a.com"));
    EXPECT_TRUE(allowed("start*end", "startend"));
    EXPECT_TRUE(allowed("start*end", "start12end"));
    EXPECT_FALSE(allowed("start*end", "0start12end"));
    EXPECT_FALSE(allowed("aba*aba", "aba"));
    EXPECT_TRUE(allowed("prefix*", "prefix"));
    EXPECT_FALSE(allowed("*suffix", "foo.suffix.get"));
}

TEST(Cors, ComparesOriginsWithSeveralStars) {
    const auto allowed = [](const std::string& pattern, std::string_view origin) {
        return Answered({.allowed_origins = {pattern}, .allowed_methods = {"GET"}},
                        {.origin = origin, .method = "GET"}) == origin;
    };
    EXPECT_TRUE(allowed("http*://a.*", "https://a.test"));
    EXPECT_TRUE(allowed("http*://*.a.test:*", "http://x.a.test:80"));
    EXPECT_FALSE(allowed("http*://*.a.test:*", "http://a.test:80"));
    EXPECT_FALSE(allowed("http*://a.*", "http://b.test"));
    EXPECT_TRUE(allowed("*a*a*", "baab"));
    EXPECT_FALSE(allowed("*a*a*", "bab"));
    EXPECT_FALSE(allowed("a*b*a", "aba-"));
    EXPECT_FALSE(allowed("a*ba*ba", "aba"));
}

TEST(Cors, NeedsTheMethodAndEveryHeader) {
    const CorsRule rule = {.allowed_origins = {"o"},
                           .allowed_methods = {"GET", "PUT"},
                           .allowed_headers = {"X-Amz-*", "content-type"}};
    EXPECT_EQ(Answered(rule, {.origin = "o", .method = "PUT"}), "o");
    EXPECT_EQ(Answered(rule, {.origin = "o", .method = "DELETE"}), "no");
    EXPECT_EQ(Answered(rule, {.origin = "o", .method = "put"}), "no");
    EXPECT_EQ(
        Answered(rule, {.origin = "o", .method = "PUT", .headers = {"x-amz-date", "Content-Type"}}),
        "o");
    EXPECT_EQ(Answered(rule, {.origin = "o", .method = "PUT", .headers = {"x-amz-date", "range"}}),
              "no");
    CorsQuery many{.origin = "o", .method = "PUT"};
    many.headers.assign(10'000, "X-AMZ-Date");
    EXPECT_EQ(Answered(rule, many), "o");
    many.headers.push_back("range");
    EXPECT_EQ(Answered(rule, many), "no");
}

TEST(Cors, AnswersByTheFirstRuleThatFits) {
    const std::vector<CorsRule> rules = {
        {.allowed_origins = {"http://a.com"}, .allowed_methods = {"PUT"}},
        {.allowed_origins = {"http://a.com", "*"},
         .allowed_methods = {"GET", "HEAD"},
         .allowed_headers = {"*"},
         .expose_headers = {"ETag", "x-amz-request-id"},
         .max_age_seconds = 60}};
    const auto answer =
        AnswerCors(rules, {.origin = "http://a.com", .method = "GET", .headers = {"Range", "X-A"}});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->allow_origin, "http://a.com");
    EXPECT_TRUE(answer->allow_credentials);
    EXPECT_EQ(answer->allow_methods, "GET, HEAD");
    EXPECT_EQ(answer->allow_headers, "range, x-a");
    EXPECT_EQ(answer->expose_headers, "ETag, x-amz-request-id");
    EXPECT_EQ(answer->max_age_seconds, 60);

    const auto other = AnswerCors(rules, {.origin = "http://b.com", .method = "GET"});
    ASSERT_TRUE(other);
    EXPECT_EQ(other->allow_origin, "*");
    EXPECT_FALSE(other->allow_credentials);
    EXPECT_EQ(other->allow_headers, "");
    EXPECT_FALSE(AnswerCors(rules, {.origin = "http://b.com", .method = "PUT"}));
    EXPECT_FALSE(AnswerCors({}, {.origin = "http://b.com", .method = "GET"}));
}

TEST(Cors, ReadsTheHeadersThatABrowserAsksFor) {
    using Names = std::vector<std::string_view>;
    EXPECT_EQ(ParseRequestHeaders("range, X-Amz-Date"), (Names{"range", "X-Amz-Date"}));
    EXPECT_EQ(ParseRequestHeaders(""), Names{});
    EXPECT_EQ(ParseRequestHeaders(" , a,"), Names{"a"});
    EXPECT_EQ(ParseRequestHeaders("a b"), std::nullopt);
    EXPECT_EQ(ParseRequestHeaders("a:b"), std::nullopt);
}

}  // namespace
}  // namespace coffer::codec
