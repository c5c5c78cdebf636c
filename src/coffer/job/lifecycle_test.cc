// What is due goes, whatever happened to it before; what is not, stays, and is not even read. When
// something is due is tested in codec/lifecycle_due_test.cc.
#include "coffer/job/lifecycle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/lifecycle_due.h"
#include "coffer/codec/lifecycle_due.h"

#include "tests/support/seed.h"
#include "tests/support/service_fixture.h"

namespace coffer::job {
namespace {

using codec::LifecycleRule;
using service::BucketName;
using service::ListedVersion;
using service::Versioning;
using std::chrono::days;
using testing::RunTask;
using testing::ServiceFixture;

class LifecycleTest : public ::testing::Test {
  protected:
    LifecycleTest() { fixture.MakeBucket("bucket"); }

    void Set(std::vector<LifecycleRule> rules) {
        for (LifecycleRule& rule : rules)
            rule.enabled = true;
        ASSERT_TRUE(RunTask(buckets.SetLifecycle(kBucket, std::move(rules))));
    }
    void Version(Versioning versioning) {
        ASSERT_TRUE(RunTask(buckets.SetVersioning(kBucket, versioning)));
    }
    void Put(std::string_view key, catalog::Tags tags = {}, std::string body = "body") {
        service::PutRequest request{.bucket = kBucket, .key = ServiceFixture::Key(key)};
        request.headers.tags = std::move(tags);
        ASSERT_TRUE(fixture.Put(std::move(request), std::move(body)));
    }
    std::string Upload(std::string_view key) {
        return RunTask(
                   fixture.uploads().Create({.bucket = kBucket, .key = ServiceFixture::Key(key)}))
            .value()
            .upload_id;
    }
    void PutPart(std::string_view key, const std::string& upload, int number) {
        service::PutPartRequest request{
            .upload = {.bucket = kBucket, .key = ServiceFixture::Key(key), .upload_id = upload},
            .part_number = number,
            .content = {}};
        runtime::StringSource body("part " + std::to_string(number));
        ASSERT_TRUE(RunTask(fixture.uploads().PutPart(std::move(request), body)));
    }
    LifecycleCounts Run() {
        const auto counts = RunTask(lifecycle.RunOnce());
        EXPECT_TRUE(counts) << counts.error().ToString();
        return counts ? counts.value() : LifecycleCounts();
    }
    std::vector<ListedVersion> Versions() {
        std::vector<ListedVersion> all;
        service::ListVersionsRequest request{.bucket = kBucket};
        for (bool more = true; more;) {
            auto page = RunTask(fixture.objects().ListVersions(request)).value();
            std::ranges::move(page.versions, std::back_inserter(all));
            texts.push_back(std::move(page.texts));
            more = page.truncated;
            request.key_marker = page.next_key_marker;
            request.version_id_marker = page.next_version_id_marker;
        }
        return all;
    }
    // The keys of versions, and of delete markers with a '!', in the order of listings.
    std::string Listing() {
        std::string text;
        for (const ListedVersion& version : Versions())
            text += std::string(version.key) + (version.is_delete_marker ? "! " : " ");
        return text;
    }
    int64_t Count(std::string_view sql) {
        int64_t count = 0;
        EXPECT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) {
            return tx.Query(sql, {}, [&](const db::Row& row) {
                count = row.Int(0);
                return true;
            });
        }));
        return count;
    }
    int64_t Timed() { return Count("SELECT count(*) FROM lifecycle_due"); }

    const BucketName kBucket = ServiceFixture::Bucket("bucket");
    ServiceFixture fixture;
    service::Buckets buckets{*fixture.core};
    Lifecycle lifecycle{*fixture.core};
    std::vector<TextArena> texts;  // of what Versions() gave
};

TEST_F(LifecycleTest, ExpiresObjectsAtTheEndOfTheirLastDay) {
    Set({{.filter = {.prefix = "tmp/"}, .expiration_days = 3}});
    Put("tmp/a");
    Put("kept");
    fixture.clock.Advance(days(4) - std::chrono::microseconds(1));  // it began at midnight
    EXPECT_EQ(Run().done(), 0);
    fixture.clock.Advance(std::chrono::microseconds(1));
    EXPECT_EQ(Run().expired, 1);
    EXPECT_EQ(Listing(), "kept ");
    EXPECT_EQ(Timed(), 0);
}

