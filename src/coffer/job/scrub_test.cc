// Passes over a store in memory that can be hurt, and a catalogue that can be made wrong.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/copies.h"
#include "coffer/catalog/usage.h"
#include "coffer/job/kept_reports.h"
#include "coffer/job/scrub_pass.h"

#include "tests/support/failing_database.h"
#include "tests/support/memory_store.h"
#include "tests/support/run_task.h"
#include "tests/support/scrub_fixture.h"
#include "tests/support/second_copy.h"

namespace coffer::job {
namespace {

using catalog::CopyState;
using testing::FailingDatabase;
using testing::MemoryStore;
using testing::RunTask;

constexpr catalog::StoreId kOther{2};

class ScrubTest : public testing::ScrubFixture {
  protected:
    // Bytes on the store that no row names.
    void AddOrphan(const std::string& content) {
        runtime::StringSource source(content);
        auto staged = RunTask(fixture.store->Stage(source, {})).value();
        ASSERT_TRUE(RunTask(fixture.store->Commit(std::move(staged))));
    }

    ScrubReport Scrub(bool repair = true) {
        ScrubReport report;
        report.repair = repair;
        return Run(report);
    }

    MemoryStore other{"other"};
};

TEST_F(ScrubTest, FindsNothingWhereNothingIsWrong) {
    for (int i = 0; i < 600; ++i)
        ASSERT_TRUE(fixture.Put("photos", std::to_string(i), "content " + std::to_string(i)));
    ASSERT_TRUE(fixture.Put("photos", "again", "content 0"));
    const ScrubReport report = Scrub();
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.phase, ScrubPhase::kDone);
    EXPECT_EQ(report.copies, 600);
    EXPECT_EQ(report.total_copies, 600);
    EXPECT_EQ(report.bytes, report.total_bytes);
    EXPECT_EQ(report.orphans, 0);
    EXPECT_GT(report.finished_us, 0);
}

TEST_F(ScrubTest, SetsDamagedBytesAsideAndNamesTheObjects) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    ASSERT_TRUE(fixture.Put("photos", "cat2", "meow"));
    ASSERT_TRUE(fixture.Put("photos", "dog", "woof"));
    const std::string key = KeyOf("meow");
    store().Damage(key);
    const ScrubReport report = Scrub();
    EXPECT_FALSE(report.clean());
    EXPECT_EQ(report.damaged, 1);
    EXPECT_EQ(report.quarantined, 1);
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(report.findings[0].objects, (std::vector<std::string>{"photos/cat", "photos/cat2"}));
    EXPECT_EQ(store().quarantine().at(key), "meow");
    EXPECT_EQ(fixture.CopyOf("meow").state, CopyState::kDamaged);
    EXPECT_EQ(fixture.Get("photos", "cat").error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(fixture.Get("photos", "dog").value(), "woof");

    // It is still gone, until the content comes again.
    EXPECT_EQ(Scrub().missing, 1);
    ASSERT_TRUE(fixture.Put("photos", "new", "meow"));
    EXPECT_TRUE(Scrub().clean());
    EXPECT_EQ(fixture.Get("photos", "cat").value(), "meow");
}

TEST_F(ScrubTest, FindsBytesThatOnlyTheirDigestTells) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    store().Swap(KeyOf("meow"), "miau");
    EXPECT_EQ(Scrub().damaged, 1);
}

TEST_F(ScrubTest, HealsFromAnotherCopy) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    testing::AddSecondCopy(fixture, "meow", kOther, other);
    const std::string key = KeyOf("meow");
    store().Damage(key);
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.damaged, 1);
    EXPECT_EQ(report.healed, 1);
    EXPECT_EQ(fixture.CopyOf("meow").state, CopyState::kLive);
    EXPECT_EQ(fixture.Get("photos", "cat").value(), "meow");
    EXPECT_EQ(fixture.damage->reports(), 1u);  // of the scrub, and none of the read
    EXPECT_EQ(store().quarantine().count(key), 1u);
    EXPECT_TRUE(Scrub().clean());
}

TEST_F(ScrubTest, TellsOfDamagedBytesThatCantBeWrittenAnew) {
    FailingDatabase database(*fixture.database);
    service::Core core = CoreOver(database);
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    testing::AddSecondCopy(fixture, "meow", kOther, other);
    store().Damage(KeyOf("meow"));
    database.writes_to_fail = 1;
    ScrubPass pass(core, control, pace, {});
    ASSERT_TRUE(RunTask(pass.Run()));
    const ScrubReport report = pass.report();
    EXPECT_EQ(report.damaged, 1);
    EXPECT_EQ(report.quarantined, 1);
    EXPECT_EQ(report.healed + report.unreadable, 0);
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(report.findings[0].quarantine, "quarantine/" + store().quarantine().begin()->first);
    EXPECT_NE(report.findings[0].detail.find("it can't be written anew"), std::string::npos);
    EXPECT_EQ(Scrub().healed, 1);
}

