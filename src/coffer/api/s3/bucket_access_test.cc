// Policies of buckets and their public access block, as clients set them and meet them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "coffer/codec/base64.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kPublicRead =
    R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::bucket/open/*"]}]})";

class BucketAccess : public ::testing::Test, public S3Fixture {
  protected:
    BucketAccess() {
        EXPECT_EQ(Send("PUT", "/bucket").status, 200);
        EXPECT_EQ(Send("PUT", "/bucket/open/a", "A").status, 200);
        EXPECT_EQ(Send("PUT", "/bucket/closed/a", "A").status, 200);
    }

    TestReply Anonymously(std::string method, std::string target, std::string body = {}) {
        return Send(TestRequest{.method = std::move(method),
                                .target = std::move(target),
                                .body = std::move(body),
                                .sign = false});
    }

    void PutPolicy(std::string_view document) {
        const TestReply put = Send("PUT", "/bucket?policy", std::string(document));
        ASSERT_EQ(put.status, 204) << put.body;
    }
};

TEST_F(BucketAccess, APolicyComesBackAsItWasSent) {
    EXPECT_EQ(Send("GET", "/bucket?policy").Element("Code"), "NoSuchBucketPolicy");
    PutPolicy(kPublicRead);
    const TestReply get = Send("GET", "/bucket?policy");
    EXPECT_EQ(get.body, kPublicRead);
    EXPECT_EQ(get.Header("Content-Type"), "application/json");
    EXPECT_EQ(Send("DELETE", "/bucket?policy").status, 204);
    EXPECT_EQ(Send("GET", "/bucket?policy").status, 404);
    EXPECT_EQ(Send("DELETE", "/bucket?policy").status, 204);
}

TEST_F(BucketAccess, AnonymousRequestsMayWhatThePolicyAllows) {
    EXPECT_EQ(Anonymously("GET", "/bucket/open/a").status, 403);
    PutPolicy(kPublicRead);
    EXPECT_EQ(Anonymously("GET", "/bucket/open/a").body, "A");
    EXPECT_EQ(Anonymously("HEAD", "/bucket/open/a").status, 200);
    EXPECT_EQ(Anonymously("GET", "/bucket/closed/a").status, 403);
    EXPECT_EQ(Anonymously("PUT", "/bucket/open/b", "B").Element("Code"), "AccessDenied");
    EXPECT_EQ(Anonymously("DELETE", "/bucket/open/a").status, 403);
    EXPECT_EQ(Anonymously("GET", "/bucket").status, 403);
    EXPECT_EQ(Anonymously("GET", "/bucket?policy").status, 403);
    EXPECT_EQ(Send("GET", "/bucket?policyStatus").Element("IsPublic"), "true");
}

TEST_F(BucketAccess, WhoMayNotListDoesNotLearnWhatIsMissing) {
    PutPolicy(kPublicRead);
    EXPECT_EQ(Anonymously("GET", "/bucket/open/missing").Element("Code"), "AccessDenied");
    EXPECT_EQ(Anonymously("HEAD", "/bucket/open/missing").status, 403);
    EXPECT_EQ(Send("GET", "/bucket/open/missing").Element("Code"), "NoSuchKey");
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":["s3:GetObject","s3:ListBucket"],
            "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]})");
    EXPECT_EQ(Anonymously("GET", "/bucket/open/missing").Element("Code"), "NoSuchKey");
    EXPECT_EQ(Anonymously("GET", "/bucket").status, 200);
}

TEST_F(BucketAccess, EachKeyOfADeletionIsAskedFor) {
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/open/*"}]})");
    const std::string document =
        "<Delete><Object><Key>open/a</Key></Object><Object><Key>closed/a</Key></Object></Delete>";
    const TestReply reply = Send(TestRequest{
        .method = "POST",
        .target = "/bucket?delete",
        .headers = {{"Content-MD5", codec::Base64Encode(codec::Md5(AsBytes(document)))}},
        .body = document,
        .sign = false});
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_NE(reply.body.find("<Deleted><Key>open/a</Key></Deleted>"), std::string::npos)
        << reply.body;
    EXPECT_NE(reply.body.find("<Error><Key>closed/a</Key><Code>AccessDenied</Code>"),
              std::string::npos)
        << reply.body;
    EXPECT_EQ(Send("GET", "/bucket/open/a").status, 404);
    EXPECT_EQ(Send("GET", "/bucket/closed/a").status, 200);
}

TEST_F(BucketAccess, ACopyAsksForItsSource) {
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::bucket/open/*"}]})");
    const auto copy = [&](std::string source) {
        return Send(TestRequest{.method = "PUT",
                                .target = "/bucket/open/copy",
                                .headers = {{"x-amz-copy-source", std::move(source)}},
                                .sign = false})
            .status;
    };
    EXPECT_EQ(copy("bucket/open/a"), 200);
    EXPECT_EQ(copy("bucket/closed/a"), 403);
}

TEST_F(BucketAccess, ConditionsSeeTheRequest) {
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket",
             "Condition":{"StringEquals":{"s3:prefix":"open/"}}},
            {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
             "Condition":{"Null":{"s3:x-amz-server-side-encryption":"true"}}}]})");
    EXPECT_EQ(Anonymously("GET", "/bucket?prefix=open/").status, 200);
    EXPECT_EQ(Anonymously("GET", "/bucket?prefix=closed/").status, 403);
    EXPECT_EQ(Anonymously("GET", "/bucket").status, 403);
    EXPECT_EQ(Send("PUT", "/bucket/x", "X").Element("Code"), "AccessDenied");
}

TEST_F(BucketAccess, ConditionsSeeTheTagsOfTheVersionThatIsMeant) {
    EXPECT_EQ(Send("PUT", "/bucket?versioning",
                   "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
                  .status,
              200);
    const TestReply open = Send("PUT", "/bucket/a", "old", {{"x-amz-tagging", "show=yes"}});
    const std::string old = "/bucket/a?versionId=" + open.Header("x-amz-version-id");
    EXPECT_EQ(Send("PUT", "/bucket/a", "new", {{"x-amz-tagging", "show=no"}}).status, 200);
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":["s3:GetObject","s3:GetObjectVersion","s3:PutObject"],
            "Resource":"arn:aws:s3:::bucket/*"},
           {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:GetObjectVersion"],
            "Resource":"arn:aws:s3:::bucket/*",
            "Condition":{"StringEquals":{"s3:ExistingObjectTag/show":"no"}}}]})");
    EXPECT_EQ(Anonymously("GET", "/bucket/a").status, 403);
    EXPECT_EQ(Anonymously("GET", old).body, "old");
    EXPECT_EQ(Anonymously("GET", "/bucket/open/a").body, "A");
    const auto copy = [&](std::string source) {
        return Send(TestRequest{.method = "PUT",
                                .target = "/bucket/copy",
                                .headers = {{"x-amz-copy-source", std::move(source)}},
                                .sign = false})
            .status;
    };
    EXPECT_EQ(copy("bucket/a"), 403);
    EXPECT_EQ(copy("bucket/open/a"), 200);
    EXPECT_EQ(
        Send("PUT", "/bucket/a?tagging",
             "<Tagging><TagSet><Tag><Key>show</Key><Value>yes</Value></Tag></TagSet></Tagging>")
            .status,
        200);
    EXPECT_EQ(Anonymously("GET", "/bucket/a").body, "new");
}

TEST_F(BucketAccess, ConditionsSeeTheTagsOfADocument) {
    const auto tag = [&](std::string target, std::string_view value,
                         std::vector<http::Header> headers = {}) {
        return Send(TestRequest{
                        .method = "PUT",
                        .target = std::move(target),
                        .headers = std::move(headers),
                        .body = fmt::format("<Tagging><TagSet><Tag><Key>env</Key><Value>{}</Value>"
                                            "</Tag></TagSet></Tagging>",
                                            value),
                        .sign = false})
            .status;
    };
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":["s3:PutObjectTagging"],"Resource":"arn:aws:s3:::bucket/*",
            "Condition":{"StringEquals":{"s3:RequestObjectTag/env":"prod"}}}]})");
    EXPECT_EQ(tag("/bucket/open/a?tagging", "prod"), 200);
    EXPECT_EQ(tag("/bucket/open/a?tagging", "test"), 403);
    EXPECT_EQ(tag("/bucket/open/a?tagging", "test", {{"x-amz-tagging", "env=prod"}}), 403);
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":["s3:PutObjectTagging"],"Resource":"arn:aws:s3:::bucket/*",
            "Condition":{"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["owner"]}}}]})");
    EXPECT_EQ(tag("/bucket/open/a?tagging", "prod"), 403);
}

// Each version of a deletion, and the source of a copy, are asked for as what they are.
TEST_F(BucketAccess, ConditionsSeeTheVersionThatIsMeant) {
    EXPECT_EQ(Send("PUT", "/bucket?versioning",
                   "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
                  .status,
              200);
    const std::string id = Send("PUT", "/bucket/a", "kept").Header("x-amz-version-id");
    PutPolicy(fmt::format(
        R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*",
            "Action":["s3:GetObjectVersion","s3:DeleteObjectVersion","s3:PutObject"],
            "Resource":"arn:aws:s3:::bucket/*"}},
           {{"Effect":"Deny","Principal":"*",
            "Action":["s3:GetObjectVersion","s3:DeleteObjectVersion"],
            "Resource":"arn:aws:s3:::bucket/*",
            "Condition":{{"StringEquals":{{"s3:VersionId":"{}"}}}}}}]}})",
        id));
    EXPECT_EQ(Anonymously("GET", "/bucket/a?versionId=" + id).status, 403);
    EXPECT_EQ(Anonymously("DELETE", "/bucket/a?versionId=" + id).status, 403);
    const std::string document =
        fmt::format("<Delete><Object><Key>a</Key><VersionId>{}</VersionId></Object></Delete>", id);
    const TestReply many = Send(TestRequest{
        .method = "POST",
        .target = "/bucket?delete",
        .headers = {{"Content-MD5", codec::Base64Encode(codec::Md5(AsBytes(document)))}},
        .body = document,
        .sign = false});
    EXPECT_EQ(many.Element("Code"), "AccessDenied") << many.body;
    const TestReply copy =
        Send(TestRequest{.method = "PUT",
                         .target = "/bucket/copy",
                         .headers = {{"x-amz-copy-source", "bucket/a?versionId=" + id}},
                         .sign = false});
    EXPECT_EQ(copy.status, 403);
    EXPECT_EQ(Send("DELETE", "/bucket?policy").status, 204);
    EXPECT_EQ(Send("GET", "/bucket/a?versionId=" + id).body, "kept");
}

TEST_F(BucketAccess, EachKeyOfADeletionHasItsOwnCondition) {
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
            "Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/*",
            "Condition":{"Null":{"s3:if-match":"false"}}}]})");
    const auto remove = [&](std::string_view condition, std::vector<http::Header> headers) {
        const std::string document =
            fmt::format("<Delete><Object><Key>open/a</Key>{}</Object></Delete>", condition);
        headers.push_back({"Content-MD5", codec::Base64Encode(codec::Md5(AsBytes(document)))});
        return Send(TestRequest{.method = "POST",
                                .target = "/bucket?delete",
                                .headers = std::move(headers),
                                .body = document,
                                .sign = false})
            .Element("Code");
    };
    EXPECT_EQ(remove("", {{"If-Match", "*"}}), "AccessDenied");
    const std::string etag = Send("HEAD", "/bucket/open/a").Header("ETag");
    EXPECT_EQ(remove("<ETag>" + etag + "</ETag>", {}), "");
}

TEST_F(BucketAccess, TagsAreCopiedByWhoMayReadAndWriteThem) {
    EXPECT_EQ(Send("PUT", "/bucket/open/tagged", "x", {{"x-amz-tagging", "a=1"}}).status, 200);
    const auto copy = [&](std::string source, std::vector<http::Header> headers = {}) {
        headers.push_back({"x-amz-copy-source", std::move(source)});
        return Send(TestRequest{.method = "PUT",
                                .target = "/bucket/open/copy",
                                .headers = std::move(headers),
                                .sign = false})
            .status;
    };
    const auto allow = [&](std::string_view more) {
        PutPolicy(fmt::format(
            R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*",
                "Action":["s3:PutObject","s3:GetObject"{}],
                "Resource":"arn:aws:s3:::bucket/open/*"}}]}})",
            more));
    };
    allow("");
    EXPECT_EQ(copy("bucket/open/a"), 200) << "it has none";
    EXPECT_EQ(copy("bucket/open/tagged"), 403);
    EXPECT_EQ(copy("bucket/open/tagged", {{"x-amz-tagging-directive", "REPLACE"}}), 200);
    allow(R"(,"s3:GetObjectTagging")");
    EXPECT_EQ(copy("bucket/open/tagged"), 403);
    allow(R"(,"s3:GetObjectTagging","s3:PutObjectTagging")");
    EXPECT_EQ(copy("bucket/open/tagged"), 200);
    EXPECT_EQ(Send("HEAD", "/bucket/open/copy").Header("x-amz-tagging-count"), "1");
}

TEST_F(BucketAccess, TheSourceOfACopyIsTheOneThatIsCopied) {
    EXPECT_EQ(Send("PUT", "/bucket/report.csv%3F2024", "secret").status, 200);
    PutPolicy(
        R"({"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"},
            {"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/*",
             "Condition":{"StringEquals":{"s3:x-amz-copy-source":"bucket/report.csv"}}}]})");
    const TestReply copy =
        Send(TestRequest{.method = "PUT",
                         .target = "/bucket/copy",
                         .headers = {{"x-amz-copy-source", "bucket/report.csv?2024"}},
                         .sign = false});
    EXPECT_EQ(copy.status, 403);
}

TEST_F(BucketAccess, WhatIsNoPolicyIsRefusedAndChangesNothing) {
    PutPolicy(kPublicRead);
    for (
        const std::string_view document :
        {"", "{", "[]", R"({"Version":"2012-10-17","Statement":[]})",
         R"({"Version":"1999-01-01","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::bucket/*"}]})",
         R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}]})"}) {
        const TestReply put = Send("PUT", "/bucket?policy", std::string(document));
        EXPECT_EQ(put.status, 400) << document;
        EXPECT_EQ(put.Element("Code"), "MalformedPolicy") << document;
    }
    EXPECT_EQ(Send("GET", "/bucket?policy").body, kPublicRead);
    EXPECT_EQ(Send("PUT", "/missing?policy", std::string(kPublicRead)).Element("Code"),
              "NoSuchBucket");
}

TEST_F(BucketAccess, ThePublicAccessBlockKeepsThePublicOut) {
    EXPECT_EQ(Send("GET", "/bucket?publicAccessBlock").Element("Code"),
              "NoSuchPublicAccessBlockConfiguration");
    const std::string block =
        "<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy>"
        "<RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>";
    EXPECT_EQ(Send("PUT", "/bucket?publicAccessBlock", block).status, 200);
    const TestReply get = Send("GET", "/bucket?publicAccessBlock");
    EXPECT_EQ(get.Element("BlockPublicPolicy"), "true");
    EXPECT_EQ(get.Element("BlockPublicAcls"), "false");
    EXPECT_EQ(Send("PUT", "/bucket?policy", std::string(kPublicRead)).status, 403);
    EXPECT_EQ(Send("DELETE", "/bucket?publicAccessBlock").status, 204);
    PutPolicy(kPublicRead);
    EXPECT_EQ(Send("PUT", "/bucket?publicAccessBlock", block).status, 200);
    EXPECT_EQ(Anonymously("GET", "/bucket/open/a").status, 403);
    EXPECT_EQ(Send("PUT", "/bucket?publicAccessBlock", "<Other/>").Element("Code"), "MalformedXML");
}

}  // namespace
}  // namespace coffer::api::s3