TEST_F(LifecycleTest, ReadsOnlyWhatMayBeDue) {
    Set({{.filter = {.prefix = "a/"}, .expiration_days = 1}});
    Run();  // the walk over the bucket, which is empty
    for (int i = 0; i < 300; ++i) {
        Put("a/" + std::to_string(i));
        Put("b/" + std::to_string(i));
    }
    fixture.clock.Advance(days(1));
    for (int i = 0; i < 200; ++i)
        Put("a/" + std::to_string(i));
    fixture.clock.Advance(days(1));
    const int64_t before = lifecycle.visited_keys();
    EXPECT_EQ(Run().expired, 100);
    // Those that were put again are looked at where they were expected first, and not again.
    EXPECT_EQ(lifecycle.visited_keys() - before, 300);
    Run();
    EXPECT_EQ(lifecycle.visited_keys() - before, 300);
}

TEST_F(LifecycleTest, PutsADeleteMarkerWhereVersionsAreKept) {
    Version(Versioning::kEnabled);
    Set({{.filter = {.prefix = ""}, .expiration_days = 1}});
    Put("a");
    fixture.clock.Advance(days(2));
    EXPECT_EQ(Run().expired, 1);
    EXPECT_EQ(Listing(), "a! a ");
    EXPECT_EQ(Run().done(), 0);
}

// The null version is due by itself, and what expires above it leaves a marker in its place.
TEST_F(LifecycleTest, AMarkerMayTakeThePlaceOfWhatIsDueToo) {
    Put("a");
    Version(Versioning::kEnabled);
    Put("a");
    Version(Versioning::kSuspended);
    Set({{.filter = {.prefix = ""}, .expiration_days = 1, .noncurrent_days = 1}});
    fixture.clock.Advance(days(3));
    const LifecycleCounts counts = Run();
    EXPECT_EQ(counts.expired, 1);
    EXPECT_EQ(counts.removed, 1);
    EXPECT_EQ(Listing(), "a! a ");
}

TEST_F(LifecycleTest, RemovesNoncurrentVersionsByAgeAndByCount) {
    Version(Versioning::kEnabled);
    Set({{.filter = {.prefix = ""}, .noncurrent_days = 2, .newer_noncurrent_versions = 1}});
    for (int i = 0; i < 4; ++i)
        Put("a");
    fixture.clock.Advance(days(2));
    EXPECT_EQ(Run().done(), 0);
    fixture.clock.Advance(days(1));
    EXPECT_EQ(Run().removed, 2);
    EXPECT_EQ(Listing(), "a a ");
    // What was held back goes when a newer one comes, once it is old enough.
    Put("a");
    fixture.clock.Advance(days(1));
    EXPECT_EQ(Run().removed, 1);
    EXPECT_EQ(Listing(), "a a ");
}

TEST_F(LifecycleTest, RemovesMarkersThatHideNothing) {
    Version(Versioning::kEnabled);
    Set({{.filter = {.prefix = ""}, .expired_object_delete_marker = true},
         {.filter = {.prefix = ""}, .noncurrent_days = 1}});
    Put("a");
    ASSERT_TRUE(fixture.Delete("bucket", "a"));
    EXPECT_EQ(Run().done(), 0);
    fixture.clock.Advance(days(2));
    const LifecycleCounts counts = Run();  // the version, and then the marker, which is alone
    EXPECT_EQ(counts.removed, 1);
    EXPECT_EQ(counts.removed_markers, 1);
    EXPECT_EQ(Listing(), "");
    // The version that it hid was deleted by its id.
    Put("b");
    const std::string id(Versions().front().version_id);
    ASSERT_TRUE(fixture.Delete("bucket", "b"));
    ASSERT_TRUE(RunTask(fixture.objects().Delete(
        {.bucket = kBucket, .key = ServiceFixture::Key("b"), .version_id = id})));
    EXPECT_EQ(Run().removed_markers, 1);
    EXPECT_EQ(Timed(), 0);
}

TEST_F(LifecycleTest, AbortsUnfinishedUploads) {
    Upload("old");
    Set({{.filter = {.prefix = ""}, .abort_upload_days = 1}});
    Upload("new");
    Run();
    EXPECT_EQ(Timed(), 2);
    fixture.clock.Advance(days(1));
    const std::string late = Upload("late");
    fixture.clock.Advance(days(1));
    EXPECT_EQ(Run().aborted, 2);
    const auto left = RunTask(fixture.uploads().List({.bucket = kBucket})).value();
    ASSERT_EQ(left.uploads.size(), 1U);
    EXPECT_EQ(left.uploads.front().upload_id, late);
}