TEST_F(ScrubTest, MarksMissingBytes) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    store().Lose(KeyOf("meow"));
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.missing, 1);
    EXPECT_EQ(fixture.CopyOf("meow").state, CopyState::kDamaged);
}

TEST_F(ScrubTest, RevivesACopyThatIsWholeAfterAll) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::MarkDamaged(tx, fixture.CopyOf("meow")));
        return Ok();
    });
    const ScrubReport report = Scrub();
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.revived, 1);
    EXPECT_EQ(fixture.CopyOf("meow").state, CopyState::kLive);
}

TEST_F(ScrubTest, TakesAWholeCopyForWholeWhereTheCatalogueCantBeWritten) {
    FailingDatabase database(*fixture.database);
    service::Core core = CoreOver(database);
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    for (const ErrorKind kind : {ErrorKind::kNoSpace, ErrorKind::kIo}) {
        const catalog::Copy copy = fixture.CopyOf("meow");
        Write([&](db::Transaction& tx) -> Result<> {
            TRY(catalog::MarkDamaged(tx, copy));
            return Ok();
        });
        database.write_failure = kind;
        database.writes_to_fail = 1;
        ScrubPass pass(core, control, pace, {});
        ASSERT_TRUE(RunTask(pass.Run()));
        EXPECT_EQ(database.writes_to_fail, 0);
        EXPECT_TRUE(pass.report().clean()) << ToString(kind);
        EXPECT_EQ(pass.report().copies, 1) << ToString(kind);
        EXPECT_EQ(pass.report().revived, 0) << ToString(kind);
    }
}

// What the catalogue can't say of a copy is nothing that the copy has.
TEST_F(ScrubTest, TellsACatalogueThatCantBeReadFromACopy) {
    FailingDatabase database(*fixture.database);
    service::Core core = CoreOver(database);
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    store().Damage(KeyOf("meow"));
    database.point_reads_to_fail = 2;
    ScrubPass pass(core, control, pace, {});
    ASSERT_TRUE(RunTask(pass.Run()));
    EXPECT_EQ(pass.report().phase, ScrubPhase::kDone);
    EXPECT_EQ(pass.report().unreadable, 1);
    EXPECT_EQ(pass.report().catalogue, 0);  // nothing to restore from a backup
    EXPECT_TRUE(store().quarantine().empty());
    EXPECT_EQ(Scrub().damaged, 1);
}

// It goes on to mend.
TEST_F(ScrubTest, ReadsTheCatalogueOnceMoreWhereItFailedOnce) {
    FailingDatabase database(*fixture.database);
    service::Core core = CoreOver(database);
    for (const char* content : {"meow", "woof"}) {
        ASSERT_TRUE(fixture.Put("photos", content, content));
        store().Damage(KeyOf(content));
    }
    AddOrphan("nobody's");
    database.point_reads_to_fail = 1;
    ScrubPass pass(core, control, pace, {});
    ASSERT_TRUE(RunTask(pass.Run()));
    EXPECT_EQ(database.point_reads_to_fail, 0);
    EXPECT_EQ(pass.report().catalogue + pass.report().unreadable, 0);
    EXPECT_EQ(pass.report().damaged, 2);
    EXPECT_EQ(pass.report().quarantined, 2);
    EXPECT_EQ(pass.report().orphans_removed, 1);
}

TEST_F(ScrubTest, RemovesOrphansAndNothingElse) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    AddOrphan("nobody's");
    AddOrphan("meow");  // the same content once more, under a key that no row has
    const ScrubReport report = Scrub();
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.orphans, 2);
    EXPECT_EQ(report.orphans_removed, 2);
    EXPECT_EQ(store().size(), 1u);
    EXPECT_EQ(fixture.Get("photos", "cat").value(), "meow");
}

TEST_F(ScrubTest, LeavesBytesThatAreOnTheirWayToARow) {
    const std::string content = "on its way";
    const service::BlobGate::Hold hold =
        RunTask(fixture.gate.Share(codec::Sha256(AsBytes(content))));
    AddOrphan(content);
    EXPECT_EQ(Scrub().orphans, 0);
    EXPECT_EQ(store().size(), 1u);
}

