// What MinIO's clients ask of S3 beyond S3.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

class MinioExtensions : public ::testing::Test, public S3Fixture {
  protected:
    MinioExtensions() { EXPECT_EQ(Send("PUT", "/bucket").status, 200); }
};

TEST_F(MinioExtensions, AListingTellsMetadataAndTagsWhereItIsAskedFor) {
    Send("PUT", "/bucket/a", "x",
         {{"Content-Type", "image/png"},
          {"x-amz-meta-my-color", "b&w"},
          {"x-amz-meta-a!b", "no name in XML"},
          {"x-amz-tagging", "x=1&y=a%20b"}});
    Send("PUT", "/bucket/b", "x");
    const TestReply list = Send("GET", "/bucket?list-type=2&metadata=true");
    EXPECT_EQ(list.status, 200) << list.body;
    EXPECT_EQ(list.Element("content-type"), "image/png");
    EXPECT_EQ(list.Element("X-Amz-Meta-My-Color"), "b&amp;w");
    EXPECT_EQ(list.Element("UserTags"), "x=1&amp;y=a%20b");
    EXPECT_EQ(list.body.find("no name"), std::string::npos);
    for (const std::string_view target :
         {"/bucket?list-type=2", "/bucket?list-type=2&metadata=false", "/bucket?metadata=true"}) {
        const TestReply plain = Send("GET", std::string(target));
        EXPECT_EQ(plain.status, 200) << target;
        EXPECT_EQ(plain.body.find("UserMetadata"), std::string::npos) << target;
    }
}

TEST_F(MinioExtensions, AListingOfMetadataIsUtf8WhateverCame) {
    Send("PUT", "/bucket/a", "x",
         {{"Content-Disposition", "attachment; filename=\"caf\xe9.txt\""}});
    const TestReply list = Send("GET", "/bucket?list-type=2&metadata=true");
    EXPECT_EQ(list.Element("content-disposition"),
              "attachment; filename=&quot;caf\xc3\xa9.txt&quot;");
    EXPECT_EQ(Send("GET", "/bucket/a").Header("Content-Disposition"),
              "attachment; filename=\"caf\xe9.txt\"");
}

TEST_F(MinioExtensions, AListingTellsOfMetadataOnlyWhatOneMayReadAnyway) {
    for (const std::string_view key : {"open", "closed"})
        Send("PUT", "/bucket/" + std::string(key), "x",
             {{"x-amz-meta-of", std::string(key)}, {"x-amz-tagging", "of=" + std::string(key)}});
    EXPECT_EQ(Send("PUT", "/bucket?policy",
                   R"({"Version":"2012-10-17","Statement":[
                       {"Effect":"Allow","Principal":"*","Action":"s3:ListBucket",
                        "Resource":"arn:aws:s3:::bucket"},
                       {"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
                        "Resource":"arn:aws:s3:::bucket/open"}]})")
                  .status,
              204);
    const TestReply list = Send(
        TestRequest{.method = "GET", .target = "/bucket?list-type=2&metadata=true", .sign = false});
    EXPECT_EQ(list.status, 200);
    EXPECT_NE(list.body.find("<X-Amz-Meta-Of>open</X-Amz-Meta-Of>"), std::string::npos);
    EXPECT_EQ(list.body.find("<X-Amz-Meta-Of>closed</X-Amz-Meta-Of>"), std::string::npos);
    EXPECT_NE(list.body.find("<Key>closed</Key>"), std::string::npos);
    EXPECT_EQ(list.body.find("UserTags"), std::string::npos);
}

TEST_F(MinioExtensions, ABucketIsMadeByForceWhereItMayBeThere) {
    EXPECT_EQ(Send("PUT", "/bucket").Element("Code"), "BucketAlreadyOwnedByYou");
    Send("PUT", "/bucket/a", "x");
    EXPECT_EQ(Send("PUT", "/bucket", "", {{"x-minio-force-create", "true"}}).status, 200);
    EXPECT_EQ(Send("GET", "/bucket/a").body, "x");
    EXPECT_EQ(Send("PUT", "/another", "", {{"x-minio-force-create", "true"}}).status, 200);
    EXPECT_EQ(Send("PUT", "/bucket", "", {{"x-minio-force-create", "false"}}).status, 409);
}

TEST_F(MinioExtensions, ABucketThatLacksWhatIsAskedForIsNotMadeByForce) {
    const auto make = [&](std::string target, std::string header, std::string value) {
        return Send("PUT", std::move(target), "",
                    {{"x-minio-force-create", "true"}, {std::move(header), std::move(value)}});
    };
    const std::string lock = "x-amz-bucket-object-lock-enabled";
    EXPECT_EQ(make("/bucket", lock, "true").Element("Code"), "BucketAlreadyOwnedByYou");
    EXPECT_EQ(make("/bucket", lock, "false").status, 200);
    EXPECT_EQ(make("/locked", lock, "true").status, 200);
    EXPECT_EQ(make("/locked", lock, "true").status, 200);
    EXPECT_EQ(Send("PUT", "/locked", "", {{"x-minio-force-create", "true"}}).status, 200);
}

