// The same requests in both dialects: what they are told.
#include <gtest/gtest.h>

#include "coffer/codec/base64.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

using Headers = std::vector<http::Header>;

Headers Customer(uint8_t byte) {
    const std::string prefix = "x-amz-server-side-encryption-customer-";
    const auto key = testing::TestKey(byte);
    return {{prefix + "algorithm", "AES256"},
            {prefix + "key", codec::Base64Encode(key)},
            {prefix + "key-MD5", codec::Base64Encode(codec::Md5(key))}};
}

class DialectTest : public ::testing::TestWithParam<Dialect>, public S3Fixture {
  protected:
    DialectTest() : S3Fixture({.customer_keys_over_http = true, .dialect = GetParam()}) {
        EXPECT_EQ(Send("PUT", "/bucket").status, 200);
    }

    // "200", or "400 InvalidRequest".
    std::string Answer(TestRequest request) { return Told(Send(std::move(request))); }
    std::string Answer(std::string method, std::string target, Headers headers = {},
                       std::string body = {}) {
        return Told(
            Send(std::move(method), std::move(target), std::move(body), std::move(headers)));
    }
    static std::string Told(const TestReply& reply) {
        const std::string code = reply.Element("Code");
        return std::to_string(reply.status) + (code.empty() ? "" : " " + code);
    }

    static std::string Either(std::string aws, std::string ceph) {
        return GetParam() == Dialect::kCeph ? ceph : aws;
    }

    // An upload of the key "big", whose part 1 is `parts`, one after the other; their ETags.
    std::string Begin(const Headers& headers, const std::vector<std::string>& parts,
                      std::vector<std::string>& etags) {
        const std::string target =
            "/bucket/big?uploadId=" +
            Send("POST", "/bucket/big?uploads", "", headers).Element("UploadId");
        for (const std::string& part : parts)
            etags.push_back(Send("PUT", target + "&partNumber=1", part, headers).Header("ETag"));
        return target;
    }

    static std::string PartsOf(const std::vector<std::string>& etags) {
        std::string document = "<CompleteMultipartUpload>";
        for (const std::string& etag : etags)
            document += "<Part><PartNumber>1</PartNumber><ETag>" + etag + "</ETag></Part>";
        return document + "</CompleteMultipartUpload>";
    }
};

TEST_P(DialectTest, APartThatAnObjectDoesNotHave) {
    ASSERT_EQ(Send("PUT", "/bucket/k", "body").status, 200);
    EXPECT_EQ(Answer("GET", "/bucket/k?partNumber=2"),
              Either("416 InvalidPartNumber", "400 InvalidPart"));
    const TestReply one = Send("GET", "/bucket/k?partNumber=1");
    EXPECT_EQ(one.body, "body");
    EXPECT_EQ(one.Header("Content-Range"), "bytes 0-3/4");
    // Conditions come first.
    EXPECT_EQ(Send("GET", "/bucket/k?partNumber=2", "", {{"If-None-Match", "*"}}).status, 304);
    EXPECT_EQ(Send("GET", "/bucket/k?partNumber=2", "", {{"If-Match", "\"other\""}}).status, 412);
    ASSERT_EQ(Send("PUT", "/bucket/empty", "").status, 200);
    const TestReply empty = Send("GET", "/bucket/empty?partNumber=1");
    EXPECT_EQ(empty.status, 206);
    EXPECT_EQ(empty.Header("Content-Range"), "") << "there is no range of no bytes";
    ASSERT_EQ(Send("PUT", "/bucket/closed", "body", Customer(7)).status, 200);
    EXPECT_EQ(Answer("GET", "/bucket/closed?partNumber=2"),
              Either("416 InvalidPartNumber", "400 InvalidPart"));
    EXPECT_EQ(Answer("GET", "/bucket/closed?partNumber=1"), "400 InvalidRequest");
}