TEST_F(ScrubTest, CorrectsCountsOfReferences) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    ASSERT_TRUE(fixture.Put("photos", "cat2", "meow"));
    ASSERT_TRUE(fixture.Put("photos", "dog", "woof"));
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::AddReferences(tx, fixture.CopyOf("meow").blob, 5));
        return catalog::DropReference(tx, fixture.CopyOf("woof").blob);
    });
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.references, 2);
    EXPECT_EQ(report.corrected, 2);
    EXPECT_EQ(fixture.StoredCopies(), 2u);
    EXPECT_EQ(fixture.Get("photos", "dog").value(), "woof");
    EXPECT_TRUE(Scrub().clean());
    ASSERT_TRUE(fixture.Delete("photos", "cat"));
    ASSERT_TRUE(fixture.Delete("photos", "cat2"));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
}

TEST_F(ScrubTest, GivesUpBlobsThatNothingNames) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    Write([&](db::Transaction& tx) {
        return catalog::AddReferences(tx, fixture.CopyOf("meow").blob, 1);
    });
    ASSERT_TRUE(fixture.Delete("photos", "cat"));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    EXPECT_EQ(Scrub().references, 1);
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

TEST_F(ScrubTest, CorrectsUsage) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    catalog::Version phantom;
    phantom.size_bytes = 100'000;
    phantom.bucket = RunTask(fixture.database->Read(db::Cost::kPoint,
                                                    [](db::Transaction& tx) {
                                                        return catalog::FindBucket(tx, "photos");
                                                    }))
                         .value()
                         .id;
    Write([&](db::Transaction& tx) { return catalog::CountVersion(tx, phantom, 1); });
    EXPECT_EQ(Scrub().usage, 1);
    EXPECT_TRUE(Scrub().clean());
    EXPECT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(const auto usage, catalog::ReadUsage(tx));
        EXPECT_EQ(usage.at(0).versions, 1);
        EXPECT_EQ(usage.at(0).bytes, 4);
        return Ok();
    }));
}

// A row that is lost makes good bytes look like nobody's.
TEST_F(ScrubTest, TakesNothingAwayByADamagedCatalogue) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    ASSERT_TRUE(fixture.Put("photos", "dog", "woof"));
    AddOrphan("nobody's, as it seems");
    store().Damage(KeyOf("meow"));
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::AddReferences(tx, fixture.CopyOf("woof").blob, 1));
        TRY(tx.Execute("UPDATE versions SET size_bytes = 5 WHERE key = $1", {AsBytes("cat")}));
        return Ok();
    });
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.phase, ScrubPhase::kDone);
    EXPECT_GE(report.catalogue, 1);
    EXPECT_EQ(report.damaged, 1);
    EXPECT_EQ(report.orphans, 1);
    EXPECT_EQ(report.quarantined + report.corrected + report.orphans_removed, 0);
    EXPECT_EQ(store().size(), 3u);
}

TEST_F(ScrubTest, OnlyLooksWhenToldTo) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    AddOrphan("nobody's");
    store().Damage(KeyOf("meow"));
    Write([&](db::Transaction& tx) {
        return catalog::AddReferences(tx, fixture.CopyOf("meow").blob, 1);
    });
    for (int turn = 0; turn < 2; ++turn) {
        const ScrubReport report = Scrub(false);
        EXPECT_EQ(report.damaged, 1);
        EXPECT_EQ(report.references, 1);
        EXPECT_EQ(report.orphans, 1);
        EXPECT_EQ(report.corrected + report.quarantined + report.orphans_removed, 0);
    }
    EXPECT_EQ(fixture.CopyOf("meow").state, CopyState::kLive);
    EXPECT_EQ(store().size(), 2u);
}

// A pass that is cut off after any number of copies goes on, and checks each copy once.
TEST_F(ScrubTest, GoesOnWhereItWasInterrupted) {
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(fixture.Put("photos", std::to_string(i), "content " + std::to_string(i)));
    store().Damage(KeyOf("content 3"));
    store().Damage(KeyOf("content 17"));
    int64_t asked = 0;
    ScrubReport report;
    int64_t runs = 0;
    while (report.phase != ScrubPhase::kDone) {
        asked = 0;
        control.interrupt = false;
        control.busy = [&] {
            if (++asked == 7) control.interrupt = true;
            return false;
        };
        report = Run(report);
        ++runs;
        if (report.phase == ScrubPhase::kDone) break;
        KeptReports kept;
        ASSERT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(kept, ReadReports(tx));
            return Ok();
        }));
        ASSERT_TRUE(kept.unfinished);
        report = *kept.unfinished;
    }
    EXPECT_GT(runs, 2);
    EXPECT_EQ(report.copies, 20);
    EXPECT_EQ(report.damaged, 2);
    EXPECT_EQ(report.findings.size(), 2u);
}

