// Every change that a rule asks for is told in the transaction that makes it, and nothing else is.
#include "coffer/service/notifications.h"

#include <gtest/gtest.h>

#include "coffer/catalog/events.h"
#include "coffer/codec/json.h"
#include "coffer/codec/object_lock.h"
#include "coffer/service/iam/names.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using codec::NotificationRule;
using testing::RunTask;
using testing::ServiceFixture;

class NotificationsTest : public ::testing::Test {
  protected:
    NotificationsTest() { fixture.MakeBucket("bucket"); }

    static NotificationRule Rule(std::string target, std::vector<std::string> events,
                                 std::optional<std::string> prefix = {}) {
        return {.id = "rule-" + target,
                .target = {"", target, "webhook"},
                .events = std::move(events),
                .prefix = std::move(prefix)};
    }
    void Set(std::vector<NotificationRule> rules) {
        ASSERT_TRUE(RunTask(buckets.SetNotification(kBucket, std::move(rules))));
    }
    void SetAll() {
        Set({Rule("all", {"s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectAccessed:*"})});
    }
    std::vector<catalog::Event> Events(const std::string& target = "all") {
        std::vector<catalog::Event> events;
        EXPECT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const auto listed, catalog::ListEvents(tx, target, 0, 1000));
            for (const catalog::Event& event : listed) {
                TRY(const auto found, catalog::FindEvent(tx, target, event.id));
                events.push_back(*found);
            }
            return Ok();
        }));
        return events;
    }
    // "Put a, Delete b": names without what they begin with.
    std::string Told(const std::string& target = "all") {
        std::string told;
        for (const catalog::Event& event : Events(target))
            told += (told.empty() ? "" : ", ") + event.name.substr(event.name.rfind(':') + 1) +
                    " " + event.key;
        return told;
    }
    void Version(Versioning versioning) {
        ASSERT_TRUE(RunTask(buckets.SetVersioning(kBucket, versioning)));
    }
    codec::JsonValue RecordOf(const catalog::Event& event) {
        const codec::JsonValue json = codec::ParseJson(event.document).value();
        return json.Find("Records")->AsArray()->front();
    }

    const BucketName kBucket = ServiceFixture::Bucket("bucket");
    ServiceFixture fixture;
    Buckets buckets{*fixture.core};
};

TEST_F(NotificationsTest, WithoutARuleNothingIsWritten) {
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    Set({Rule("all", {"s3:ObjectRemoved:*"})});
    ASSERT_TRUE(fixture.Put("bucket", "a", "2"));
    EXPECT_EQ(Told(), "");
    Set({});
    ASSERT_TRUE(fixture.Delete("bucket", "a"));
    EXPECT_EQ(Told(), "");
}

TEST_F(NotificationsTest, TellsPutsAndDeletions) {
    SetAll();
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    ASSERT_TRUE(fixture.Delete("bucket", "a"));
    ASSERT_TRUE(fixture.Delete("bucket", "never"));  // nothing happens
    PutRequest post{.bucket = kBucket, .key = ServiceFixture::Key("form")};
    post.event = codec::ObjectEvent::kPost;
    ASSERT_TRUE(fixture.Put(std::move(post), "2"));
    EXPECT_EQ(Told(), "Put a, Delete a, Post form");
}

TEST_F(NotificationsTest, TellsVersionsByTheirIds) {
    Version(Versioning::kEnabled);
    SetAll();
    const std::string id = fixture.Put("bucket", "a", "1").value().version_id;
    const std::string marker = fixture.Delete("bucket", "a").value().version_id;
    ASSERT_TRUE(RunTask(fixture.objects().Delete(
        {.bucket = kBucket, .key = ServiceFixture::Key("a"), .version_id = id})));
    EXPECT_EQ(Told(), "Put a, DeleteMarkerCreated a, Delete a");
    const auto events = Events();
    const auto version_of = [&](size_t i) {
        return *RecordOf(events.at(i)).Find("s3")->Find("object")->Find("versionId")->AsString();
    };
    EXPECT_EQ(version_of(0), id);
    EXPECT_EQ(version_of(1), marker);
    EXPECT_EQ(version_of(2), id);
}

