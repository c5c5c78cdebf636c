// Copies that are damaged or gone: what reads, uploads and the catalogue make of them.

#include <gtest/gtest.h>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/copies.h"
#include "coffer/service/scrub_copy.h"

#include "tests/support/failing_store.h"
#include "tests/support/second_copy.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::FailingStore;
using testing::MemoryStore;
using testing::RunTask;
using testing::ServiceFixture;

constexpr catalog::StoreId kOther{2};

class DamageTest : public ::testing::Test {
  protected:
    DamageTest() { fixture.MakeBucket("photos"); }

    std::string KeyOf(const std::string& content) { return fixture.CopyOf(content).key; }
    catalog::CopyState StateOf(const std::string& content) { return fixture.CopyOf(content).state; }

    ScrubbedCopy Scrub(const std::string& content) {
        const catalog::Copy copy = fixture.CopyOf(content);
        auto blob = RunTask(fixture.database->Read(db::Cost::kPoint, [&](db::Transaction& tx) {
            return catalog::GetBlob(tx, copy.blob);
        }));
        runtime::Pace pace;
        return RunTask(ScrubCopy(*fixture.core, {copy, std::move(blob).value()}, true, pace))
            .value();
    }

    FailingStore& store() { return dynamic_cast<FailingStore&>(*fixture.store); }

    ServiceFixture fixture{std::make_unique<FailingStore>("engine")};
    MemoryStore other{"other"};
    const std::string kContent = std::string(1000, 'a') + std::string(1000, 'b');
};

TEST_F(DamageTest, IsAnErrorOfTheReadAndMarksTheCopy) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    store().Damage(KeyOf(kContent), 1500);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    EXPECT_EQ(fixture.Get("photos", "x").error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
    EXPECT_EQ(fixture.damage->reports(), 1u);
}

TEST_F(DamageTest, IsNotForgottenByWhoReadTheCopyBeforeIt) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    // A scrub reads the copy, and notes that it is right only once a read has found it damaged.
    const catalog::Copy before = fixture.CopyOf(kContent);
    store().Damage(KeyOf(kContent), 1500);
    EXPECT_EQ(fixture.Get("photos", "x").error().kind(), ErrorKind::kCorrupt);
    const auto note = [&](const catalog::Copy& copy) {
        ASSERT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) {
            return catalog::NoteVerified(tx, copy, fixture.clock.Now());
        }));
    };
    note(before);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
    // Who reads it after the damage was found, and finds it right, may say so.
    note(fixture.CopyOf(kContent));
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
}

// An upload wrote the bytes anew, under the name that they had, after the scrub has read them.
TEST_F(DamageTest, AScrubLeavesAloneWhatWasPutRightMeanwhile) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    const std::string key = KeyOf(kContent);
    store().DamageFor(key, 2);
    EXPECT_EQ(Scrub(kContent).condition, CopyCondition::kWhole);
    EXPECT_TRUE(store().quarantine().empty());
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
    // While somebody may be about to do so, nothing is set aside either.
    store().Damage(key);
    {
        const auto hold = RunTask(fixture.core->gate.Share(codec::Sha256(AsBytes(kContent))));
        const ScrubbedCopy in_use = Scrub(kContent);
        EXPECT_EQ(in_use.condition, CopyCondition::kDamaged);
        EXPECT_NE(in_use.why.find("in use"), std::string::npos) << in_use.why;
        EXPECT_TRUE(store().quarantine().empty());
        EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
    }
    EXPECT_EQ(Scrub(kContent).condition, CopyCondition::kDamaged);
    EXPECT_EQ(store().quarantine().size(), 1u);
}

