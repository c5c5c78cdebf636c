#include "coffer/api/s3/request.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace coffer::api::s3 {
namespace {

http::Request Make(std::string target, std::string host = "localhost:9000") {
    http::Request request;
    request.method = "GET";
    request.target = std::move(target);
    request.headers.Add("Host", host);
    return request;
}

std::string KeyOf(std::string target) {
    const http::Request http = Make(std::move(target));
    const auto request = S3Request::Parse(http, {});
    return request ? request.value().key().bytes()
                   : "error: " + std::string(request.error().code());
}

std::string ErrorOf(std::string target) {
    const http::Request http = Make(std::move(target));
    const auto request = S3Request::Parse(http, {});
    return request ? "" : std::string(request.error().code());
}

TEST(S3Request, TellsServiceBucketAndObjectApart) {
    const auto scope_of = [](std::string target) {
        const http::Request http = Make(std::move(target));
        return S3Request::Parse(http, {}).value().scope();
    };
    EXPECT_EQ(scope_of("/"), Scope::kService);
    EXPECT_EQ(scope_of("/?prefix=a"), Scope::kService);
    EXPECT_EQ(scope_of("/bucket"), Scope::kBucket);
    EXPECT_EQ(scope_of("/bucket/"), Scope::kBucket);
    EXPECT_EQ(scope_of("/bucket/?acl"), Scope::kBucket);
    EXPECT_EQ(scope_of("/bucket/a"), Scope::kObject);
}

TEST(S3Request, KeepsEveryByteOfAKeyAfterOneDecoding) {
    EXPECT_EQ(KeyOf("/bucket/a//b/"), "a//b/");
    EXPECT_EQ(KeyOf("/bucket//a"), "/a");
    EXPECT_EQ(KeyOf("/bucket/../x"), "../x");
    EXPECT_EQ(KeyOf("/bucket/a/./b"), "a/./b");
    EXPECT_EQ(KeyOf("/bucket/%2e%2e/x"), "../x");
    EXPECT_EQ(KeyOf("/bucket/%252e"), "%2e");
    EXPECT_EQ(KeyOf("/bucket/a+b"), "a+b");
    EXPECT_EQ(KeyOf("/bucket/a%2Bb%20c"), "a+b c");
    EXPECT_EQ(KeyOf("/bucket/a%2fb"), "a/b");
    EXPECT_EQ(KeyOf("/bucket/caf%C3%A9"), "café");
    EXPECT_EQ(KeyOf("/bucket/a\\b"), "a\\b");
    EXPECT_EQ(KeyOf("/bucket/a?versionId=1"), "a");
}

TEST(S3Request, RefusesWhatIsNoTarget) {
    EXPECT_EQ(ErrorOf("*"), "InvalidURI");
    EXPECT_EQ(ErrorOf("/bucket/%zz"), "InvalidURI");
    EXPECT_EQ(ErrorOf("/bucket/%00"), "InvalidURI");
    EXPECT_EQ(ErrorOf("/bucket/%ff"), "InvalidURI");
    EXPECT_EQ(ErrorOf("/bucket/%c0%af"), "InvalidURI");
    EXPECT_EQ(ErrorOf("/bucket?a=%2"), "InvalidURI");
    EXPECT_EQ(ErrorOf("/bucket/" + std::string(1025, 'k')), "KeyTooLongError");
    EXPECT_EQ(ErrorOf("/bucket/" + std::string(1024, 'k')), "");
    EXPECT_EQ(ErrorOf("/Bucket"), "InvalidBucketName");
    EXPECT_EQ(ErrorOf("//key"), "InvalidBucketName");
    EXPECT_EQ(ErrorOf("/%2e%2e/key"), "InvalidBucketName");
}

TEST(S3Request, ReadsTheQueryWithPlusAsSpace) {
    const http::Request http = Make("/bucket?prefix=a+b%2Bc&uploads&delimiter=&prefix=second");
    const auto request = S3Request::Parse(http, {}).value();
    EXPECT_EQ(request.Parameter("prefix"), "a b+c");
    EXPECT_EQ(request.Parameter("uploads"), "");
    EXPECT_EQ(request.Parameter("delimiter"), "");
    EXPECT_EQ(request.Parameter("Prefix"), std::nullopt);
}

TEST(S3Request, TakesTheBucketFromTheHostWhereADomainIsSet) {
    const std::vector<std::string> domains = {"s3.example.com", "Files.Test"};
    const auto parse = [&](const http::Request& http) {
        return S3Request::Parse(http, domains).value();
    };

    const http::Request virtual_host = Make("/a/b?acl", "photos.s3.example.com:9000");
    EXPECT_EQ(parse(virtual_host).bucket().text(), "photos");
    EXPECT_EQ(parse(virtual_host).key().bytes(), "a/b");
    EXPECT_EQ(parse(virtual_host).virtual_bucket(), "photos");

    const http::Request root = Make("/", "a.b.FILES.test");
    EXPECT_EQ(parse(root).bucket().text(), "a.b");
    EXPECT_EQ(parse(root).scope(), Scope::kBucket);

    for (const char* host :
         {"s3.example.com", "other.example.com:80", "[::1]:9000", "evils3.example.com"}) {
        const http::Request path = Make("/photos/a", host);
        EXPECT_EQ(parse(path).bucket().text(), "photos") << host;
        EXPECT_EQ(parse(path).key().bytes(), "a") << host;
        EXPECT_EQ(parse(path).virtual_bucket(), "") << host;
    }
}

TEST(S3Request, FindsAmazonHeadersInTheQueryToo) {
    http::Request http = Make(
        "/bucket/key?x-amz-acl=private&X-Amz-Meta-A=1&X-Amz-Signature=s&x-amz-meta-b=no&range=x");
    http.headers.Add("X-Amz-Meta-B", "yes");
    const auto request = S3Request::Parse(http, {}).value();
    EXPECT_EQ(request.Header("x-amz-acl"), "private");
    EXPECT_EQ(request.Header("x-amz-meta-b"), "yes");
    EXPECT_EQ(request.Header("range"), std::nullopt);
    EXPECT_EQ(request.Header("x-amz-signature"), std::nullopt);

    std::map<std::string, std::string> found;
    request.EachHeader("x-amz-", [&](std::string_view name, std::string_view value) {
        EXPECT_TRUE(found.emplace(name, value).second) << name;
    });
    EXPECT_EQ(found,
              (std::map<std::string, std::string>{
                  {"x-amz-acl", "private"}, {"x-amz-meta-a", "1"}, {"x-amz-meta-b", "yes"}}));
}

}  // namespace
}  // namespace coffer::api::s3
