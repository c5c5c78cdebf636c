// Encryption as clients see it: headers and errors. What is encrypted, and how, is tested in
// service/encryption_test.cc.
#include <gtest/gtest.h>

#include "coffer/codec/base64.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

using Headers = std::vector<http::Header>;

constexpr std::string_view kCustomer = "x-amz-server-side-encryption-customer-";
constexpr std::string_view kSource = "x-amz-copy-source-server-side-encryption-customer-";

Headers Customer(uint8_t byte, std::string_view prefix = kCustomer) {
    const auto key = testing::TestKey(byte);
    return {{std::string(prefix) + "algorithm", "AES256"},
            {std::string(prefix) + "key", codec::Base64Encode(key)},
            {std::string(prefix) + "key-MD5", codec::Base64Encode(codec::Md5(key))}};
}

Headers Join(Headers a, const Headers& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const Headers kS3 = {{"x-amz-server-side-encryption", "AES256"}};
const Headers kKms = {{"x-amz-server-side-encryption", "aws:kms"},
                      {"x-amz-server-side-encryption-aws-kms-key-id", "two"}};

class S3Encryption : public ::testing::Test, public S3Fixture {
  protected:
    S3Encryption() : S3Fixture(S3Options{.customer_keys_over_http = true}) {
        EXPECT_EQ(Send("PUT", "/bucket").status, 200);
    }

    std::string PutCode(Headers headers) {
        const TestReply reply = Send("PUT", "/bucket/refused", "x", std::move(headers));
        EXPECT_TRUE(reply.status == 200 || !reply.body_read);
        return reply.Element("Code");
    }
};

TEST_F(S3Encryption, IsToldByEveryReply) {
    const TestReply s3 = Send("PUT", "/bucket/s3", "body", kS3);
    EXPECT_EQ(s3.Header("x-amz-server-side-encryption"), "AES256");
    EXPECT_EQ(Send("GET", "/bucket/s3").Header("x-amz-server-side-encryption"), "AES256");
    EXPECT_EQ(Send("HEAD", "/bucket/s3").Header("x-amz-server-side-encryption"), "AES256");

    const std::string context = codec::Base64Encode(AsBytes(R"({"a":"b"})"));
    const TestReply kms =
        Send("PUT", "/bucket/kms", "body",
             Join(kKms, {{"x-amz-server-side-encryption-bucket-key-enabled", "true"},
                         {"x-amz-server-side-encryption-context", context}}));
    for (const TestReply& reply : {kms, Send("GET", "/bucket/kms"), Send("HEAD", "/bucket/kms")}) {
        EXPECT_EQ(reply.Header("x-amz-server-side-encryption"), "aws:kms");
        EXPECT_EQ(reply.Header("x-amz-server-side-encryption-aws-kms-key-id"), "two");
        EXPECT_EQ(reply.Header("x-amz-server-side-encryption-bucket-key-enabled"), "true");
        EXPECT_EQ(reply.Header("x-amz-server-side-encryption-context"), context);
    }
    const Headers customer = Customer(7);
    for (const TestReply& reply :
         {Send("PUT", "/bucket/c", "body", customer), Send("GET", "/bucket/c", "", customer),
          Send("HEAD", "/bucket/c", "", customer)}) {
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.Header("x-amz-server-side-encryption-customer-algorithm"), "AES256");
        EXPECT_EQ(reply.Header("x-amz-server-side-encryption-customer-key-MD5"), customer[2].value);
        EXPECT_FALSE(reply.headers.Has("x-amz-server-side-encryption-customer-key"));
    }
    EXPECT_FALSE(Send("PUT", "/bucket/plain", "x").headers.Has("x-amz-server-side-encryption"));
    EXPECT_EQ(Send("GET", "/bucket/kms").body, "body");
    EXPECT_EQ(Send("GET", "/bucket/c", "", customer).body, "body");
}