// Who wants the blob waits meanwhile, and it may be long.
TEST_F(DamageTest, AScrubReadsNoMoreThanWhatFailedWhileNobodyElseMayRead) {
    constexpr uint64_t kDamagedAt = 700'000;
    const std::string content = std::string(kDamagedAt, 'a') + std::string(5'000'000, 'b');
    ASSERT_TRUE(fixture.Put("photos", "x", content));
    const std::string key = KeyOf(content);
    store().Damage(key, kDamagedAt);
    int reads = 0;
    store().before_read = [&](const std::string&) -> Result<> {
        const auto held = fixture.gate.TryAlone(codec::Sha256(AsBytes(content)));
        EXPECT_FALSE(held);
        ++reads;
        return Ok();
    };
    EXPECT_EQ(Scrub(content).condition, CopyCondition::kDamaged);
    EXPECT_EQ(reads, 3);
    EXPECT_EQ(store().read_bytes(), 2 * kDamagedAt);
    EXPECT_TRUE(store().quarantine().contains(key));
}

// A read that failed once, and no more, says nothing of what was not read by then.
TEST_F(DamageTest, BehindAPlaceThatFailedOnceIsFound) {
    const std::string content(3'000'000, 'a');
    ASSERT_TRUE(fixture.Put("photos", "x", content));
    const std::string key = KeyOf(content);
    store().Damage(key, 2'000'000);
    int reads = 0;
    store().before_read = [&](const std::string&) -> Result<> {
        if (++reads == 1) return Error(ErrorKind::kIo, "input/output error");
        return Ok();
    };
    EXPECT_EQ(Scrub(content).condition, CopyCondition::kDamaged);
    EXPECT_EQ(StateOf(content), catalog::CopyState::kDamaged);
    EXPECT_TRUE(store().quarantine().contains(key));
}

TEST_F(DamageTest, IsTakenBackWhereAllIsReadAfterAPlaceThatFailedOnce) {
    const std::string content(3'000'000, 'a');
    ASSERT_TRUE(fixture.Put("photos", "x", content));
    store().before_read = [](const std::string&) -> Result<> {
        return Error(ErrorKind::kIo, "input/output error");
    };
    EXPECT_FALSE(fixture.Get("photos", "x"));
    ASSERT_EQ(StateOf(content), catalog::CopyState::kDamaged);
    int reads = 0;
    store().before_read = [&](const std::string&) -> Result<> {
        if (++reads == 1) return Error(ErrorKind::kIo, "input/output error");
        return Ok();
    };
    const ScrubbedCopy scrubbed = Scrub(content);
    EXPECT_EQ(scrubbed.condition, CopyCondition::kWhole);
    EXPECT_TRUE(scrubbed.revived);
    EXPECT_EQ(StateOf(content), catalog::CopyState::kLive);
    EXPECT_EQ(reads, 3);
}

// It comes to an end, too.
TEST_F(DamageTest, OfACopyThatFailsNowAndThenIsThatItCantBeRead) {
    const std::string content(3'000'000, 'a');
    ASSERT_TRUE(fixture.Put("photos", "x", content));
    int reads = 0;
    store().before_read = [&](const std::string&) -> Result<> {
        if (++reads % 2 == 1) return Error(ErrorKind::kIo, "input/output error");
        return Ok();
    };
    const ScrubbedCopy scrubbed = Scrub(content);
    EXPECT_EQ(scrubbed.condition, CopyCondition::kUnreadable);
    EXPECT_EQ(scrubbed.why, "input/output error");
    EXPECT_EQ(reads, 6);
    EXPECT_EQ(StateOf(content), catalog::CopyState::kDamaged);
    EXPECT_TRUE(store().quarantine().empty());
}

// As after an upload that somebody else's read keeps the scrub from being alone with.
TEST_F(DamageTest, IsLookedAtAgainBeforeACopyInUseIsMarked) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    store().DamageFor(KeyOf(kContent), 2);
    const auto hold = RunTask(fixture.core->gate.Share(codec::Sha256(AsBytes(kContent))));
    EXPECT_EQ(Scrub(kContent).condition, CopyCondition::kWhole);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    EXPECT_EQ(fixture.damage->reports(), 0u);
}

