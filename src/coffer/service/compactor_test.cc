#include "coffer/service/compactor.h"

#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "coffer/service/content_source.h"
#include "coffer/service/versions.h"
#include "coffer/store/engine/pack_format.h"

#include "tests/support/random_bytes.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RandomText;
using testing::RunTask;
using testing::ServiceFixture;

class CompactorTest : public ::testing::Test {
  protected:
    CompactorTest() {
        fixture_.MakeBucket("bucket");
        for (size_t i = 0; i < 160; ++i)
            Put("key " + std::to_string(i), RandomText(20'000, i));
    }

    void Put(const std::string& key, const std::string& content) {
        ASSERT_TRUE(fixture_.Put("bucket", key, content));
        objects_[key] = content;
    }

    // All but every fourth.
    void DeleteMost() {
        size_t i = 0;
        std::erase_if(objects_, [&](const auto& object) {
            if (i++ % 4 == 0) return false;
            EXPECT_TRUE(fixture_.Delete("bucket", object.first));
            return true;
        });
        ASSERT_EQ(fixture_.StoredCopies(), objects_.size());
    }

    void ExpectAllThere() {
        for (const auto& [key, content] : objects_) {
            const auto got = fixture_.Get("bucket", key);
            ASSERT_TRUE(got) << got.error().ToString();
            EXPECT_TRUE(got.value() == content);
        }
        EXPECT_EQ(fixture_.StoredCopies(), objects_.size());
    }

    void CompactAll() {
        for (int steps = 0; RunTask(compactor_.Step()).value(); ++steps)
            ASSERT_LT(steps, 1000);
    }

    ServiceFixture fixture_;
    store::Compactable& compactable_ = dynamic_cast<store::Compactable&>(*fixture_.store);
    Compactor compactor_{*fixture_.database, *fixture_.store, compactable_, fixture_.gate,
                         *fixture_.reclaimer};
    std::map<std::string, std::string> objects_;
};

TEST_F(CompactorTest, GivesBackTheSpaceOfWhatWasRemoved) {
    DeleteMost();
    const store::PackStats before = compactable_.GetPackStats();
    CompactAll();
    const store::PackStats after = compactable_.GetPackStats();
    EXPECT_LT(after.segments, before.segments);
    EXPECT_LT(after.size_bytes, before.size_bytes);
    EXPECT_GT(compactor_.moved_copies(), 0u);
    ExpectAllThere();
}

TEST_F(CompactorTest, LeavesAloneWhatIsMostlyAlive) {
    CompactAll();
    EXPECT_EQ(compactor_.moved_copies(), 0u);
    ExpectAllThere();
}

// The counts are not kept over an end of the process.
TEST_F(CompactorTest, CountsWhatAnEarlierProcessLeft) {
    DeleteMost();
    fixture_.store.reset();
    fixture_.store =
        store::OpenEngine(fixture_.files, "/data/.coffer", fixture_.pool, fixture_.buffers).value();
    Reclaimer reclaimer(*fixture_.database, *fixture_.store, fixture_.gate);
    Compactor compactor(*fixture_.database, *fixture_.store,
                        dynamic_cast<store::Compactable&>(*fixture_.store), fixture_.gate,
                        reclaimer);
    while (RunTask(compactor.Step()).value()) {
    }
    EXPECT_GT(compactor.moved_copies(), 0u);
    const auto page = RunTask(fixture_.store->List("", 10'000)).value();
    EXPECT_EQ(page.copies.size(), objects_.size());
}

// Who holds a blob and knows its old key finds it all the same.
TEST_F(CompactorTest, AReadThatKnowsTheOldKeyFindsTheBytes) {
    DeleteMost();
    std::map<std::string, ReadableContent> located;
    for (const auto& [key, content] : objects_) {
        ASSERT_TRUE(fixture_.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const FoundVersion found,
                ResolveVersion(tx, ServiceFixture::Bucket("bucket"), ServiceFixture::Key(key),
                               std::nullopt, std::nullopt));
            TRY(located[key], LocateContent(tx, found.version, {0, found.version.size_bytes}));
            return Ok();
        }));
    }
    CompactAll();
    ASSERT_GT(compactor_.moved_copies(), 0u);
    for (const auto& [key, content] : objects_) {
        const auto source = RunTask(OpenContent(*fixture_.core, std::move(located[key])));
        ASSERT_TRUE(source) << source.error().ToString();
        EXPECT_TRUE(RunTask(runtime::ReadAll(*source.value(), content.size())).value() == content);
    }
}

// What its row says is not known, and no reason to leave all others where they are.
TEST_F(CompactorTest, ADamagedRowKeepsNoOtherCopyFromBeingMoved) {
    DeleteMost();
    const auto damaged = objects_.extract(objects_.begin());
    const std::string key = fixture_.CopyOf(damaged.mapped()).key;
    const codec::Sha256Digest sha256 = codec::Sha256(AsBytes(damaged.mapped()));
    ASSERT_TRUE(fixture_.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE blobs SET size_bytes = 1 WHERE sha256 = $1", {ByteView(sha256)}));
        return Ok();
    }));
    const store::PackStats before = compactable_.GetPackStats();
    // To its end, and once more than that.
    for (bool more = true, rested = false; more || !std::exchange(rested, true);) {
        const auto step = RunTask(compactor_.Step());
        ASSERT_TRUE(step) << step.error().ToString();
        more = step.value();
    }
    EXPECT_LT(compactable_.GetPackStats().segments, before.segments);
    EXPECT_GT(compactor_.moved_copies(), 0u);
    EXPECT_TRUE(RunTask(fixture_.store->Stat(key)));
    for (const auto& [name, content] : objects_)
        EXPECT_TRUE(fixture_.Get("bucket", name).value() == content);
}

