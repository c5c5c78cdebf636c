// DeleteObjects: what it takes, and what it tells of each key.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

class S3Deletion : public S3BucketTest {
  protected:
    TestReply DeleteKeys(std::string document) {
        return Send("POST", "/bucket?delete", document, {{"Content-MD5", ContentMd5(document)}});
    }
};

TEST_F(S3Deletion, DeletesManyObjects) {
    for (const char* key : {"a", "b", "c"})
        Send("PUT", fmt::format("/bucket/{}", key), "x");
    const TestReply loud = DeleteKeys(
        "<Delete><Object><Key>a</Key><VersionId>null</VersionId></Object>"
        "<Object><Key>missing</Key></Object></Delete>");
    EXPECT_EQ(loud.status, 200);
    EXPECT_NE(loud.body.find("<Deleted><Key>a</Key><VersionId>null</VersionId></Deleted>"),
              std::string::npos);
    EXPECT_NE(loud.body.find("<Deleted><Key>missing</Key></Deleted>"), std::string::npos);
    const TestReply quiet =
        DeleteKeys("<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>");
    EXPECT_EQ(quiet.body.find("<Key>"), std::string::npos);
    const TestReply mixed = DeleteKeys(
        fmt::format("<Delete><Object><Key>{}</Key></Object><Object><Key>c</Key></Object></Delete>",
                    std::string(1025, 'k')));
    EXPECT_EQ(mixed.Element("Code"), "KeyTooLongError");
    EXPECT_NE(mixed.body.find("<Deleted><Key>c</Key></Deleted>"), std::string::npos);
    EXPECT_EQ(Send("GET", "/bucket?list-type=2").Element("KeyCount"), "0");
}

TEST_F(S3Deletion, RefusesDeletionsThatItCantBeSureOf) {
    Send("PUT", "/bucket/a", "x");
    const std::string document = "<Delete><Object><Key>a</Key></Object></Delete>";
    EXPECT_EQ(Send("POST", "/bucket?delete", document).Element("Code"), "InvalidRequest");
    EXPECT_EQ(Send("POST", "/bucket?delete", document, {{"Content-MD5", ContentMd5("other")}})
                  .Element("Code"),
              "BadDigest");
    EXPECT_EQ(Send("POST", "/bucket?delete", document, {{"x-amz-checksum-crc32", "AAAAAA=="}})
                  .Element("Code"),
              "BadDigest");
    EXPECT_EQ(DeleteKeys("<Delete></Delete>").Element("Code"), "MalformedXML");
    EXPECT_EQ(DeleteKeys("<Delete><Object><Key></Key></Object></Delete>").Element("Code"),
              "MalformedXML");
    EXPECT_EQ(
        DeleteKeys("<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>").Element("Code"),
        "MalformedXML");
    EXPECT_EQ(
        DeleteKeys("<!DOCTYPE x><Delete><Object><Key>a</Key></Object></Delete>").Element("Code"),
        "MalformedXML");
    std::string many = "<Delete>";
    for (int i = 0; i < 1001; ++i)
        many += fmt::format("<Object><Key>a{}</Key></Object>", i);
    EXPECT_EQ(DeleteKeys(many + "</Delete>").Element("Code"), "MalformedXML");
    EXPECT_EQ(Send("GET", "/bucket/a").status, 200);
}

}  // namespace
}  // namespace coffer::api::s3