TEST_F(DamageTest, OfOneRowKeepsNoOtherBytesFromBeingRemoved) {
    const std::string keys[] = {"a", "b", "c", "d"};
    for (const std::string& key : keys)
        ASSERT_TRUE(fixture.Put("photos", key, kContent + key));
    const catalog::BlobId first = fixture.CopyOf(kContent + "a").blob;
    const catalog::BlobId damaged = fixture.CopyOf(kContent + "c").blob;
    for (const std::string& key : keys)
        ASSERT_TRUE(fixture.Delete("photos", key));
    ASSERT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE blobs SET size_bytes = size_bytes + 1 WHERE id = $1",
                       {damaged.value()}));
        TRY(tx.Execute("UPDATE copies SET crc = crc + 1 WHERE blob_id = $1", {first.value()}));
        return Ok();
    }));
    EXPECT_EQ(RunTask(fixture.reclaimer->RunOnce()).error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(store().size(), 2u);
    int64_t rows = 0;
    ASSERT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) {
        return tx.Query("SELECT count(*) FROM copies", {}, [&](const db::Row& row) {
            rows = row.Int(0);
            return false;
        });
    }));
    EXPECT_EQ(rows, 2) << "the rows of the others went, too";
}

TEST_F(DamageTest, AnOrphanThatSomebodyHoldsGoesLater) {
    runtime::StringSource source(kContent);
    auto staged = RunTask(store().Stage(source, {})).value();
    ASSERT_TRUE(RunTask(store().Commit(std::move(staged))));
    {
        const auto hold = RunTask(fixture.core->gate.Share(codec::Sha256(AsBytes(kContent))));
        EXPECT_EQ(RunTask(fixture.reclaimer->DropOrphans()).value(), 0);
        EXPECT_EQ(store().size(), 1u);
    }
    EXPECT_TRUE(RunTask(fixture.reclaimer->RunOnce()));
    EXPECT_EQ(store().size(), 0u);
}

// It is told, for the log and a rest before the next try; and keeps nothing else from going.
TEST_F(DamageTest, ASpareThatCantBeRemovedIsAnErrorAndGoesLater) {
    std::vector<std::string> keys;
    for (const char* content : {"one", "two", "three"}) {
        runtime::StringSource source(content);
        auto staged = RunTask(store().Stage(source, {})).value();
        keys.push_back(RunTask(store().Commit(std::move(staged))).value());
        fixture.reclaimer->DropSpareLater(codec::Sha256(AsBytes(std::string(content))),
                                          keys.back());
    }
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    ASSERT_TRUE(fixture.Delete("photos", "x"));
    store().before_remove = [&](const std::string& key) -> Result<> {
        if (key == keys[0]) return Error(ErrorKind::kIo, "input/output error");
        return Ok();
    };
    EXPECT_EQ(RunTask(fixture.reclaimer->RunOnce()).error().kind(), ErrorKind::kIo);
    EXPECT_EQ(store().Keys(), std::vector<std::string>{keys[0]});
    EXPECT_TRUE(fixture.reclaimer->noted_orphan());
    store().before_remove = nullptr;
    EXPECT_EQ(RunTask(fixture.reclaimer->RunOnce()).value(), 1);
    EXPECT_EQ(store().size(), 0u);
}

// They lie where the disk fails, perhaps.
TEST_F(DamageTest, AnUploadIsDoneThoughTheBytesThatItReplacesDoNotGo) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    store().Damage(KeyOf(kContent));
    EXPECT_FALSE(fixture.Get("photos", "x"));
    store().before_remove = [](const std::string&) -> Result<> {
        return Error(ErrorKind::kIo, "input/output error");
    };
    ASSERT_TRUE(fixture.Put("photos", "y", kContent));
    EXPECT_EQ(store().size(), 2u);
    EXPECT_EQ(fixture.Get("photos", "y").value(), kContent);
    store().before_remove = nullptr;
    EXPECT_TRUE(RunTask(fixture.reclaimer->RunOnce()));
    EXPECT_EQ(store().size(), 1u);
}