// The rows of two are damaged: in copies, and in blobs.
TEST_F(ScrubTest, ReadsBackWhatComesAfterADamagedRow) {
    for (const char* content : {"one", "two", "three", "four"})
        ASSERT_TRUE(fixture.Put("photos", content, content));
    store().Damage(KeyOf("four"));
    const int64_t first = fixture.CopyOf("one").blob.value();
    const int64_t third = fixture.CopyOf("three").blob.value();
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE copies SET verified_us = 5 WHERE blob_id = $1", {first}));
        TRY(tx.Execute("UPDATE blobs SET reference_count = 7 WHERE id = $1", {third}));
        return Ok();
    });
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.phase, ScrubPhase::kDone);
    EXPECT_EQ(report.copies, 2);
    EXPECT_EQ(report.damaged, 1);
    EXPECT_GE(report.catalogue, 2);
    std::set<int64_t> found;
    for (const Finding& finding : report.findings)
        found.insert(finding.blob_id);
    EXPECT_TRUE(found.contains(first));
    EXPECT_TRUE(found.contains(third));
}

TEST_F(ScrubTest, CountsADamagedRowOnce) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE copies SET verified_us = 5", {}));
        return Ok();
    });
    for (const int64_t counted_before : {0, 1}) {
        ScrubReport report;
        report.phase = ScrubPhase::kCopies;
        report.catalogue = counted_before;
        EXPECT_EQ(Run(report).catalogue, 1);
    }
}

// More than are read at once, behind rows that are damaged or to be removed.
TEST_F(ScrubTest, ReadsBackAllThatAreWhole) {
    for (int i = 0; i < 600; ++i)
        ASSERT_TRUE(fixture.Put("photos", std::to_string(i), "content " + std::to_string(i)));
    const int64_t tenth = fixture.CopyOf("content 9").blob.value();
    const int64_t last = fixture.CopyOf("content 599").blob.value();
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE copies SET verified_us = 5 WHERE blob_id <= $1 OR blob_id = $2",
                       {tenth, last}));
        return Ok();
    });
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.phase, ScrubPhase::kDone);
    EXPECT_EQ(report.copies, 589);
}

TEST_F(ScrubTest, GoesOnWhereACopyCantBeSetAside) {
    for (const ErrorKind kind :
         {ErrorKind::kIo, ErrorKind::kNoSpace, ErrorKind::kDenied, ErrorKind::kCorrupt}) {
        const std::string name(ToString(kind));
        ASSERT_TRUE(fixture.Put("photos", "cat " + name, "meow " + name));
        ASSERT_TRUE(fixture.Put("photos", "dog " + name, "woof " + name));
        store().Damage(KeyOf("meow " + name));
        store().Damage(KeyOf("woof " + name));
        store().before_quarantine = FailsFor("meow " + name, kind);
        const ScrubReport report = Scrub();
        EXPECT_EQ(report.phase, ScrubPhase::kDone) << name;
        // They are damaged, whatever becomes of them; and nothing is wrong with the catalogue.
        EXPECT_EQ(report.damaged, 2) << name;
        EXPECT_EQ(report.unreadable + report.catalogue, 0) << name;
        EXPECT_EQ(report.quarantined, 1) << name;
        ASSERT_EQ(report.findings.size(), 2u) << name;
        EXPECT_EQ(report.findings[0].copy, KeyOf("meow " + name));
        EXPECT_EQ(report.findings[0].what, "damaged") << name;
        EXPECT_EQ(report.findings[0].detail,
                  "the copy is damaged; it can't be set aside: it can't be done")
            << name;
        EXPECT_EQ(report.findings[0].objects, (std::vector<std::string>{"photos/cat " + name}));

        store().before_quarantine = nullptr;
        EXPECT_EQ(Scrub().quarantined, 1) << name;
        ASSERT_TRUE(fixture.Put("photos", "again", "meow " + name));
        ASSERT_TRUE(fixture.Put("photos", "again", "woof " + name));
    }
}