TEST_P(DialectTest, ARangeToCopyThatGoesBeyondTheSource) {
    ASSERT_EQ(Send("PUT", "/bucket/k", "0123456789").status, 200);
    std::vector<std::string> etags;
    const std::string part = Begin({}, {}, etags) + "&partNumber=1";
    const auto copy = [&](std::string range) {
        return Send(
            "PUT", part, "",
            {{"x-amz-copy-source", "bucket/k"}, {"x-amz-copy-source-range", std::move(range)}});
    };
    for (const std::string range : {"bytes=0-10", "bytes=10-10"}) {
        const TestReply reply = copy(range);
        EXPECT_EQ(Told(reply), Either("400 InvalidArgument", "416 InvalidRange"));
        EXPECT_EQ(reply.Element("Message"),
                  "Range specified is not valid for source object of size: 10");
    }
    EXPECT_EQ(Told(copy("bytes=0-9")), "200");
    // Of a read it is the same in both.
    EXPECT_EQ(Answer("GET", "/bucket/k", {{"Range", "bytes=10-"}}), "416 InvalidRange");
}

TEST_P(DialectTest, APresignedUrlThatIsValidForTooLong) {
    http::Request request;
    request.method = "GET";
    request.target = "/bucket/k";
    request.headers.Add("Host", "localhost:9000");
    testing::PresignV4(request, {"root-key", "root-secret"}, services.clock.Now());
    const size_t expires = request.target.find("X-Amz-Expires=") + 14;
    request.target.insert(expires, "99999999");
    s3::TestBody body("", std::nullopt, nullptr);
    request.body = &body;
    const TestReply reply = testing::RunTask(Perform(request, body));
    EXPECT_EQ(reply.Element("Code"), Either("AuthorizationQueryParametersError", "AccessDenied"));
    EXPECT_EQ(reply.status, GetParam() == Dialect::kCeph ? 403 : 400);
}

TEST_P(DialectTest, AnotherKeyOfTheClients) {
    ASSERT_EQ(Send("PUT", "/bucket/k", "body", Customer(7)).status, 200);
    EXPECT_EQ(Answer("GET", "/bucket/k", Customer(8)),
              Either("403 AccessDenied", "400 InvalidRequest"));
    EXPECT_EQ(Answer("GET", "/bucket/k", Customer(7)), "200");
}

TEST_P(DialectTest, AnUploadThatIsCompletedWithoutItsKey) {
    std::vector<std::string> etags;
    const std::string upload = Begin(Customer(7), {"part"}, etags);
    EXPECT_EQ(Answer("POST", upload, {}, PartsOf(etags)), Either("200", "400 InvalidRequest"));
    EXPECT_EQ(Answer("POST", upload, Customer(7), PartsOf(etags)), "200");
}

TEST_P(DialectTest, APartThatIsListedTwice) {
    std::vector<std::string> etags;
    const std::string upload = Begin({}, {"first", "last"}, etags);
    EXPECT_EQ(Answer("POST", upload, {}, PartsOf({etags[1], etags[0]})),
              Either("400 InvalidPartOrder", "400 InvalidPart"));
    EXPECT_EQ(Answer("POST", upload, {}, PartsOf(etags)), Either("400 InvalidPartOrder", "200"));
    if (GetParam() == Dialect::kCeph) {
        EXPECT_EQ(Send("GET", "/bucket/big").body, "last");
    } else {
        EXPECT_EQ(Send("GET", "/bucket/big").status, 404);
    }
}

TEST_P(DialectTest, AStatementThatCanApplyToNothing) {
    const std::string idle =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
        R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket"},{"Effect":"Allow",)"
        R"("Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/open"}]})";
    ASSERT_EQ(Send("PUT", "/bucket/open", "x").status, 200);
    ASSERT_EQ(Send("PUT", "/bucket/closed", "x").status, 200);
    EXPECT_EQ(Answer("PUT", "/bucket?policy", {}, idle), Either("400 MalformedPolicy", "204"));
    EXPECT_EQ(Answer({.method = "GET", .target = "/bucket/open", .sign = false}),
              Either("403 AccessDenied", "200"));
    EXPECT_EQ(Answer({.method = "GET", .target = "/bucket/closed", .sign = false}),
              "403 AccessDenied");
}

INSTANTIATE_TEST_SUITE_P(Each, DialectTest, ::testing::Values(Dialect::kAws, Dialect::kCeph),
                         [](const auto& info) {
                             return info.param == Dialect::kAws ? "Aws" : "Ceph";
                         });

}  // namespace
}  // namespace coffer::api::s3