// The bytes that were removed are not those that the row names by now.
TEST_F(DamageTest, ARowWithAnotherKeyIsNotForgotten) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    const catalog::Copy before = fixture.CopyOf(kContent);
    ASSERT_TRUE(fixture.Delete("photos", "x"));
    ASSERT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(auto row, catalog::FindCopy(tx, before.blob, before.store));
        row->key = "another";
        TRY(catalog::PutCopy(tx, *row));
        TRY(catalog::ForgetDeletingCopy(tx, before));
        TRY(row, catalog::FindCopy(tx, before.blob, before.store));
        EXPECT_TRUE(row);
        return Ok();
    }));
}

TEST_F(DamageTest, LeavesWhatIsWholeReadable) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    store().Damage(KeyOf(kContent), 1500);
    EXPECT_FALSE(fixture.Get("photos", "x"));
    GetRequest request{.bucket = ServiceFixture::Bucket("photos"), .key = ServiceFixture::Key("x")};
    request.range = codec::RangeSpec{.first = 0, .last = 999};
    EXPECT_EQ(fixture.Get(request).value(), kContent.substr(0, 1000));
}

TEST_F(DamageTest, OfBytesThatAreGoneIsNotTheObjectsAbsence) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    store().Lose(KeyOf(kContent));
    EXPECT_EQ(fixture.Get("photos", "x").error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
}

TEST_F(DamageTest, IsReadAroundWhereAnotherCopyIs) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    testing::AddSecondCopy(fixture, kContent, kOther, other);
    store().Damage(KeyOf(kContent), 1500);
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
    // The next read does not begin with the damaged copy.
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
    EXPECT_EQ(fixture.damage->reports(), 1u);
}

TEST_F(DamageTest, OfAMissingCopyIsReadAround) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    testing::AddSecondCopy(fixture, kContent, kOther, other);
    store().Lose(KeyOf(kContent));
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
}

// Its bytes may lie there without a name.
TEST_F(DamageTest, ThatCantBeWrittenAnewIsRememberedForTheNextStart) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    testing::AddSecondCopy(fixture, kContent, kOther, other);
    store().Damage(KeyOf(kContent));
    store().before_commit = [](const std::string&) -> Result<> {
        return Error(ErrorKind::kIo, "input/output error");
    };
    const ScrubbedCopy scrubbed = Scrub(kContent);
    EXPECT_EQ(scrubbed.condition, CopyCondition::kDamaged);
    EXPECT_FALSE(scrubbed.healed);
    EXPECT_TRUE(fixture.reclaimer->noted_orphan());
}

TEST_F(DamageTest, OfEveryCopyIsAnError) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    const std::string second = testing::AddSecondCopy(fixture, kContent, kOther, other);
    store().Damage(KeyOf(kContent), 500);
    other.Damage(second, 1500);
    EXPECT_EQ(fixture.Get("photos", "x").error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(fixture.damage->reports(), 2u);
}

TEST_F(DamageTest, IsHealedByUploadingTheContentAgain) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    ASSERT_TRUE(fixture.Put("photos", "y", kContent));
    store().Damage(KeyOf(kContent));
    EXPECT_FALSE(fixture.Get("photos", "x"));
    ASSERT_TRUE(fixture.Put("photos", "z", kContent));
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    for (const char* key : {"x", "y", "z"})
        EXPECT_EQ(fixture.Get("photos", key).value(), kContent) << key;
}

TEST_F(DamageTest, OfAMissingCopyIsNoticedByAnUploadOfTheContent) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    store().Lose(KeyOf(kContent));
    ASSERT_TRUE(fixture.Put("photos", "y", kContent));
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
    EXPECT_EQ(fixture.Get("photos", "y").value(), kContent);
    EXPECT_EQ(fixture.damage->reports(), 1u);
}

