// Lifecycle rules as clients set them, and what replies tell of them. What rules mean is tested in
// codec/, what they do in job/lifecycle_test.cc.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

std::string Rules(std::string_view rules) {
    return fmt::format("<LifecycleConfiguration>{}</LifecycleConfiguration>", rules);
}

class S3Lifecycle : public ::testing::Test, public S3Fixture {
  protected:
    S3Lifecycle() {
        EXPECT_EQ(Send("PUT", "/bucket").status, 200);
        services.clock.Set(codec::ParseIso8601("2026-11-15T10:30:00Z").value());
    }

    void Put(std::string_view rules) {
        const TestReply put = Send("PUT", "/bucket?lifecycle", Rules(rules));
        ASSERT_EQ(put.status, 200) << put.body;
    }
    std::string Expiration(std::string method, std::string target, std::string body = {},
                           std::vector<http::Header> headers = {}) {
        const TestReply reply =
            Send(std::move(method), std::move(target), std::move(body), std::move(headers));
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.Header("x-amz-expiration");
    }
};

constexpr std::string_view kThreeDays =
    "<Rule><ID>three days</ID><Filter><Prefix>tmp/</Prefix></Filter><Status>Enabled</Status>"
    "<Expiration><Days>3</Days></Expiration></Rule>";
constexpr std::string_view kTold =
    "expiry-date=\"Thu, 19 Nov 2026 00:00:00 GMT\", rule-id=\"three%20days\"";

TEST_F(S3Lifecycle, RulesAreSetReadAndDeleted) {
    EXPECT_EQ(Send("GET", "/bucket?lifecycle").Element("Code"), "NoSuchLifecycleConfiguration");
    Put(kThreeDays);
    const TestReply get = Send("GET", "/bucket?lifecycle");
    EXPECT_EQ(get.Element("ID"), "three days");
    EXPECT_EQ(get.Element("Days"), "3");
    EXPECT_EQ(Send("GET", "/bucket?lifecycle&withUpdatedAt=true")
                  .Header("X-Minio-LifecycleConfig-UpdatedAt"),
              "20261115T103000Z");
    EXPECT_EQ(Send("DELETE", "/bucket?lifecycle").status, 204);
    EXPECT_EQ(Send("GET", "/bucket?lifecycle").status, 404);
    EXPECT_EQ(Send("DELETE", "/bucket?lifecycle").status, 204);
    EXPECT_EQ(Send("PUT", "/missing?lifecycle", Rules(kThreeDays)).Element("Code"), "NoSuchBucket");
}

TEST_F(S3Lifecycle, ARuleWithoutAnIdGetsOne) {
    Put("<Rule><Prefix>a</Prefix><Status>Enabled</Status><Expiration><Days>1</Days></Expiration>"
        "</Rule>");
    EXPECT_EQ(Send("GET", "/bucket?lifecycle").Element("ID").size(), 32U);
}

TEST_F(S3Lifecycle, WhatIsNoRuleChangesNothing) {
    Put(kThreeDays);
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"", "MalformedXML"},
        {"<Rule><Prefix/><Status>On</Status><Expiration><Days>1</Days></Expiration></Rule>",
         "MalformedXML"},
        {"<Rule><Prefix/><Status>Enabled</Status><Expiration><Days>0</Days></Expiration></Rule>",
         "InvalidArgument"},
        {"<Rule><Prefix/><Status>Enabled</Status></Rule>", "InvalidRequest"},
        {"<Rule><Prefix/><Status>Enabled</Status><Transition><Days>1</Days>"
         "<StorageClass>GLACIER</StorageClass></Transition></Rule>",
         "NotImplemented"},
    };
    for (const auto& [rules, code] : cases)
        EXPECT_EQ(Send("PUT", "/bucket?lifecycle", Rules(rules)).Element("Code"), code) << rules;
    EXPECT_EQ(Send("GET", "/bucket?lifecycle").Element("ID"), "three days");
}

TEST_F(S3Lifecycle, RepliesTellWhenAnObjectExpires) {
    Put(kThreeDays);
    EXPECT_EQ(Expiration("PUT", "/bucket/tmp/a", "body"), kTold);
    EXPECT_EQ(Expiration("GET", "/bucket/tmp/a"), kTold);
    EXPECT_EQ(Expiration("HEAD", "/bucket/tmp/a"), kTold);
    EXPECT_EQ(Expiration("PUT", "/bucket/tmp/b", "", {{"x-amz-copy-source", "bucket/tmp/a"}}),
              kTold);
    EXPECT_EQ(Expiration("PUT", "/bucket/kept", "body"), "");
    EXPECT_EQ(Expiration("GET", "/bucket/kept"), "");
    ASSERT_EQ(Send("DELETE", "/bucket?lifecycle").status, 204);
    EXPECT_EQ(Expiration("HEAD", "/bucket/tmp/a"), "");
}

TEST_F(S3Lifecycle, RepliesTellWhenAnUploadIsAborted) {
    Put("<Rule><ID>stale</ID><Prefix/><Status>Enabled</Status><AbortIncompleteMultipartUpload>"
        "<DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>");
    const TestReply created = Send("POST", "/bucket/k?uploads");
    const std::string id = created.Element("UploadId");
    for (const TestReply& reply : {created, Send("GET", "/bucket/k?uploadId=" + id)}) {
        EXPECT_EQ(reply.Header("x-amz-abort-date"), "Mon, 23 Nov 2026 00:00:00 GMT");
        EXPECT_EQ(reply.Header("x-amz-abort-rule-id"), "stale");
    }
}

}  // namespace
}  // namespace coffer::api::s3