TEST_F(ScrubTest, GoesOnWhereACopyMayNotBeRead) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    ASSERT_TRUE(fixture.Put("photos", "dog", "woof"));
    for (const ErrorKind kind : {ErrorKind::kDenied, ErrorKind::kUnsupported}) {
        store().before_read = FailsFor("meow", kind);
        const ScrubReport report = Scrub();
        EXPECT_EQ(report.phase, ScrubPhase::kDone);
        EXPECT_EQ(report.unreadable, 1);
        EXPECT_EQ(report.copies, 2);
    }
    EXPECT_TRUE(store().quarantine().empty());
}

// As the store says of a range that is not inside the copy.
TEST_F(ScrubTest, FindsACopyThatIsShorterThanItsBlob) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    store().before_read = FailsFor("meow", ErrorKind::kInvalid);
    EXPECT_EQ(Scrub().damaged, 1);
    EXPECT_EQ(store().quarantine().size(), 1u);
}

TEST_F(ScrubTest, GoesOnWhereAnOrphanCantBeRemoved) {
    AddOrphan("stays");
    AddOrphan("goes");
    const std::string stays = store().Keys().at(0);
    store().before_remove = FailsForKey(stays, ErrorKind::kIo);
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.phase, ScrubPhase::kDone);
    EXPECT_TRUE(report.clean());
    EXPECT_EQ(report.orphans, 2);
    EXPECT_EQ(report.orphans_removed, 1);
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(report.findings[0].what, "orphan");
    EXPECT_EQ(report.findings[0].copy, stays);
    EXPECT_EQ(report.findings[0].detail, "it can't be removed: it can't be done");
}

TEST_F(ScrubTest, EndsWhereTheStoreCantBeListed) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    store().before_list = FailsForKey("", ErrorKind::kIo);
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.phase, ScrubPhase::kDone);
    EXPECT_EQ(report.copies, 1);
    EXPECT_EQ(report.unreadable, 1);
}

TEST_F(ScrubTest, TellsOfWhatTheStoreLeavesOut) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    AddOrphan("can't be looked at");
    AddOrphan("goes");
    store().Hide(store().Keys().at(1));
    const ScrubReport report = Scrub();
    EXPECT_EQ(report.phase, ScrubPhase::kDone);
    EXPECT_EQ(report.unreadable, 1);
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(report.findings[0].what, "unreadable");
    EXPECT_EQ(report.findings[0].detail,
              "what the store holds can't be listed: a copy can't be looked at");
    EXPECT_EQ(report.orphans_removed, 1);
    EXPECT_EQ(store().size(), 2u);
}

// By its part, though pages tell of it again, and whether there is room to name it or not.
TEST_F(ScrubTest, CountsEachPartThatTheStoreLeavesOutOnce) {
    for (int i = 0; i < 600; ++i)
        ASSERT_TRUE(fixture.Put("photos", std::to_string(i), "content " + std::to_string(i)));
    const std::vector<std::string> keys = store().Keys();
    for (const size_t hidden : {10, 257, 258, 599})  // the second page begins in front of two
        store().Hide(keys[hidden]);
    for (const size_t found_before : {size_t{0}, ScrubReport::kMaxFindings}) {
        ScrubReport report;
        report.phase = ScrubPhase::kOrphans;
        report.findings.resize(found_before);
        EXPECT_EQ(Run(report).unreadable, 4);
    }
}

TEST_F(ScrubTest, GoesOnWhereItsProgressFindsNoRoom) {
    FailingDatabase database(*fixture.database);
    service::Core core = CoreOver(database);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(fixture.Put("photos", std::to_string(i), "content " + std::to_string(i)));
    database.writes_to_fail = 1;
    ScrubPass pass(core, control, pace, {});
    const auto finished = RunTask(pass.Run());
    EXPECT_TRUE(finished) << finished.error().ToString();
    EXPECT_EQ(database.writes_to_fail, 0);
    EXPECT_EQ(pass.report().copies, 3);
}

TEST_F(ScrubTest, GoesOnWhereACountCantBeCorrected) {
    FailingDatabase database(*fixture.database);
    service::Core core = CoreOver(database);
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    Write([&](db::Transaction& tx) {
        return catalog::AddReferences(tx, fixture.CopyOf("meow").blob, 1);
    });
    database.writes_to_fail = 1;
    ScrubPass pass(core, control, pace, {});
    const auto finished = RunTask(pass.Run());
    EXPECT_TRUE(finished) << finished.error().ToString();
    EXPECT_EQ(pass.report().copies, 1);
    EXPECT_EQ(pass.report().references, 1);
    EXPECT_EQ(pass.report().corrected, 0);
    EXPECT_EQ(Scrub().corrected, 1);
}

}  // namespace
}  // namespace coffer::job