// A deleted blob that somebody reads is the reclaimer's, and no reason to try again at once.
TEST_F(CompactorTest, ComesToAnEndBesideWhatWaitsForItsRemoval) {
    std::vector<BlobGate::Hold> reads;
    for (const auto& [key, content] : objects_)
        reads.push_back(RunTask(fixture_.gate.Share(codec::Sha256(AsBytes(content)))));
    size_t i = 0;
    std::erase_if(objects_, [&](const auto& object) {
        if (i++ % 4 == 0) return false;
        EXPECT_TRUE(fixture_.Delete("bucket", object.first));
        return true;
    });
    // Of eight, two live and one is read.
    for (i = 0; i < reads.size(); ++i) {
        if (i % 8 != 1) reads[i] = BlobGate::Hold();
    }
    EXPECT_GT(fixture_.StoredCopies(), objects_.size());
    CompactAll();
    EXPECT_GT(compactor_.moved_copies(), 0u);
    reads.clear();
    ExpectAllThere();
}

// Of two segments that are worth moving the emptier one holds only what a reader keeps.
TEST_F(CompactorTest, WhatWaitsForItsRemovalKeepsNoOtherSegmentFromBeingEmptied) {
    std::map<uint32_t, std::vector<std::string>> segments;  // the objects of each
    for (const auto& [key, content] : objects_) {
        const auto packed = store::engine::ParsePackKey(fixture_.CopyOf(content).key);
        segments[packed.value().segment].push_back(key);
    }
    ASSERT_GE(segments.size(), 3u);
    const std::vector<std::string>& waiting = segments.begin()->second;
    const std::vector<std::string>& other = std::next(segments.begin())->second;
    ASSERT_GE(other.size(), 8u);
    const codec::Sha256Digest read = codec::Sha256(AsBytes(objects_.at(waiting[0])));
    BlobGate::Hold hold = RunTask(fixture_.gate.Share(read));
    std::vector<std::string> gone = waiting;
    gone.insert(gone.end(), other.begin() + 2, other.end());
    for (const std::string& key : gone) {
        ASSERT_TRUE(fixture_.Delete("bucket", key));
        objects_.erase(key);
    }
    ASSERT_EQ(fixture_.StoredCopies(), objects_.size() + 1);
    CompactAll();
    EXPECT_EQ(compactor_.moved_copies(), 2u);
    EXPECT_EQ(fixture_.StoredCopies(), objects_.size() + 1);
    hold = BlobGate::Hold();
    ExpectAllThere();
}

TEST_F(CompactorTest, WhatNoRowNamesIsNotMovedButGoes) {
    DeleteMost();
    runtime::StringSource source(RandomText(100, 1));
    auto staged = RunTask(fixture_.store->Stage(source, {}));
    ASSERT_TRUE(RunTask(fixture_.store->Commit(std::move(staged).value())));
    // Into a segment that is worth moving.
    for (size_t i = 0; i < 400; ++i)
        Put("more " + std::to_string(i), RandomText(20'000, 1000 + i));
    size_t i = 0;
    std::erase_if(objects_, [&](const auto& object) {
        if (i++ % 8 == 0) return false;
        EXPECT_TRUE(fixture_.Delete("bucket", object.first));
        return true;
    });
    ASSERT_EQ(fixture_.StoredCopies(), objects_.size() + 1);
    CompactAll();
    ExpectAllThere();
}

}  // namespace
}  // namespace coffer::service
