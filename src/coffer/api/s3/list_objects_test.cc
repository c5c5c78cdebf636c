// Listings of objects and of versions.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

class S3Listing : public S3BucketTest {};

TEST_F(S3Listing, ListsObjects) {
    for (const char* key : {"a", "a/b", "a/c", "a%2Bb", "d"})
        Send("PUT", fmt::format("/bucket/{}", key), "x");
    const TestReply all = Send("GET", "/bucket");
    EXPECT_EQ(all.Element("Key"), "a");
    EXPECT_EQ(all.Element("ETag"), "&quot;9dd4e461268c8034f5c8564e155c67a6&quot;");
    EXPECT_EQ(all.Element("IsTruncated"), "false");
    EXPECT_EQ(all.Element("MaxKeys"), "1000");
    EXPECT_EQ(all.Element("StorageClass"), "STANDARD");
    EXPECT_NE(all.Element("Owner"), "");

    const TestReply page = Send("GET", "/bucket?delimiter=/&max-keys=2&encoding-type=url");
    EXPECT_NE(page.body.find("<Key>a</Key>"), std::string::npos);
    EXPECT_NE(page.body.find("<Key>a%2Bb</Key>"), std::string::npos);
    EXPECT_EQ(page.Element("NextMarker"), "a%2Bb");
    const TestReply rest = Send("GET", "/bucket?delimiter=/&marker=a%2Bb");
    EXPECT_NE(rest.body.find("<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"),
              std::string::npos);
    EXPECT_EQ(rest.Element("Key"), "d");
    EXPECT_EQ(rest.Element("NextMarker"), "");

    EXPECT_EQ(Send("GET", "/bucket?max-keys=blah").Element("Code"), "InvalidArgument");
    EXPECT_EQ(Send("GET", "/bucket?max-keys=-1").Element("Code"), "InvalidArgument");
    EXPECT_EQ(Send("GET", "/bucket?max-keys=5000").Element("MaxKeys"), "1000");
    EXPECT_EQ(Send("GET", "/bucket?max-keys=0").Element("IsTruncated"), "false");
    EXPECT_EQ(Send("GET", "/bucket?encoding-type=latin").Element("Code"), "InvalidArgument");
    EXPECT_EQ(Send("GET", "/bucket?prefix=%ff").Element("Code"), "InvalidArgument");
    EXPECT_EQ(Send("GET", "/missing").Element("Code"), "NoSuchBucket");
}

TEST_F(S3Listing, ListsObjectsByContinuationToken) {
    for (const char* key : {"a", "b", "c"})
        Send("PUT", fmt::format("/bucket/{}", key), "x");
    const TestReply first = Send("GET", "/bucket?list-type=2&max-keys=1&start-after=a");
    EXPECT_EQ(first.Element("Key"), "b");
    EXPECT_EQ(first.Element("KeyCount"), "1");
    EXPECT_EQ(first.Element("StartAfter"), "a");
    EXPECT_EQ(first.Element("Owner"), "");
    const std::string token = first.Element("NextContinuationToken");
    const TestReply second = Send(
        "GET", "/bucket?list-type=2&fetch-owner=true&start-after=a&continuation-token=" + token);
    EXPECT_EQ(second.Element("Key"), "c");
    EXPECT_EQ(second.Element("ContinuationToken"), token);
    EXPECT_NE(second.Element("Owner"), "");
    EXPECT_EQ(Send("GET", "/bucket?list-type=2&continuation-token=").Element("KeyCount"), "3");
    EXPECT_EQ(Send("GET", "/bucket?list-type=2&continuation-token=*").Element("Code"),
              "InvalidArgument");
}

TEST_F(S3Listing, ListsVersionsWhichAreAllNull) {
    Send("PUT", "/bucket/a", "x");
    const TestReply list = Send("GET", "/bucket?versions");
    EXPECT_EQ(list.Element("Key"), "a");
    EXPECT_EQ(list.Element("VersionId"), "null");
    EXPECT_EQ(list.Element("IsLatest"), "true");
    EXPECT_EQ(Send("GET", "/bucket?versions&version-id-marker=null").Element("Code"),
              "InvalidArgument");
    EXPECT_EQ(Send("GET", "/bucket/a?versionId=null").body, "x");
    EXPECT_EQ(Send("GET", "/bucket/a?versionId=").Element("Code"), "InvalidArgument");
    EXPECT_EQ(Send("DELETE", "/bucket/a?versionId=null").status, 204);
    EXPECT_EQ(Send("GET", "/bucket/a").status, 404);
}

}  // namespace
}  // namespace coffer::api::s3