TEST_F(LifecycleTest, NewRulesAreAboutWhatIsThere) {
    for (int i = 0; i < 250; ++i)
        Put("a/" + std::to_string(i));
    Put("b");
    fixture.clock.Advance(days(5));
    Set({{.filter = {.prefix = "a/"}, .expiration_days = 10}});
    EXPECT_EQ(Run().done(), 0);
    EXPECT_EQ(Timed(), 250);
    Set({{.filter = {.prefix = "a/1"}, .expiration_days = 2}});
    EXPECT_EQ(Run().expired, 111);
    EXPECT_EQ(Timed(), 0);
    ASSERT_TRUE(RunTask(buckets.DeleteLifecycle(kBucket)));
    fixture.clock.Advance(days(500));
    EXPECT_EQ(Run().done(), 0);
}

TEST_F(LifecycleTest, WithoutRulesNothingIsKeptOfThem) {
    Set({{.filter = {.prefix = ""}, .expiration_days = 10}});
    for (int i = 0; i < 250; ++i)
        Put(std::to_string(i));
    EXPECT_EQ(Timed(), 250);
    ASSERT_TRUE(RunTask(buckets.DeleteLifecycle(kBucket)));
    Run();
    EXPECT_EQ(Timed(), 0);
    EXPECT_EQ(Count("SELECT count(*) FROM lifecycle_walks"), 0);
}

TEST_F(LifecycleTest, ABucketTakesItsTimesAlong) {
    Set({{.filter = {.prefix = ""}, .expiration_days = 10, .abort_upload_days = 1}});
    Upload("a");
    ASSERT_TRUE(RunTask(buckets.Delete(kBucket)));
    EXPECT_EQ(Timed(), 0);
    EXPECT_EQ(Count("SELECT count(*) FROM lifecycle_walks"), 0);
}

TEST_F(LifecycleTest, ADamagedTimeStopsNobodyAndIsPutRight) {
    Set({{.filter = {.prefix = "tmp/"}, .expiration_days = 3}});
    for (const char* key : {"tmp/a", "tmp/b", "tmp/c"})
        Put(key);
    ASSERT_TRUE(RunTask(fixture.database->Write([&](db::Transaction& tx) {
        return tx.Execute("UPDATE lifecycle_due SET due_us = due_us + 1 WHERE key <> $1",
                          {AsBytes("tmp/b")});
    })));
    Put("tmp/a");  // writes its row
    fixture.clock.Advance(days(5));
    EXPECT_EQ(Run().expired, 3);
    EXPECT_EQ(Listing(), "");
    EXPECT_EQ(Timed(), 0);
}

TEST_F(LifecycleTest, ADamagedWalkBeginsAnewAndStopsNoOther) {
    for (const char* key : {"a", "b"})
        Put(key);
    fixture.MakeBucket("other");
    ASSERT_TRUE(fixture.Put("other", "c", "body"));
    Set({{.filter = {.prefix = ""}, .expiration_days = 3}});
    ASSERT_TRUE(RunTask(
        buckets.SetLifecycle(ServiceFixture::Bucket("other"),
                             {{.enabled = true, .filter = {.prefix = ""}, .expiration_days = 3}})));
    ASSERT_TRUE(RunTask(fixture.database->Write([&](db::Transaction& tx) {
        return tx.Execute(
            "UPDATE lifecycle_walks SET done_key = $1 "
            "WHERE bucket_id = (SELECT min(bucket_id) FROM lifecycle_walks)",
            {AsBytes("z")});
    })));
    fixture.clock.Advance(days(5));
    EXPECT_EQ(Run().expired, 3);
    EXPECT_EQ(Count("SELECT count(*) FROM lifecycle_walks"), 0);
}

TEST_F(LifecycleTest, APartTakesItsRoomInATransaction) {
    const std::string first = Upload("a");
    const std::string second = Upload("a");
    for (const std::string& upload : {first, second})
        for (int part = 1; part <= 3; ++part)
            PutPart("a", upload, part);
    Set({{.filter = {.prefix = ""}, .abort_upload_days = 1}});
    Run();
    fixture.clock.Advance(days(5));
    const auto visit = [&](int64_t room) {
        return RunTask(fixture.database->Write([&](db::Transaction& tx) -> Result<int64_t> {
            TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, kBucket.text()));
            TRY(const LifecycleCounts counts,
                VisitKey(tx, *fixture.core, bucket, "a", fixture.clock.Now(), room));
            EXPECT_EQ(counts.aborted, 1);
            return room;
        }));
    };
    EXPECT_EQ(visit(2).value(), -2) << "one upload, with three parts";
    EXPECT_EQ(Timed(), 1) << "the other one is due still";
    EXPECT_EQ(visit(2).value(), -2);
    EXPECT_EQ(Timed(), 0);
}

