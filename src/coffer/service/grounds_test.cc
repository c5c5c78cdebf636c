// What was allowed of one object is not done to another that came in its place.
#include "coffer/service/grounds.h"

#include <gtest/gtest.h>

#include "coffer/service/access.h"
#include "coffer/service/empty_bucket.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

class NoValues final : public codec::policy::ValueSource {
  public:
    codec::policy::ConditionValues Find(const codec::policy::ConditionKey&) override {
        return std::nullopt;
    }
};

class GroundsTest : public ::testing::Test {
  protected:
    GroundsTest() { EXPECT_TRUE(RunTask(buckets_.Create(kBucket))); }

    std::string Put(std::string body, codec::CannedAcl acl) {
        PutRequest put{.bucket = kBucket, .key = kKey};
        put.acl = {.account = std::string(catalog::kMainAccount), .canned = acl};
        return fixture_.Put(std::move(put), std::move(body)).value().version_id;
    }
    void PutOpen() { Put("open", codec::CannedAcl::kPublicRead); }
    void PutShut() { Put("shut", codec::CannedAcl::kPrivate); }

    // By what everybody may read the object, or a version of it.
    Grounds Judge(std::optional<std::string> version_id = {}) {
        return RunTask(access_.Judge(anonymous_,
                                     {.action = version_id ? "s3:GetObjectVersion" : "s3:GetObject",
                                      .bucket = kBucket.text(),
                                      .key = kKey.bytes(),
                                      .version_id = version_id},
                                     values_))
            .value();
    }
    // What is read, or the code of the error.
    std::string Read(const Grounds& grounds, std::optional<std::string> version_id = {}) {
        GetRequest get{.bucket = kBucket, .key = kKey, .version_id = std::move(version_id)};
        get.grounds = grounds;
        const auto read = fixture_.Get(std::move(get));
        return read ? read.value() : std::string(read.error().code());
    }

    // Another bucket of that name, empty.
    Task<void> ReplaceBucket() {
        EXPECT_TRUE(co_await fixture_.objects().Delete({.bucket = kBucket, .key = kKey}));
        EXPECT_TRUE(co_await buckets_.Delete(kBucket));
        EXPECT_TRUE(co_await buckets_.Create(kBucket));
    }
    bool IsEmpty() {
        return RunTask(fixture_.objects().ListVersions({.bucket = kBucket}))
            .value()
            .versions.empty();
    }

    const BucketName kBucket = ServiceFixture::Bucket("bucket");
    const ObjectKey kKey = ServiceFixture::Key("k");
    ServiceFixture fixture_;
    Buckets buckets_{*fixture_.core, codec::Ownership::kObjectWriter};
    Access access_{*fixture_.core};
    NoValues values_;
    const Actor anonymous_;
};

TEST_F(GroundsTest, CoverOtherBytesUnderTheSameList) {
    PutOpen();
    const Grounds grounds = Judge();
    EXPECT_EQ(Read(grounds), "open");
    Put("new", codec::CannedAcl::kPublicRead);
    EXPECT_EQ(Read(grounds), "new");
}

TEST_F(GroundsTest, CoverNothingUnderAnotherList) {
    PutOpen();
    const Grounds grounds = Judge();
    const NamedObject object{.bucket = kBucket, .key = kKey, .grounds = grounds};
    PutShut();
    EXPECT_EQ(Read(grounds), "OperationAborted");
    EXPECT_EQ(RunTask(fixture_.objects().GetAcl(object)).error().code(), "OperationAborted");
    EXPECT_EQ(RunTask(fixture_.objects().SetAcl(object, {.canned = codec::CannedAcl::kPublicRead}))
                  .error()
                  .code(),
              "OperationAborted");
    EXPECT_EQ(RunTask(fixture_.objects().SetTags(object, {{"a", "b"}})).error().code(),
              "OperationAborted");
    GetRequest parts{.bucket = kBucket, .key = kKey};
    parts.parts_page = {.after = 0, .limit = 10};
    parts.grounds = grounds;
    EXPECT_EQ(RunTask(fixture_.objects().Get(parts)).error().code(), "OperationAborted");
    EXPECT_EQ(RunTask(fixture_.objects().Copy(
                          {.source = {.bucket = kBucket, .key = kKey, .grounds = grounds},
                           .bucket = kBucket,
                           .key = ServiceFixture::Key("copy")}))
                  .error()
                  .code(),
              "OperationAborted");
    DeleteRequest deletion{.bucket = kBucket, .key = kKey};
    deletion.grounds = grounds;
    EXPECT_EQ(RunTask(fixture_.objects().Delete(deletion)).error().code(), "OperationAborted");
    EXPECT_EQ(fixture_.Get("bucket", "k").value(), "shut");
}

TEST_F(GroundsTest, CoverNothingOnceTheListWasChanged) {
    PutOpen();
    const Grounds grounds = Judge();
    ASSERT_TRUE(RunTask(fixture_.objects().SetAcl(
        {.bucket = kBucket, .key = kKey},
        {.account = std::string(catalog::kMainAccount), .canned = codec::CannedAcl::kPrivate})));
    EXPECT_EQ(Read(grounds), "OperationAborted");
}

