// Locks hold against everything that would take a version away. What the rules of a lock are is
// tested in codec/object_lock_test.cc.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "coffer/catalog/bucket_settings.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/columns.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/versions.h"

#include "tests/support/seed.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using codec::LockMode;
using codec::Retention;
using std::chrono::days;
using testing::RunTask;
using testing::ServiceFixture;

class ObjectLockTest : public ::testing::Test {
  protected:
    ObjectLockTest() {
        EXPECT_TRUE(RunTask(buckets.Create(
            kBucket,
            {.versioning = Versioning::kEnabled,
             .documents = {{SettingKind::kObjectLock, codec::WriteObjectLockConfiguration({})}}})));
    }

    Timestamp now() { return fixture.clock.Now(); }

    Result<std::string> Put(std::string_view key, codec::ObjectLock lock = {}) {
        PutRequest request{.bucket = kBucket, .key = ServiceFixture::Key(key)};
        request.headers.lock = lock;
        TRY(const PutResult put, fixture.Put(std::move(request), "body"));
        return put.version_id;
    }
    Result<> Delete(std::string_view key, std::string version, bool bypass = false) {
        TRY(RunTask(fixture.objects().Delete({.bucket = kBucket,
                                              .key = ServiceFixture::Key(key),
                                              .version_id = std::move(version),
                                              .bypass_governance = bypass})));
        return Ok();
    }
    Result<> Retain(std::string_view key, std::string version, std::optional<Retention> retention,
                    bool bypass = false) {
        return RunTask(fixture.objects().SetRetention(
            {.object = {kBucket, ServiceFixture::Key(key), std::move(version)},
             .retention = retention,
             .bypass_governance = bypass}));
    }
    Result<> Hold(std::string_view key, std::string version, bool on) {
        return RunTask(fixture.objects().SetLegalHold(
            {kBucket, ServiceFixture::Key(key), std::move(version)}, on));
    }
    codec::ObjectLock LockOf(std::string_view key, std::string version) {
        const auto got = RunTask(fixture.objects().Get({.bucket = kBucket,
                                                        .key = ServiceFixture::Key(key),
                                                        .version_id = std::move(version),
                                                        .with_body = false}));
        return got.value().info.headers.lock;
    }
    void SetDefault(LockMode mode, int count) {
        ASSERT_TRUE(RunTask(buckets.SetObjectLock(
            kBucket, {.default_retention = codec::DefaultRetention{mode, count}})));
    }

    const BucketName kBucket = ServiceFixture::Bucket("locked");
    ServiceFixture fixture;
    Buckets buckets{*fixture.core};
};

TEST_F(ObjectLockTest, RefusesDeletionUntilItsTime) {
    const std::string id =
        Put("a", {.retention = Retention{LockMode::kCompliance, now() + days(2)}}).value();
    EXPECT_EQ(Delete("a", id, true).error().code(), "AccessDenied");
    fixture.clock.Advance(days(2));
    EXPECT_TRUE(Delete("a", id));
}

TEST_F(ObjectLockTest, IsNoWeakerAfterAClockWentBack) {
    const Retention retention{LockMode::kCompliance, now() + days(2)};
    const std::string id = Put("a", {.retention = retention}).value();
    fixture.clock.Set(now() - days(3650));
    EXPECT_FALSE(Delete("a", id, true));
    // What looks like a long retention by the clock that went back is a shorter one.
    EXPECT_FALSE(Retain("a", id, Retention{LockMode::kCompliance, now() + days(3000)}, true));
    EXPECT_EQ(LockOf("a", id).retention, retention);
}

TEST_F(ObjectLockTest, KeepsEveryOtherOfManyDeletions) {
    const std::string locked = Put("a", {.legal_hold = true}).value();
    const std::string free = Put("b").value();
    std::vector<DeleteRequest> requests;
    for (const auto& [key, id] : {std::pair("a", locked), std::pair("b", free)})
        requests.push_back({.bucket = kBucket, .key = ServiceFixture::Key(key), .version_id = id});
    const auto results = RunTask(fixture.objects().DeleteMany(kBucket, requests)).value();
    EXPECT_EQ(results[0].error().code(), "AccessDenied");
    EXPECT_TRUE(results[1]);
    EXPECT_TRUE(
        fixture.Get({.bucket = kBucket, .key = ServiceFixture::Key("a"), .version_id = locked}));
}

TEST_F(ObjectLockTest, LetsADeleteMarkerComeAndGo) {
    const std::string id = Put("a", {.legal_hold = true}).value();
    const auto marker = fixture.Delete("locked", "a");
    ASSERT_TRUE(marker);
    EXPECT_TRUE(marker.value().delete_marker);
    EXPECT_TRUE(Delete("a", marker.value().version_id));
    EXPECT_TRUE(fixture.Get("locked", "a"));
    EXPECT_FALSE(Delete("a", id));
}