TEST_F(LifecycleTest, ADamagedVersionStopsNobodyElse) {
    Set({{.filter = {.prefix = "tmp/"}, .expiration_days = 3}});
    for (const char* key : {"tmp/a", "tmp/b", "tmp/c"})
        Put(key);
    const auto change = [&](int by) {
        ASSERT_TRUE(RunTask(fixture.database->Write([&](db::Transaction& tx) {
            return tx.Execute("UPDATE versions SET size_bytes = size_bytes + $1 WHERE key = $2",
                              {int64_t{by}, AsBytes("tmp/b")});
        })));
    };
    change(1);
    fixture.clock.Advance(days(5));
    EXPECT_EQ(Run().expired, 2) << "the walk passes over it, too";
    EXPECT_EQ(Run().expired, 0);
    change(-1);  // as whoever read the scrub's report would
    EXPECT_EQ(Run().expired, 1);
    EXPECT_EQ(Timed(), 0);
}

TEST_F(LifecycleTest, DamagedSettingsStopNoOtherBucket) {
    Set({{.filter = {.prefix = ""}, .expiration_days = 3}});
    Put("a");
    Run();
    fixture.core->lifecycle = std::make_unique<service::LifecycleRules>();  // as after a restart
    ASSERT_TRUE(RunTask(fixture.database->Write([&](db::Transaction& tx) {
        return tx.Execute("UPDATE bucket_settings SET crc = crc + 1", {});
    })));
    fixture.MakeBucket("other");
    const BucketName other = ServiceFixture::Bucket("other");
    ASSERT_TRUE(RunTask(buckets.SetLifecycle(
        other, {{.enabled = true, .filter = {.prefix = ""}, .expiration_days = 3}})));
    ASSERT_TRUE(fixture.Put("other", "b", "body"));
    fixture.clock.Advance(days(5));
    EXPECT_EQ(Run().expired, 1);
}

// A row that nothing but itself speaks of: its bucket's went with it, or it is damaged.
TEST_F(LifecycleTest, ATimeWithoutABucketGoes) {
    ASSERT_TRUE(RunTask(fixture.database->Write([&](db::Transaction& tx) {
        return catalog::LookAtKeyAt(tx, catalog::BucketId(12345), "key", fixture.clock.Now());
    })));
    EXPECT_EQ(Run().done(), 0);
    EXPECT_EQ(Timed(), 0);
}

// More than one transaction has room for, all of them damaged but the last.
TEST_F(LifecycleTest, ManyDamagedKeysDoNotHideTheOthers) {
    Set({{.filter = {.prefix = ""}, .expiration_days = 3}});
    for (int i = 0; i < 250; ++i)
        Put("damaged/" + std::to_string(i));
    fixture.clock.Advance(std::chrono::hours(1));
    Put("whole");
    Run();
    ASSERT_TRUE(RunTask(fixture.database->Write([&](db::Transaction& tx) {
        return tx.Execute("UPDATE versions SET size_bytes = 7 WHERE key <> $1", {AsBytes("whole")});
    })));
    fixture.clock.Advance(days(5));
    EXPECT_EQ(Run().expired, 1);
    EXPECT_EQ(Timed(), 250);
}

TEST_F(LifecycleTest, WhatIsDeletedIsNotLookedAt) {
    Set({{.filter = {.prefix = ""}, .expiration_days = 10}});
    Put("a");
    ASSERT_TRUE(fixture.Delete("bucket", "a"));
    EXPECT_EQ(Timed(), 0);
}

TEST_F(LifecycleTest, TagsThatComeLaterCount) {
    Set({{.filter = {.tags = {{"keep", "no"}}}, .expiration_days = 1}});
    Put("a");
    Put("b", {{"keep", "yes"}});
    EXPECT_EQ(Timed(), 0);
    fixture.clock.Advance(days(5));
    EXPECT_EQ(Run().done(), 0);
    ASSERT_TRUE(
        RunTask(fixture.objects().SetTags({kBucket, ServiceFixture::Key("b")}, {{"keep", "no"}})));
    EXPECT_EQ(Run().expired, 1);
    EXPECT_EQ(Listing(), "a ");
}