// Before any scrub has marked it.
TEST_F(DamageTest, OfACopyThatCantBeReadIsHealedByAnUploadOfTheContent) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    const std::string unreadable = KeyOf(kContent);
    const auto fails = [&](const std::string& key) -> Result<> {
        if (key == unreadable) return Error(ErrorKind::kIo, "input/output error");
        return Ok();
    };
    store().before_stat = fails;
    store().before_read = fails;
    ASSERT_TRUE(fixture.Put("photos", "y", kContent));
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
    EXPECT_EQ(fixture.Get("photos", "y").value(), kContent);
    EXPECT_EQ(fixture.damage->reports(), 1u);
    EXPECT_TRUE(RunTask(fixture.reclaimer->RunOnce()));
    EXPECT_EQ(store().Keys(), std::vector<std::string>{KeyOf(kContent)});
}

// The record around the bytes may be read where the bytes are not: an upload asks for no more.
TEST_F(DamageTest, OfBytesThatCantBeReadIsHealedByAnUploadOfTheContent) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    const std::string unreadable = KeyOf(kContent);
    store().before_read = [&](const std::string& key) -> Result<> {
        if (key == unreadable) return Error(ErrorKind::kIo, "input/output error");
        return Ok();
    };
    EXPECT_EQ(fixture.Get("photos", "x").error().kind(), ErrorKind::kIo);
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
    ASSERT_TRUE(fixture.Put("photos", "y", kContent));
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
    EXPECT_EQ(fixture.Get("photos", "y").value(), kContent);
}

TEST_F(DamageTest, IsNotWhatTheServerLacksJustNow) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    for (const ErrorKind kind : {ErrorKind::kBusy, ErrorKind::kTimeout, ErrorKind::kUnavailable}) {
        const auto fails = [&](const std::string&) -> Result<> { return Error(kind, "not now"); };
        store().before_read = fails;
        EXPECT_EQ(fixture.Get("photos", "x").error().kind(), kind);
        store().before_read = nullptr;
        store().before_stat = fails;
        EXPECT_EQ(fixture.Put("photos", "y", kContent).error().kind(), kind);
        store().before_stat = nullptr;
    }
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    EXPECT_EQ(fixture.damage->reports(), 0u);
    EXPECT_EQ(fixture.Get("photos", "x").value(), kContent);
}

TEST_F(DamageTest, DoesNotKeepAnObjectFromBeingDeleted) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    store().Damage(KeyOf(kContent));
    EXPECT_FALSE(fixture.Get("photos", "x"));
    ASSERT_TRUE(fixture.Delete("photos", "x"));
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

TEST_F(DamageTest, StaysWithACopyThatIsMoved) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    const catalog::Copy before = fixture.CopyOf(kContent);
    ASSERT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::MarkDamaged(tx, before));
        TRY(const bool moved, catalog::MoveCopy(tx, before, "elsewhere"));
        EXPECT_TRUE(moved);
        TRY(const bool again, catalog::MoveCopy(tx, before, "nowhere"));
        EXPECT_FALSE(again);
        return Ok();
    }));
    EXPECT_EQ(KeyOf(kContent), "elsewhere");
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kDamaged);
}

TEST_F(DamageTest, IsNotWhatAReportOfAnOldKeyMeans) {
    ASSERT_TRUE(fixture.Put("photos", "x", kContent));
    catalog::Copy moved = fixture.CopyOf(kContent);
    moved.key = "where it was before";
    EXPECT_FALSE(RunTask(fixture.damage->Report(moved, codec::Sha256(AsBytes(kContent)),
                                                Error(ErrorKind::kNotFound, "gone"), {})));
    EXPECT_EQ(StateOf(kContent), catalog::CopyState::kLive);
    EXPECT_EQ(fixture.damage->reports(), 0u);
}

}  // namespace
}  // namespace coffer::service