TEST_F(S3Encryption, RefusesWhatContradictsItself) {
    using H = http::Header;
    const H key_id{"x-amz-server-side-encryption-aws-kms-key-id", "one"};
    EXPECT_EQ(PutCode({H{"x-amz-server-side-encryption", "AES128"}}), "InvalidArgument");
    EXPECT_EQ(PutCode({H{"x-amz-server-side-encryption", "aws:kms:dsse"}}), "NotImplemented");
    EXPECT_EQ(PutCode(Join(kS3, {key_id})), "InvalidArgument");
    EXPECT_EQ(PutCode({key_id}), "InvalidArgument");
    EXPECT_EQ(PutCode(Join(kS3, Customer(7))), "InvalidArgument");
    EXPECT_EQ(PutCode(Join(kKms, Customer(7))), "InvalidArgument");
    for (const char* context : {"x", "bm8ganNvbg==", "W10=", "eyJhIjoxfQ=="}) {
        EXPECT_EQ(PutCode(Join(kKms, {{"x-amz-server-side-encryption-context", context}})),
                  "InvalidArgument")
            << context;
    }
    EXPECT_EQ(PutCode(Join(kKms, {{"x-amz-server-side-encryption-bucket-key-enabled", "x"}})),
              "InvalidArgument");
    EXPECT_EQ(PutCode({{"x-amz-server-side-encryption", "aws:kms"},
                       {"x-amz-server-side-encryption-aws-kms-key-id", "three"}}),
              "KMS.NotFoundException");
    EXPECT_EQ(Send("GET", "/bucket/refused").status, 404);
}

TEST_F(S3Encryption, ChecksAClientsKey) {
    const auto with = [](size_t header, std::string value) {
        Headers headers = Customer(7);
        headers[header].value = std::move(value);
        return headers;
    };
    const auto without = [](size_t header) {
        Headers headers = Customer(7);
        headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(header));
        return headers;
    };
    EXPECT_EQ(PutCode(with(0, "AES128")), "InvalidEncryptionAlgorithmError");
    EXPECT_EQ(PutCode(without(0)), "InvalidArgument");
    EXPECT_EQ(PutCode(without(1)), "InvalidArgument");
    EXPECT_EQ(PutCode(without(2)), "InvalidArgument");
    EXPECT_EQ(PutCode(with(1, "c2hvcnQ=")), "InvalidArgument");
    EXPECT_EQ(PutCode(with(1, "no base64")), "InvalidArgument");
    EXPECT_EQ(PutCode(with(1, Customer(8)[1].value)), "InvalidArgument");
    EXPECT_EQ(PutCode(with(2, Customer(8)[2].value)), "InvalidArgument");
    EXPECT_EQ(Send("GET", "/bucket/refused").status, 404);
}

TEST_F(S3Encryption, WantsTheClientsKeyOfEveryRead) {
    ASSERT_EQ(Send("PUT", "/bucket/k", "body", Customer(7)).status, 200);
    ASSERT_EQ(Send("PUT", "/bucket/plain", "body").status, 200);
    for (const char* target : {"/bucket/k", "/bucket/k?attributes"}) {
        const Headers wanted = {{"x-amz-object-attributes", "ETag,ObjectSize"}};
        EXPECT_EQ(Send("GET", target, "", wanted).Element("Code"), "InvalidRequest");
        EXPECT_EQ(Send("GET", target, "", Join(wanted, Customer(8))).Element("Code"),
                  "AccessDenied");
        EXPECT_EQ(Send("GET", target, "", Join(wanted, Customer(7))).status, 200);
    }
    EXPECT_EQ(Send("HEAD", "/bucket/k").status, 400);
    EXPECT_EQ(Send("HEAD", "/bucket/k", "", Customer(8)).status, 403);
    EXPECT_EQ(Send("GET", "/bucket/plain", "", Customer(7)).Element("Code"), "InvalidRequest");
    EXPECT_EQ(Send("GET", "/bucket/k?tagging").status, 200) << "tags are not encrypted";
    EXPECT_EQ(Send("GET", "/bucket/k?acl").status, 200);
    EXPECT_EQ(Send("GET", "/bucket/plain", "", kS3).Element("Code"), "InvalidArgument");
    EXPECT_EQ(Send("HEAD", "/bucket/plain", "", kKms).status, 400);
}