TEST_F(NotificationsTest, TellsCopiesUploadsAndManyDeletions) {
    SetAll();
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    ASSERT_TRUE(RunTask(
        fixture.objects().Copy({.source = {.bucket = kBucket, .key = ServiceFixture::Key("a")},
                                .bucket = kBucket,
                                .key = ServiceFixture::Key("b")})));
    const auto created =
        RunTask(fixture.uploads().Create({.bucket = kBucket, .key = ServiceFixture::Key("parts")}));
    ASSERT_TRUE(created);
    const UploadId upload{kBucket, ServiceFixture::Key("parts"), created.value().upload_id};
    runtime::StringSource body("part");
    const auto part =
        RunTask(fixture.uploads().PutPart({.upload = upload, .part_number = 1}, body));
    ASSERT_TRUE(part);
    EXPECT_EQ(Told(), "Put a, Copy b");  // nothing of it is there yet
    const auto complete = [&] {
        return RunTask(
            fixture.uploads().Complete({.upload = upload, .parts = {{1, part.value().etag, {}}}}));
    };
    ASSERT_TRUE(complete());
    ASSERT_TRUE(complete());  // asked for twice, it happened once
    ASSERT_TRUE(RunTask(fixture.objects().DeleteMany(
        kBucket, {{.bucket = kBucket, .key = ServiceFixture::Key("b")},
                  {.bucket = kBucket, .key = ServiceFixture::Key("never")},
                  {.bucket = kBucket, .key = ServiceFixture::Key("a")}})));
    EXPECT_EQ(Told(), "Put a, Copy b, CompleteMultipartUpload parts, Delete b, Delete a");
}

TEST_F(NotificationsTest, TellsTagsAndLocks) {
    Version(Versioning::kEnabled);
    ASSERT_TRUE(RunTask(buckets.SetObjectLock(kBucket, {})));
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    SetAll();
    const ObjectKey key = ServiceFixture::Key("a");
    ASSERT_TRUE(RunTask(fixture.objects().SetTags({kBucket, key}, {{"k", "v"}})));
    ASSERT_TRUE(RunTask(fixture.objects().SetTags({kBucket, key}, {})));
    ASSERT_TRUE(RunTask(fixture.objects().SetLegalHold({kBucket, key}, true)));
    ASSERT_TRUE(RunTask(fixture.objects().SetRetention(
        {.object = {kBucket, key},
         .retention = codec::Retention{codec::LockMode::kGovernance,
                                       fixture.clock.Now() + std::chrono::hours(1)}})));
    EXPECT_EQ(Told(), "PutTagging a, DeleteTagging a, PutLegalHold a, PutRetention a");
}

TEST_F(NotificationsTest, TellsReadsWhereSomebodyAsks) {
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    SetAll();
    GetRequest get{.bucket = kBucket, .key = ServiceFixture::Key("a")};
    ASSERT_TRUE(fixture.Get(get));  // a step of something else
    get.event = codec::ObjectEvent::kGet;
    ASSERT_TRUE(fixture.Get(get));
    EXPECT_EQ(Told(), "Get a");
    Set({Rule("all", {"s3:ObjectCreated:*"})});
    ASSERT_TRUE(fixture.Get(get));
    EXPECT_EQ(Told(), "Get a");
}

TEST_F(NotificationsTest, TellsNothingOfWhatIsRefused) {
    SetAll();
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    PutRequest refused{.bucket = kBucket, .key = ServiceFixture::Key("a")};
    refused.conditions.if_none_match = "*";
    EXPECT_FALSE(fixture.Put(std::move(refused), "2"));
    EXPECT_FALSE(RunTask(fixture.objects().Delete(
        {.bucket = kBucket, .key = ServiceFixture::Key("a"), .if_match = "other"})));
    PutRequest broken{.bucket = kBucket, .key = ServiceFixture::Key("b")};
    broken.content.md5 = codec::Md5Digest{};
    EXPECT_FALSE(fixture.Put(std::move(broken), "3"));
    EXPECT_EQ(Told(), "Put a");
}

TEST_F(NotificationsTest, TellsEachTargetOnceByItsFilters) {
    Set({Rule("one", {"s3:ObjectCreated:*"}, "photos/"),
         Rule("two", {"s3:ObjectCreated:Put"}),
         {.target = {"", "one", "webhook"}, .events = {"s3:ObjectRemoved:*"}}});
    ASSERT_TRUE(fixture.Put("bucket", "photos/a", "1"));
    ASSERT_TRUE(fixture.Put("bucket", "b", "2"));
    ASSERT_TRUE(fixture.Delete("bucket", "b"));
    EXPECT_EQ(Told("one"), "Put photos/a, Delete b");
    EXPECT_EQ(Told("two"), "Put photos/a, Put b");
}

