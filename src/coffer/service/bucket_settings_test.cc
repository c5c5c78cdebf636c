#include <gtest/gtest.h>

#include "coffer/catalog/buckets.h"
#include "coffer/service/settings_cache.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

// "12", or damaged.
Result<int> ParseNumber(std::string_view document, const catalog::Bucket&) {
    if (document.empty() || document.front() < '0' || document.front() > '9')
        return Error(ErrorKind::kInvalid, "not a number");
    return std::stoi(std::string(document));
}

class BucketSettingsTest : public ::testing::Test {
  protected:
    BucketSettingsTest() { fixture_.MakeBucket("photos"); }

    Buckets buckets() { return Buckets(*fixture_.core); }
    void Put(SettingKind kind, std::string document) {
        ASSERT_TRUE(RunTask(buckets().PutSetting(kBucket, kind, std::move(document))));
    }
    std::string Document(SettingKind kind) {
        const auto setting = RunTask(buckets().GetSetting(kBucket, kind)).value();
        return setting ? setting->document : "none";
    }
    catalog::Bucket Row() {
        return RunTask(fixture_.database->Read(
                           db::Cost::kPoint,
                           [](db::Transaction& tx) { return catalog::FindBucket(tx, "photos"); }))
            .value();
    }
    // Through the cache.
    Result<std::shared_ptr<const int>> Cached() {
        return RunTask(fixture_.database->Read(
            db::Cost::kPoint, [&](db::Transaction& tx) -> Result<std::shared_ptr<const int>> {
                TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, "photos"));
                return cache_.Get(tx, bucket);
            }));
    }
    int64_t SettingRows() {
        int64_t count = 0;
        EXPECT_TRUE(fixture_.database->ReadBlocking([&](db::Transaction& tx) {
            return tx.Query("SELECT COUNT(*) FROM bucket_settings", {}, [&](const db::Row& row) {
                count = row.Int(0);
                return false;
            });
        }));
        return count;
    }

    const BucketName kBucket = ServiceFixture::Bucket("photos");
    ServiceFixture fixture_;
    SettingsCache<int> cache_{SettingKind::kNotification, ParseNumber, 2};
};

TEST_F(BucketSettingsTest, AreKeptByKindAsTheyWereSent) {
    EXPECT_EQ(Document(SettingKind::kCors), "none");
    Put(SettingKind::kCors, "<CORS/>");
    Put(SettingKind::kPolicy, "{}");
    EXPECT_EQ(Document(SettingKind::kCors), "<CORS/>");
    Put(SettingKind::kCors, "<Other/>");
    EXPECT_EQ(Document(SettingKind::kCors), "<Other/>");
    EXPECT_EQ(Document(SettingKind::kPolicy), "{}");
    ASSERT_TRUE(RunTask(buckets().DeleteSetting(kBucket, SettingKind::kCors)));
    EXPECT_EQ(Document(SettingKind::kCors), "none");
    EXPECT_EQ(Document(SettingKind::kPolicy), "{}");
}

TEST_F(BucketSettingsTest, SayWhenTheyWereChanged) {
    Put(SettingKind::kCors, "a");
    const Timestamp first = fixture_.clock.Now();
    fixture_.clock.Advance(std::chrono::hours(1));
    Put(SettingKind::kPolicy, "b");
    EXPECT_EQ(RunTask(buckets().GetSetting(kBucket, SettingKind::kCors)).value()->changed, first);
}

TEST_F(BucketSettingsTest, RaiseTheRevisionWithEveryChangeAndOnlyThen) {
    EXPECT_EQ(Row().revision, 0);
    Put(SettingKind::kCors, "a");
    EXPECT_EQ(Row().revision, 1);
    Put(SettingKind::kCors, "a");
    EXPECT_EQ(Row().revision, 2);
    ASSERT_TRUE(RunTask(buckets().DeleteSetting(kBucket, SettingKind::kPolicy)));
    EXPECT_EQ(Row().revision, 2);
    ASSERT_TRUE(RunTask(buckets().DeleteSetting(kBucket, SettingKind::kCors)));
    EXPECT_EQ(Row().revision, 3);
    ASSERT_TRUE(RunTask(buckets().SetVersioning(kBucket, Versioning::kSuspended)));
    EXPECT_EQ(Row().revision, 4);
    ASSERT_TRUE(RunTask(buckets().SetVersioning(kBucket, Versioning::kSuspended)));
    EXPECT_EQ(Row().revision, 4);
}