TEST_F(S3Encryption, CopiesBetweenKeysOfClients) {
    ASSERT_EQ(Send("PUT", "/bucket/k", "body", Customer(7)).status, 200);
    const Headers source = Join({{"x-amz-copy-source", "/bucket/k"}}, Customer(7, kSource));
    EXPECT_EQ(Send("PUT", "/bucket/copy", "", {{"x-amz-copy-source", "/bucket/k"}}).Element("Code"),
              "InvalidRequest");
    const TestReply copied = Send("PUT", "/bucket/copy", "", Join(source, Customer(8)));
    EXPECT_EQ(copied.status, 200);
    EXPECT_EQ(copied.Header("x-amz-server-side-encryption-customer-algorithm"), "AES256");
    EXPECT_EQ(Send("GET", "/bucket/copy", "", Customer(8)).body, "body");
    EXPECT_EQ(
        Send("PUT", "/bucket/copy", "", Join(source, kKms)).Header("x-amz-server-side-encryption"),
        "aws:kms");
    EXPECT_EQ(Send("GET", "/bucket/copy").body, "body");
}

TEST_F(S3Encryption, OfABucketIsSetReadAndDeleted) {
    const auto code = [&](std::string method, std::string body = "") {
        return Send(std::move(method), "/bucket?encryption", std::move(body)).Element("Code");
    };
    EXPECT_EQ(code("GET"), "ServerSideEncryptionConfigurationNotFoundError");
    EXPECT_EQ(Send("DELETE", "/bucket?encryption").status, 204);
    const std::string document =
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
        "<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>one</KMSMasterKeyID>"
        "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>"
        "</ServerSideEncryptionConfiguration>";
    EXPECT_EQ(code("PUT", "<Nonsense/>"), "MalformedXML");
    EXPECT_EQ(code("GET"), "ServerSideEncryptionConfigurationNotFoundError");
    EXPECT_EQ(Send("PUT", "/bucket?encryption", document).status, 200);
    const TestReply got = Send("GET", "/bucket?encryption");
    EXPECT_EQ(got.Element("SSEAlgorithm"), "aws:kms");
    EXPECT_EQ(got.Element("KMSMasterKeyID"), "one");
    EXPECT_EQ(got.Element("BucketKeyEnabled"), "true");
    EXPECT_EQ(Send("PUT", "/bucket/k", "x").Header("x-amz-server-side-encryption"), "aws:kms");
    EXPECT_EQ(Send("POST", "/bucket/big?uploads").Header("x-amz-server-side-encryption"),
              "aws:kms");
    EXPECT_EQ(Send("DELETE", "/bucket?encryption").status, 204);
    EXPECT_FALSE(Send("PUT", "/bucket/k", "x").headers.Has("x-amz-server-side-encryption"));
}