TEST_F(ObjectLockTest, KeepsItsBucket) {
    ASSERT_TRUE(Put("a", {.legal_hold = true}));
    EXPECT_EQ(RunTask(buckets.Delete(kBucket)).error().code(), "BucketNotEmpty");
    EXPECT_EQ(RunTask(buckets.SetVersioning(kBucket, Versioning::kSuspended)).error().code(),
              "InvalidBucketState");
}

TEST_F(ObjectLockTest, ProtectsANullVersionFromBeingReplaced) {
    // Objects from before the bucket kept versions, locked later; and a catalogue that says
    // "suspended" all the same.
    const BucketName old = ServiceFixture::Bucket("old");
    fixture.MakeBucket("old");
    ASSERT_TRUE(fixture.Put("old", "a", "first"));
    ASSERT_TRUE(RunTask(buckets.SetVersioning(old, Versioning::kEnabled)));
    ASSERT_TRUE(RunTask(buckets.SetObjectLock(old, {})));
    ASSERT_TRUE(
        RunTask(fixture.objects().SetLegalHold({old, ServiceFixture::Key("a"), "null"}, true)));
    ASSERT_TRUE(fixture.database->WriteBlocking([](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, "old"));
        bucket.versioning = Versioning::kSuspended;
        return catalog::ChangeBucket(tx, bucket);
    }));
    EXPECT_EQ(fixture.Put("old", "a", "second").error().code(), "AccessDenied");
    EXPECT_EQ(fixture.Delete("old", "a").error().code(), "AccessDenied");
    EXPECT_EQ(fixture.Get("old", "a").value(), "first");
}

TEST_F(ObjectLockTest, IsRefusedWhereTheBucketHasNone) {
    fixture.MakeBucket("plain");
    const BucketName plain = ServiceFixture::Bucket("plain");
    PutRequest request{.bucket = plain, .key = ServiceFixture::Key("a")};
    request.headers.lock.legal_hold = true;
    EXPECT_EQ(fixture.Put(request, "body").error().code(), "InvalidRequest");
    ASSERT_TRUE(fixture.Put("plain", "a", "body"));
    EXPECT_EQ(RunTask(fixture.objects().SetLegalHold({plain, ServiceFixture::Key("a")}, true))
                  .error()
                  .code(),
              "InvalidRequest");
    EXPECT_EQ(RunTask(fixture.objects().SetRetention(
                          {.object = {plain, ServiceFixture::Key("a")},
                           .retention = Retention{LockMode::kGovernance, now() + days(1)}}))
                  .error()
                  .code(),
              "InvalidRequest");
    EXPECT_EQ(RunTask(buckets.SetObjectLock(plain, {})).error().code(), "InvalidBucketState");
    CreateUploadRequest upload{.bucket = plain, .key = ServiceFixture::Key("b")};
    upload.headers.lock.legal_hold = true;
    EXPECT_EQ(RunTask(fixture.uploads().Create(upload)).error().code(), "InvalidRequest");
}

TEST_F(ObjectLockTest, OfThePastIsRefused) {
    const codec::ObjectLock over{.retention = Retention{LockMode::kGovernance, now()}};
    EXPECT_EQ(Put("a", over).error().code(), "InvalidArgument");
    const std::string id = Put("a").value();
    EXPECT_EQ(Retain("a", id, over.retention).error().code(), "InvalidArgument");
    CreateUploadRequest upload{.bucket = kBucket, .key = ServiceFixture::Key("b")};
    upload.headers.lock = over;
    EXPECT_EQ(RunTask(fixture.uploads().Create(upload)).error().code(), "InvalidArgument");
}

TEST_F(ObjectLockTest, ComesByDefaultToEveryNewVersion) {
    SetDefault(LockMode::kCompliance, 3);
    const Retention expected{LockMode::kCompliance, now() + days(3)};
    EXPECT_EQ(LockOf("put", Put("put").value()).retention, expected);
    const Retention own{LockMode::kGovernance, now() + days(1)};
    EXPECT_EQ(LockOf("own", Put("own", {.retention = own}).value()).retention, own);

    // A copy does not take over what locks its source.
    const auto copy = RunTask(
        fixture.objects().Copy({.source = {.bucket = kBucket, .key = ServiceFixture::Key("own")},
                                .bucket = kBucket,
                                .key = ServiceFixture::Key("copy")}));
    EXPECT_EQ(LockOf("copy", copy.value().version_id).retention, expected);

    // An upload's begins when it is completed.
    const UploadId upload{
        kBucket, ServiceFixture::Key("parts"),
        RunTask(fixture.uploads().Create({.bucket = kBucket, .key = ServiceFixture::Key("parts")}))
            .value()
            .upload_id};
    runtime::StringSource part("part");
    const PartInfo put =
        RunTask(fixture.uploads().PutPart({.upload = upload, .part_number = 1}, part)).value();
    fixture.clock.Advance(days(1));
    const auto whole =
        RunTask(fixture.uploads().Complete({.upload = upload, .parts = {{1, put.etag, {}}}}));
    EXPECT_EQ(LockOf("parts", whole.value().version_id).retention->until, expected.until + days(1));
}