TEST_F(LifecycleTest, LocksHoldAgainstIt) {
    Version(Versioning::kEnabled);
    ASSERT_TRUE(RunTask(buckets.SetObjectLock(kBucket, {})));
    Set({{.filter = {.prefix = ""}, .noncurrent_days = 1}});
    const Timestamp until = fixture.clock.Now() + days(30);
    for (const std::string_view key : {"held", "retained"}) {
        service::PutRequest request{.bucket = kBucket, .key = ServiceFixture::Key(key)};
        if (key == "held")
            request.headers.lock.legal_hold = true;
        else
            request.headers.lock.retention = {codec::LockMode::kGovernance, until};
        ASSERT_TRUE(fixture.Put(std::move(request), "body"));
        Put(key);
    }
    fixture.clock.Advance(days(5));
    EXPECT_EQ(Run().done(), 0);
    EXPECT_EQ(Listing(), "held held retained retained ");
    EXPECT_EQ(Timed(), 1);  // what is held is not looked at before the hold is taken off
    fixture.clock.Advance(days(25));
    EXPECT_EQ(Run().removed, 1);
    EXPECT_EQ(Listing(), "held held retained ");
    const std::string id(Versions()[1].version_id);
    ASSERT_TRUE(
        RunTask(fixture.objects().SetLegalHold({kBucket, ServiceFixture::Key("held"), id}, false)));
    EXPECT_EQ(Run().removed, 1);
    EXPECT_EQ(Listing(), "held retained ");
}

TEST_F(LifecycleTest, ALockedNullVersionKeepsAMarkerFromTakingItsPlace) {
    Put("a");
    Version(Versioning::kEnabled);
    ASSERT_TRUE(RunTask(buckets.SetObjectLock(kBucket, {})));
    ASSERT_TRUE(
        RunTask(fixture.objects().SetLegalHold({kBucket, ServiceFixture::Key("a"), "null"}, true)));
    Put("a");
    // No request brings a bucket there; a catalogue from elsewhere may.
    ASSERT_TRUE(fixture.database->WriteBlocking([](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, "bucket"));
        bucket.versioning = Versioning::kSuspended;
        return catalog::ChangeBucket(tx, bucket);
    }));
    Set({{.filter = {.prefix = ""}, .expiration_days = 1}});
    fixture.clock.Advance(days(3));
    const LifecycleCounts counts = Run();
    EXPECT_EQ(counts.done(), 0);
    EXPECT_EQ(counts.locked, 1);
    EXPECT_EQ(Listing(), "a a ");
    EXPECT_EQ(Timed(), 1);
}

TEST_F(LifecycleTest, LongHistoriesGoStepByStep) {
    Version(Versioning::kEnabled);
    for (int i = 0; i < 2500; ++i)
        Put("a", {}, "x");
    Set({{.filter = {.prefix = ""}, .newer_noncurrent_versions = 5}});
    EXPECT_EQ(Run().removed, 2494);
    EXPECT_EQ(Versions().size(), 6U);
}

