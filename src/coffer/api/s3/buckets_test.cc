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

TEST(Buckets, OnesOwnIsNotMadeAgainWhereItLacksWhatIsAskedFor) {
    S3Fixture s3(Recreating());
    const auto make = [&](std::string target, std::string header, std::string value) {
        return s3.Send("PUT", std::move(target), "", {{std::move(header), std::move(value)}});
    };
    const std::string lock = "x-amz-bucket-object-lock-enabled";
    const std::string ownership = "x-amz-object-ownership";
    EXPECT_EQ(s3.Send("PUT", "/plain").status, 200);
    const TestReply unlocked = make("/plain", lock, "true");
    EXPECT_EQ(unlocked.status, 409);
    EXPECT_EQ(unlocked.Element("Code"), "BucketAlreadyOwnedByYou");
    EXPECT_EQ(make("/plain", ownership, "ObjectWriter").Element("Code"), "BucketAlreadyOwnedByYou");
    EXPECT_EQ(make("/plain", ownership, "BucketOwnerEnforced").status, 200);
    EXPECT_EQ(make("/locked", lock, "true").status, 200);
    EXPECT_EQ(make("/locked", lock, "true").status, 200);
    EXPECT_EQ(make("/writers", ownership, "ObjectWriter").status, 200);
    EXPECT_EQ(make("/writers", ownership, "ObjectWriter").status, 200);
    EXPECT_EQ(make("/writers", ownership, "BucketOwnerEnforced").Element("Code"),
              "BucketAlreadyOwnedByYou");
    EXPECT_EQ(s3.Send("PUT", "/writers").status, 200);
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