TEST_F(MinioExtensions, ABucketIsDeletedByForceWithAllThatItHolds) {
    EXPECT_EQ(Send("PUT", "/bucket?versioning",
                   "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
                  .status,
              200);
    for (int i = 0; i < 3; ++i)
        Send("PUT", "/bucket/a", std::to_string(i));
    Send("DELETE", "/bucket/a");
    Send("PUT", "/bucket/b/c", "x");
    EXPECT_EQ(Send("DELETE", "/bucket").Element("Code"), "BucketNotEmpty");
    EXPECT_EQ(Send("DELETE", "/bucket", "", {{"x-minio-force-delete", "true"}}).status, 204);
    EXPECT_EQ(Send("HEAD", "/bucket").status, 404);
    EXPECT_EQ(services.StoredCopies(), 0U);
}

// Whenever another account gets the name.
TEST_F(MinioExtensions, ABucketThatWasNotJudgedIsNotDeletedByForce) {
    const service::Accounts::Created other = testing::RunTask(accounts.Create("other")).value();
    const auto by_other = [&](std::string method, std::string target) {
        return TestRequest{.method = std::move(method),
                           .target = std::move(target),
                           .access_key = other.key.access_key,
                           .secret_key = std::string(other.key.secret_key.Reveal())};
    };
    const TestRequest by_force{
        .method = "DELETE", .target = "/bucket", .headers = {{"x-minio-force-delete", "true"}}};
    bool happened = true;
    const auto replace = [&]() -> Task<void> {
        happened = true;
        EXPECT_EQ((co_await Exchange(by_force)).status, 204);
        EXPECT_EQ((co_await Exchange(by_other("PUT", "/bucket"))).status, 200);
        EXPECT_EQ((co_await Exchange(by_other("PUT", "/bucket/theirs"))).status, 200);
    };
    for (const bool before_read : {true, false}) {
        int refused_late = 0;
        happened = true;
        for (int n = 1; happened; ++n) {
            SCOPED_TRACE(n);
            ASSERT_EQ(Send("PUT", "/bucket/ours", "x").status, 200);
            happened = false;
            if (before_read)
                services.database->BeforeRead(n, replace);
            else
                services.database->BeforeWrite(n, replace);
            const TestReply reply = Send(by_force);
            services.database->GoOn();
            if (!happened) {
                EXPECT_EQ(reply.status, 204);
            } else {
                const std::string code = reply.Element("Code");
                EXPECT_TRUE(code == "AccessDenied" || code == "NoSuchBucket") << reply.body;
                if (code == "NoSuchBucket") ++refused_late;
                EXPECT_EQ(Send(by_other("DELETE", "/bucket/theirs")).status, 204);
                EXPECT_EQ(Send(by_other("DELETE", "/bucket")).status, 204) << "it is still there";
            }
            EXPECT_EQ(Send("PUT", "/bucket").status, 200);
        }
        EXPECT_GE(refused_late, 2);
    }
}

TEST_F(MinioExtensions, ObjectsAreNotDeletedByForce) {
    Send("PUT", "/bucket");
    Send("PUT", "/bucket/dir/a", "x");
    const TestReply reply = Send("DELETE", "/bucket/dir/", "", {{"x-minio-force-delete", "true"}});
    EXPECT_EQ(reply.status, 501);
    EXPECT_EQ(reply.Element("Code"), "NotImplemented");
    EXPECT_EQ(Send("GET", "/bucket/dir/a").status, 200);
}

TEST_F(MinioExtensions, ABucketWithObjectLockIsNotDeletedByForce) {
    EXPECT_EQ(Send("PUT", "/locked", "", {{"x-amz-bucket-object-lock-enabled", "true"}}).status,
              200);
    Send("PUT", "/locked/a", "x");
    EXPECT_EQ(Send("DELETE", "/locked", "", {{"x-minio-force-delete", "true"}}).Element("Code"),
              "InvalidBucketState");
    EXPECT_EQ(Send("GET", "/locked/a").body, "x");
}

TEST_F(MinioExtensions, WhoMayDeleteABucketMayNotDoItByForce) {
    EXPECT_EQ(Send("PUT", "/bucket?policy",
                   R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
                       "Action":["s3:DeleteBucket","s3:DeleteObject*","s3:ListBucket*"],
                       "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]})")
                  .status,
              204);
    Send("PUT", "/bucket/a", "x");
    EXPECT_EQ(Send(TestRequest{.method = "DELETE",
                               .target = "/bucket",
                               .headers = {{"x-minio-force-delete", "true"}},
                               .sign = false})
                  .Element("Code"),
              "AccessDenied");
    EXPECT_EQ(Send("GET", "/bucket/a").body, "x");
}

}  // namespace
}  // namespace coffer::api::s3