TEST_F(BucketSettingsTest, CanBeMadeWithTheBucketAndGoWithIt) {
    const BucketName other = ServiceFixture::Bucket("other");
    ASSERT_TRUE(RunTask(buckets().Create(
        other, {.versioning = Versioning::kEnabled, .documents = {{SettingKind::kTagging, "t"}}})));
    EXPECT_EQ(RunTask(buckets().Get(other)).value().versioning, Versioning::kEnabled);
    EXPECT_EQ(RunTask(buckets().GetSetting(other, SettingKind::kTagging)).value()->document, "t");
    EXPECT_EQ(SettingRows(), 1);
    ASSERT_TRUE(RunTask(buckets().Delete(other)));
    EXPECT_EQ(SettingRows(), 0);
    ASSERT_TRUE(RunTask(buckets().Create(other)));
    EXPECT_FALSE(RunTask(buckets().GetSetting(other, SettingKind::kTagging)).value());
    EXPECT_EQ(RunTask(buckets().Get(other)).value().versioning, Versioning::kUnversioned);
}

TEST_F(BucketSettingsTest, AreOfABucketThatIsThere) {
    const BucketName missing = ServiceFixture::Bucket("missing");
    const auto code = [](const auto& result) { return std::string(result.error().code()); };
    EXPECT_EQ(code(RunTask(buckets().GetSetting(missing, SettingKind::kCors))), "NoSuchBucket");
    EXPECT_EQ(code(RunTask(buckets().PutSetting(missing, SettingKind::kCors, ""))), "NoSuchBucket");
    EXPECT_EQ(code(RunTask(buckets().DeleteSetting(missing, SettingKind::kCors))), "NoSuchBucket");
    EXPECT_EQ(code(RunTask(buckets().SetVersioning(missing, Versioning::kEnabled))),
              "NoSuchBucket");
    EXPECT_FALSE(RunTask(buckets().SetVersioning(kBucket, Versioning::kUnversioned)));
}

TEST_F(BucketSettingsTest, AreParsedAgainOnlyAfterAChange) {
    EXPECT_EQ(Cached().value(), nullptr);
    Put(SettingKind::kNotification, "12");
    const auto first = Cached().value();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(*first, 12);
    EXPECT_EQ(Cached().value(), first) << "not the same object: it was parsed again";
    Put(SettingKind::kNotification, "13");
    EXPECT_EQ(*Cached().value(), 13);
    EXPECT_EQ(*first, 12) << "who has asked before keeps what it got";
    ASSERT_TRUE(RunTask(buckets().DeleteSetting(kBucket, SettingKind::kNotification)));
    EXPECT_EQ(Cached().value(), nullptr);
}

TEST_F(BucketSettingsTest, AreNotMixedUpBetweenBucketsInASmallCache) {
    for (int i = 0; i < 5; ++i) {
        const BucketName name = ServiceFixture::Bucket("bucket" + std::to_string(i));
        ASSERT_TRUE(RunTask(buckets().Create(
            name, {.documents = {{SettingKind::kNotification, std::to_string(i)}}})));
    }
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 5; ++i) {
            const auto got = RunTask(fixture_.database->Read(
                db::Cost::kPoint, [&](db::Transaction& tx) -> Result<std::shared_ptr<const int>> {
                    TRY(const catalog::Bucket bucket,
                        catalog::FindBucket(tx, "bucket" + std::to_string(i)));
                    return cache_.Get(tx, bucket);
                }));
            EXPECT_EQ(*got.value(), i);
        }
    }
}

TEST_F(BucketSettingsTest, OfAChangeThatWasUndoneAreForgotten) {
    Put(SettingKind::kNotification, "1");
    const Result<> undone = fixture_.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, "photos"));
        TRY(catalog::PutBucketSetting(tx, bucket, SettingKind::kNotification,
                                      {"666", Timestamp()}));
        TRY(const auto seen, cache_.GetForWrite(tx, bucket));
        EXPECT_EQ(*seen, 666);
        return Error(ErrorKind::kConflict, "no");
    });
    ASSERT_FALSE(undone);
    Put(SettingKind::kNotification, "2");
    EXPECT_EQ(*Cached().value(), 2);
}

TEST_F(BucketSettingsTest, ThatCantBeReadAreAnErrorAndNotAnAbsentSetting) {
    Put(SettingKind::kNotification, "nonsense");
    EXPECT_EQ(Cached().error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(Cached().error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace coffer::service