TEST_F(NotificationsTest, SaysWhoAskedAndCallsForEachTarget) {
    std::string called;
    auto notifications = std::make_unique<Notifications>("eu-1");
    notifications->CallOnEvent([&](std::string_view target) { called += target; });
    fixture.core->notifications = std::move(notifications);
    Set({Rule("one", {"s3:ObjectCreated:*"}), Rule("two", {"s3:ObjectCreated:*"})});
    PutRequest put{.bucket = kBucket, .key = ServiceFixture::Key("a b")};
    put.origin = {.principal = "alice",
                  .address = "10.0.0.7",
                  .user_agent = "curl",
                  .request_id = "ID",
                  .host_id = "HOST"};
    ASSERT_TRUE(fixture.Put(std::move(put), "12"));
    EXPECT_EQ(called, "onetwo");
    const auto events = Events("one");
    ASSERT_EQ(events.size(), 1U);
    const codec::JsonValue record = RecordOf(events.front());
    EXPECT_EQ(*record.Find("awsRegion")->AsString(), "eu-1");
    EXPECT_EQ(*record.Find("userIdentity")->Find("principalId")->AsString(), "alice");
    EXPECT_EQ(*record.Find("requestParameters")->Find("sourceIPAddress")->AsString(), "10.0.0.7");
    EXPECT_EQ(*record.Find("responseElements")->Find("x-amz-request-id")->AsString(), "ID");
    EXPECT_EQ(*record.Find("s3")->Find("configurationId")->AsString(), "rule-one");
    EXPECT_EQ(*record.Find("s3")->Find("object")->Find("key")->AsString(), "a+b");
    EXPECT_EQ(record.Find("s3")->Find("object")->Find("size")->AsInt(), 2);
}

TEST_F(NotificationsTest, RecordsNameTheAccountWhoseTheBucketIs) {
    const BucketName theirs = ServiceFixture::Bucket("theirs");
    ASSERT_TRUE(RunTask(buckets.Create(theirs, {.owner = "462907718245"})));
    ASSERT_TRUE(
        RunTask(buckets.SetNotification(theirs, std::vector{Rule("all", {"s3:ObjectCreated:*"})})));
    SetAll();
    ASSERT_TRUE(fixture.Put("theirs", "a", "1"));
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    const auto events = Events();
    ASSERT_EQ(events.size(), 2U);
    const auto owner_of = [&](size_t i) {
        const codec::JsonValue record = RecordOf(events.at(i));
        return *record.Find("s3")
                    ->Find("bucket")
                    ->Find("ownerIdentity")
                    ->Find("principalId")
                    ->AsString();
    };
    EXPECT_EQ(owner_of(0), CanonicalIdOf("462907718245"));
    EXPECT_EQ(owner_of(1), kCanonicalId);
}

TEST_F(NotificationsTest, WhatHappenedLaterHasAGreaterSequencer) {
    SetAll();
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(fixture.Put("bucket", "a", std::to_string(i)));
    std::string last;
    for (const catalog::Event& event : Events()) {
        const std::string sequencer =
            *RecordOf(event).Find("s3")->Find("object")->Find("sequencer")->AsString();
        EXPECT_LT(last, sequencer);
        last = sequencer;
    }
}

TEST_F(NotificationsTest, EventsOutliveTheirBucket) {
    SetAll();
    ASSERT_TRUE(fixture.Put("bucket", "a", "1"));
    ASSERT_TRUE(fixture.Delete("bucket", "a"));
    ASSERT_TRUE(RunTask(buckets.Delete(kBucket)));
    EXPECT_EQ(Told(), "Put a, Delete a");
}

TEST_F(NotificationsTest, DamagedRulesStopNoRead) {
    SetAll();
    ASSERT_TRUE(fixture.Put("bucket", "k", "content"));
    EXPECT_TRUE(fixture.database->WriteBlocking([](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE bucket_settings SET document = $1", {"damaged"}));
        return Ok();
    }));
    // As after a start: nothing is known of them yet.
    fixture.core->notifications = std::make_unique<Notifications>();
    GetRequest read{.bucket = kBucket, .key = ServiceFixture::Key("k")};
    read.event = codec::ObjectEvent::kGet;
    EXPECT_TRUE(RunTask(fixture.objects().Get(std::move(read))));
    EXPECT_FALSE(fixture.Put("bucket", "k", "other")) << "its event would be lost";
}

}  // namespace
}  // namespace coffer::service