TEST_F(S3Encryption, IsEnforcedByPolicies) {
    ASSERT_EQ(Send("PUT", "/bucket?policy",
                   R"({"Version":"2012-10-17","Statement":[
            {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
             "Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}},
            {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
             "Condition":{"StringNotEquals":{
                 "s3:x-amz-server-side-encryption-aws-kms-key-id":"two"}}}]})")
                  .status,
              204);
    EXPECT_EQ(Send("PUT", "/bucket/k", "x").Element("Code"), "AccessDenied");
    EXPECT_EQ(Send("PUT", "/bucket/k", "x", kS3).Element("Code"), "AccessDenied");
    EXPECT_EQ(Send("PUT", "/bucket/k", "x", {{"x-amz-server-side-encryption", "aws:kms"}})
                  .Element("Code"),
              "AccessDenied");
    EXPECT_EQ(Send("PUT", "/bucket/k", "x", kKms).status, 200);

    // Parts say nothing of it: their upload did.
    EXPECT_EQ(Send("POST", "/bucket/big?uploads").Element("Code"), "AccessDenied");
    const std::string id = Send("POST", "/bucket/big?uploads", "", kKms).Element("UploadId");
    EXPECT_EQ(Send("PUT", "/bucket/big?partNumber=1&uploadId=" + id, "x").status, 200);
    EXPECT_EQ(Send("PUT", "/bucket/big?partNumber=1&uploadId=none", "x").Element("Code"),
              "AccessDenied");
}

// A key has three spellings, in requests and in policies.
TEST_F(S3Encryption, OfAKeyIsEnforcedHoweverItIsSpelled) {
    const std::vector<std::string> spellings = {"two", "arn:aws:kms:two",
                                                "arn:aws:kms:eu-central-1:123:key/two"};
    const auto kms = [](const std::string& id) {
        return Headers{{"x-amz-server-side-encryption", "aws:kms"},
                       {"x-amz-server-side-encryption-aws-kms-key-id", id}};
    };
    const auto set = [&](std::string_view comparison, std::string_view id) {
        return Send(
                   "PUT", "/bucket?policy",
                   fmt::format(
                       R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*",)"
                       R"("Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*","Condition":)"
                       R"({{"{}":{{"s3:x-amz-server-side-encryption-aws-kms-key-id":"{}"}}}}}}]}})",
                       comparison, id))
            .status;
    };
    for (const std::string& named : spellings) {
        ASSERT_EQ(set("StringEquals", named), 204);
        for (const std::string& sent : spellings)
            EXPECT_EQ(Send("PUT", "/bucket/k", "x", kms(sent)).Element("Code"), "AccessDenied")
                << named << " " << sent;
        EXPECT_EQ(Send("PUT", "/bucket/k", "x", kms("one")).status, 200);

        ASSERT_EQ(set("StringNotEquals", named), 204);
        EXPECT_EQ(Send("PUT", "/bucket/k", "x", kms("one")).Element("Code"), "AccessDenied");
        for (const std::string& sent : spellings) {
            EXPECT_EQ(Send("PUT", "/bucket/k", "x", kms(sent)).status, 200) << named << " " << sent;
            const std::string id =
                Send("POST", "/bucket/big?uploads", "", kms(sent)).Element("UploadId");
            EXPECT_EQ(Send("PUT", "/bucket/big?partNumber=1&uploadId=" + id, "x").status, 200)
                << named << " " << sent;
        }
    }
}

class S3EncryptionOverHttp : public ::testing::Test, public S3Fixture {};

TEST_F(S3EncryptionOverHttp, TakesNoKeysOfClients) {
    ASSERT_EQ(Send("PUT", "/bucket").status, 200);
    ASSERT_EQ(Send("PUT", "/bucket/plain", "x").status, 200);
    const TestReply put = Send("PUT", "/bucket/k", "x", Customer(7));
    EXPECT_EQ(put.Element("Code"), "InvalidRequest");
    EXPECT_NE(put.Element("Message").find("secure connection"), std::string::npos);
    EXPECT_FALSE(put.body_read);
    EXPECT_EQ(Send("GET", "/bucket/plain", "", Customer(7)).Element("Code"), "InvalidRequest");
    EXPECT_EQ(Send("PUT", "/bucket/copy", "",
                   Join({{"x-amz-copy-source", "/bucket/plain"}}, Customer(7, kSource)))
                  .Element("Code"),
              "InvalidRequest");
    EXPECT_EQ(Send("GET", "/bucket/k").status, 404);
}

}  // namespace
}  // namespace coffer::api::s3
