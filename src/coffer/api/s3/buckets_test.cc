// Making a bucket that is one's own already.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

S3Options Recreating() {
    S3Options options;
    options.recreate_own_bucket = true;
    return options;
}

TEST(Buckets, OnesOwnIsRefusedAsInMostRegions) {
    S3Fixture s3;
    EXPECT_EQ(s3.Send("PUT", "/own").status, 200);
    EXPECT_EQ(s3.Send("PUT", "/own").Element("Code"), "BucketAlreadyOwnedByYou");
}

TEST(Buckets, OnesOwnIsMadeAgainWhereThatIsAskedFor) {
    S3Fixture s3(Recreating(), codec::Ownership::kObjectWriter);
    EXPECT_EQ(s3.Send("PUT", "/own").status, 200);
    EXPECT_EQ(s3.Send("PUT", "/own/a", "x").status, 200);
    EXPECT_EQ(s3.Send("PUT", "/own").status, 200);
    EXPECT_EQ(s3.Send("PUT", "/own", "", {{"x-amz-acl", "private"}}).status, 200);
    EXPECT_EQ(s3.Send("GET", "/own/a").body, "x");
}

TEST(Buckets, MadeAgainItsAclNeitherOpensNorClosesIt) {
    S3Fixture s3(Recreating(), codec::Ownership::kObjectWriter);
    EXPECT_EQ(s3.Send("PUT", "/own").status, 200);
    EXPECT_EQ(s3.Send("PUT", "/own", "", {{"x-amz-acl", "public-read"}}).Element("Code"),
              "BucketAlreadyExists");
    EXPECT_EQ(s3.Send("PUT", "/open", "", {{"x-amz-acl", "public-read"}}).status, 200);
    EXPECT_EQ(s3.Send("PUT", "/open").Element("Code"), "BucketAlreadyExists");
    EXPECT_NE(s3.Send("GET", "/open?acl").body.find("AllUsers"), std::string::npos);
}

}  // namespace
}  // namespace coffer::api::s3