TEST_F(ObjectLockTest, Case45ThatCantBeReadKeepsItsVersion) {
    // Bytes of a row whose checksum is right, and which nobody understands.
    for (const std::string_view bytes :
         {std::string_view("rSOMEDAY\0"
                           "1\0",
                           11),
          std::string_view("rGOVERNANCE\0soon\0", 17), std::string_view("hMAYBE\0\0", 8),
          std::string_view("hON", 3)}) {
        EXPECT_EQ(catalog::DecodeHeaders(bytes).error().kind(), ErrorKind::kCorrupt);
    }
    const std::string id = Put("a", {.legal_hold = true}).value();
    ASSERT_TRUE(fixture.database->WriteBlocking([](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE versions SET headers = x'68'", {}));
        return Ok();
    }));
    EXPECT_EQ(Delete("a", id, true).error().kind(), ErrorKind::kCorrupt);
    int64_t rows = 0;
    ASSERT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) {
        return tx.Query("SELECT count(*) FROM versions", {}, [&](const db::Row& row) {
            rows = row.Int(0);
            return true;
        });
    }));
    EXPECT_EQ(rows, 1);
}

// Everything at random, against rules that are written down a second time.
TEST_F(ObjectLockTest, HoldsAgainstEverythingAtRandom) {
    struct Known {
        std::string key;
        codec::ObjectLock lock;
    };
    std::map<std::string, Known> versions;
    std::mt19937_64 random(testing::TestSeed());
    const auto pick = [&](int count) {
        return static_cast<int>(random() % static_cast<uint64_t>(count));
    };
    const auto retention = [&] {
        return Retention{pick(2) == 0 ? LockMode::kGovernance : LockMode::kCompliance,
                         now() + std::chrono::hours(pick(48) - 4)};
    };
    for (int step = 0; step < 4000; ++step) {
        const bool bypass = pick(2) == 0;
        auto at = versions.begin();
        if (!versions.empty()) std::advance(at, pick(static_cast<int>(versions.size())));
        const auto holds = [&](const codec::ObjectLock& lock) {
            const auto& kept = lock.retention;
            return kept && kept->until > now() && !(kept->mode == LockMode::kGovernance && bypass);
        };
        switch (versions.empty() ? 0 : pick(7)) {
            case 0:
            case 1: {
                codec::ObjectLock lock;
                if (pick(2) == 0) lock.retention = retention();
                if (pick(4) == 0) lock.legal_hold = pick(2) == 0;
                const std::string key(1, static_cast<char>('a' + pick(3)));
                const auto put = Put(key, lock);
                ASSERT_EQ(put.has_value(), !lock.retention || lock.retention->until > now());
                if (put) versions[put.value()] = {key, lock};
                break;
            }
            case 2:
            case 3: {
                const bool locked =
                    at->second.lock.legal_hold.value_or(false) || holds(at->second.lock);
                ASSERT_EQ(Delete(at->second.key, at->first, bypass).has_value(), !locked);
                if (!locked) versions.erase(at);
                break;
            }
            case 4: {
                std::optional<Retention> next;
                if (pick(4) != 0) next = retention();
                const auto& old = at->second.lock.retention;
                const bool longer =
                    old && next && next->mode == old->mode && next->until >= old->until;
                const bool may =
                    (!next || next->until > now()) && (!holds(at->second.lock) || longer);
                ASSERT_EQ(Retain(at->second.key, at->first, next, bypass).has_value(), may);
                if (may) at->second.lock.retention = next;
                break;
            }
            case 5:
                at->second.lock.legal_hold = pick(3) == 0;
                ASSERT_TRUE(Hold(at->second.key, at->first, *at->second.lock.legal_hold));
                break;
            case 6:
                fixture.clock.Set(now() + std::chrono::hours(pick(10) - 3));
        }
    }
    for (const auto& [id, known] : versions)
        ASSERT_EQ(LockOf(known.key, id), known.lock) << known.key << " " << id;
}

}  // namespace
}  // namespace coffer::service