// Anything in any order, against a listing that is judged as a whole.
TEST_F(LifecycleTest, DoesWhatALookAtEverythingWouldDo) {
    std::mt19937_64 random(testing::TestSeed());
    const auto pick = [&](size_t count) { return random() % count; };
    const std::vector<std::vector<LifecycleRule>> sets = {
        {{.filter = {.prefix = "a"}, .expiration_days = 2},
         {.filter = {.prefix = ""}, .noncurrent_days = 3}},
        {{.filter = {.tags = {{"t", "1"}}}, .expiration_days = 1}},
        {{.filter = {.prefix = ""}, .noncurrent_days = 1, .newer_noncurrent_versions = 2},
         {.filter = {.prefix = "b"}, .expired_object_delete_marker = true}},
        {{.filter = {.size_greater_than = 2}, .expiration_days = 1},
         {.filter = {.prefix = ""}, .newer_noncurrent_versions = 3}},
    };
    const std::string keys[] = {"a1", "a2", "b1", "b2"};
    std::vector<LifecycleRule> rules;
    struct Known {
        ListedVersion info;
        std::vector<codec::LifecycleTag> tags;
    };
    // What a listing says of each key, with the tags of its versions.
    const auto look = [&] {
        std::map<std::string, std::vector<Known>> all;
        for (ListedVersion& info : Versions()) {
            std::vector<codec::LifecycleTag> tags;
            if (!info.is_delete_marker) {
                const auto got =
                    RunTask(fixture.objects().Get({.bucket = kBucket,
                                                   .key = ServiceFixture::Key(info.key),
                                                   .version_id = std::string(info.version_id),
                                                   .with_body = false}));
                for (const auto& [name, value] : got.value().info.headers.tags)
                    tags.push_back({name, value});
            }
            const std::string key(info.key);
            all[key].push_back({std::move(info), std::move(tags)});
        }
        return all;
    };
    auto versioning = Versioning::kUnversioned;
    // The oldest thing that is due in a history, done; whether there was one.
    const auto judge = [&](std::vector<Known>& history, Timestamp now) {
        for (size_t i = history.size(); i-- > 0;) {
            const ListedVersion& info = history[i].info;
            codec::LifecycleVersion place{.key = info.key,
                                          .tags = history[i].tags,
                                          .size_bytes = info.size_bytes,
                                          .modified = info.modified,
                                          .is_latest = i == 0,
                                          .is_delete_marker = info.is_delete_marker,
                                          .is_only_version = history.size() == 1};
            if (i > 0) {
                place.noncurrent_since = history[i - 1].info.modified;
                place.newer_noncurrent = static_cast<int>(i) - 1;
            }
            const auto due = codec::NextDue(rules, place);
            if (!due || due->at > now) continue;
            const bool marks = due->action == codec::LifecycleAction::kExpire &&
                               versioning != Versioning::kUnversioned;
            ListedVersion marker = info;
            const bool was_null = info.version_id == "null";
            if (!marks || (versioning == Versioning::kSuspended && was_null))
                history.erase(history.begin() + static_cast<std::ptrdiff_t>(i));
            if (marks) {
                if (versioning == Versioning::kSuspended)
                    std::erase_if(history,
                                  [](const Known& one) { return one.info.version_id == "null"; });
                marker.is_delete_marker = true;
                marker.modified = now;
                marker.version_id =
                    versioning == Versioning::kSuspended ? "null" : "some marker's id";
                history.insert(history.begin(), {marker, {}});
            }
            return true;
        }
        return false;
    };
    for (int step = 0; step < 1500; ++step) {
        const std::string& key = keys[pick(4)];
        switch (pick(9)) {
            case 0:
            case 1:
            case 2: {
                catalog::Tags tags;
                if (pick(2) == 0) tags.emplace_back("t", std::to_string(pick(2)));
                Put(key, tags, std::string(pick(5), 'x'));
                break;
            }
            case 3:
                ASSERT_TRUE(fixture.Delete("bucket", key));
                break;
            case 4: {
                const auto all = Versions();
                if (all.empty()) break;
                const ListedVersion& one = all[pick(all.size())];
                ASSERT_TRUE(
                    RunTask(fixture.objects().Delete({.bucket = kBucket,
                                                      .key = ServiceFixture::Key(one.key),
                                                      .version_id = std::string(one.version_id)})));
                break;
            }
            case 5:
                (void)RunTask(fixture.objects().SetTags({kBucket, ServiceFixture::Key(key)},
                                                        {{"t", std::to_string(pick(2))}}));
                break;
            case 6:
                if (pick(6) != 0) break;
                versioning = pick(2) == 0 ? Versioning::kEnabled : Versioning::kSuspended;
                Version(versioning);
                break;
            case 7:
                if (pick(6) != 0) break;
                rules = sets[pick(sets.size())];
                for (LifecycleRule& rule : rules)
                    rule.enabled = true;
                Set(rules);
                break;
            case 8: {
                // Beyond a midnight: what a new version lets go by its count goes at the day's end.
                fixture.clock.Set(std::chrono::floor<days>(fixture.clock.Now()) + days(1) +
                                  std::chrono::hours(pick(48)));
                auto expected = look();
                for (auto& [name, history] : expected)
                    while (judge(history, fixture.clock.Now())) {
                    }
                Run();
                auto after = look();
                std::erase_if(expected, [](const auto& entry) { return entry.second.empty(); });
                ASSERT_EQ(after.size(), expected.size()) << "step " << step;
                for (const auto& [name, history] : expected) {
                    const std::vector<Known>& found = after[name];
                    ASSERT_EQ(found.size(), history.size()) << name << " step " << step;
                    for (size_t i = 0; i < history.size(); ++i) {
                        EXPECT_EQ(found[i].info.is_delete_marker, history[i].info.is_delete_marker);
                        EXPECT_EQ(found[i].info.modified, history[i].info.modified);
                    }
                }
                break;
            }
        }
        // So that no two versions are of the same time.
        fixture.clock.Advance(std::chrono::milliseconds(1));
    }
}

}  // namespace
}  // namespace coffer::job