TEST_F(GroundsTest, OfAVersionDoNotMindNewerOnes) {
    ASSERT_TRUE(RunTask(buckets_.SetVersioning(kBucket, Versioning::kEnabled)));
    const std::string id = Put("open", codec::CannedAcl::kPublicRead);
    const Grounds grounds = Judge(id);
    PutShut();
    EXPECT_EQ(Read(grounds, id), "open");
}

TEST_F(GroundsTest, CoverNothingWithOtherTagsWhereThosePermittedIt) {
    ASSERT_TRUE(RunTask(access_.PutPolicy(
        kBucket, R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
                 R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*",)"
                 R"("Condition":{"StringEquals":{"s3:ExistingObjectTag/open":"yes"}}}]})")));
    PutShut();
    const auto tag = [&](std::string value) {
        ASSERT_TRUE(RunTask(fixture_.objects().SetTags({.bucket = kBucket, .key = kKey},
                                                       {{"open", std::move(value)}})));
    };
    tag("yes");
    const Grounds grounds = Judge();
    EXPECT_EQ(Read(grounds), "shut");
    tag("no");
    EXPECT_EQ(Read(grounds), "OperationAborted");
}

TEST_F(GroundsTest, CoverNothingUnderOtherSettingsOrInAnotherBucket) {
    PutOpen();
    const Grounds before = Judge();
    ASSERT_TRUE(RunTask(buckets_.SetOwnership(kBucket, codec::Ownership::kBucketOwnerPreferred)));
    EXPECT_EQ(Read(before), "OperationAborted");
    const Grounds old = Judge();
    RunTask(ReplaceBucket());
    PutOpen();
    EXPECT_EQ(Read(old), "OperationAborted");
}

TEST_F(GroundsTest, CoverNoNewObjectInAnotherBucketOfTheName) {
    fixture_.MakeBucket("sources");
    ASSERT_TRUE(fixture_.Put("sources", "k", "x"));
    PutOpen();
    PutRequest put{.bucket = kBucket, .key = kKey};
    put.grounds = Judge();
    CopyRequest copy{.source = {.bucket = ServiceFixture::Bucket("sources"), .key = kKey},
                     .bucket = kBucket,
                     .key = kKey};
    copy.grounds = put.grounds;
    // They are made by right of the bucket, whatever is set of it by then.
    ASSERT_TRUE(RunTask(buckets_.SetOwnership(kBucket, codec::Ownership::kBucketOwnerPreferred)));
    EXPECT_TRUE(fixture_.Put(put, "new"));
    EXPECT_TRUE(RunTask(fixture_.objects().Copy(copy)));
    RunTask(ReplaceBucket());
    EXPECT_EQ(fixture_.Put(put, "late").error().code(), "NoSuchBucket");
    EXPECT_EQ(RunTask(fixture_.objects().Copy(copy)).error().code(), "NoSuchBucket");
    EXPECT_TRUE(IsEmpty());
}

TEST_F(GroundsTest, CoverNoDeletionOfAnotherBucketOfTheNameNorInIt) {
    PutOpen();
    const Grounds old = Judge();
    RunTask(ReplaceBucket());
    EXPECT_EQ(RunTask(buckets_.Delete(kBucket, old)).error().code(), "NoSuchBucket");
    PutOpen();
    Objects objects = fixture_.objects();
    EXPECT_EQ(RunTask(objects.DeleteMany(kBucket, {{.bucket = kBucket, .key = kKey}}, old))
                  .error()
                  .code(),
              "NoSuchBucket");
    EXPECT_EQ(RunTask(EmptyBucket(objects, kBucket, old)).error().code(), "NoSuchBucket");
    EXPECT_EQ(fixture_.Get("bucket", "k").value(), "open");
    // Whatever is set of it by then.
    const Grounds grounds = Judge();
    ASSERT_TRUE(RunTask(buckets_.SetOwnership(kBucket, codec::Ownership::kBucketOwnerPreferred)));
    EXPECT_TRUE(RunTask(EmptyBucket(objects, kBucket, grounds)));
    EXPECT_TRUE(RunTask(buckets_.Delete(kBucket, grounds)));
}

TEST_F(GroundsTest, AreNotNeededToStayWithTheBucketThatAnObjectWasBegunFor) {
    fixture_.MakeBucket("sources");
    ASSERT_TRUE(fixture_.Put("sources", "k", "x"));
    const auto replace = [&] { return ReplaceBucket(); };
    fixture_.database->BeforeWrite(1, replace);
    EXPECT_EQ(fixture_.Put({.bucket = kBucket, .key = kKey}, "late").error().code(),
              "NoSuchBucket");
    fixture_.database->BeforeWrite(1, replace);
    EXPECT_EQ(RunTask(fixture_.objects().Copy(
                          {.source = {.bucket = ServiceFixture::Bucket("sources"), .key = kKey},
                           .bucket = kBucket,
                           .key = kKey}))
                  .error()
                  .code(),
              "NoSuchBucket");
    EXPECT_TRUE(IsEmpty());
    EXPECT_EQ(fixture_.StoredCopies(), 1U) << "of the source alone";
}

}  // namespace
}  // namespace coffer::service
