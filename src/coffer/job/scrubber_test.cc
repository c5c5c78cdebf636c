#include "coffer/job/scrubber.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/copies.h"

#include "tests/support/failing_database.h"
#include "tests/support/scrub_fixture.h"

namespace coffer::job {
namespace {

using catalog::CopyState;
using testing::FailingDatabase;

class ScrubberTest : public testing::ScrubFixture {
  protected:
    void MarkDamaged(const std::string& content) {
        Write([&](db::Transaction& tx) -> Result<> {
            TRY(catalog::MarkDamaged(tx, fixture.CopyOf(content)));
            return Ok();
        });
    }

    // Waits for what the scrub's thread brings about.
    static void Await(const std::function<bool()>& holds) {
        while (!holds())
            std::this_thread::yield();
    }
};

TEST_F(ScrubberTest, RunsByItselfAndOnlyWhenDue) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    {
        Scrubber scrubber(*fixture.core, {.interval = std::chrono::hours(24)});
        scrubber.Start();
        Await([&] { return scrubber.status().last.has_value(); });
        EXPECT_EQ(scrubber.status().last->copies, 1);
        EXPECT_FALSE(scrubber.status().last->asked);
        scrubber.Stop();
    }
    const int64_t first = ToMicros(fixture.clock.Now());
    Scrubber again(*fixture.core, {.interval = std::chrono::hours(24)});
    again.Start();
    EXPECT_EQ(again.status().last->started_us, first);
    fixture.clock.Advance(std::chrono::hours(25));
    again.Wake();
    Await([&] { return again.status().last->started_us > first; });
}

TEST_F(ScrubberTest, GoesOnAfterTheProcessEnded) {
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(fixture.Put("photos", std::to_string(i), "content " + std::to_string(i)));
    {
        std::atomic<bool> stuck = false;
        Scrubber scrubber(*fixture.core, {.interval = std::chrono::hours(24), .busy = [&] {
                                              stuck = true;
                                              return true;
                                          }});
        scrubber.Start();
        Await([&] { return stuck.load(); });
        scrubber.Stop();
        ASSERT_TRUE(scrubber.status().now);
    }
    Scrubber again(*fixture.core, {.interval = std::chrono::hours(24)});
    ASSERT_TRUE(again.status().now);
    again.Start();
    Await([&] { return again.status().last.has_value(); });
    EXPECT_EQ(again.status().last->copies, 50);
}

TEST_F(ScrubberTest, RunsWhenAskedAndOnce) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    Scrubber scrubber(*fixture.core, {});
    scrubber.Pause();
    scrubber.Start();
    EXPECT_TRUE(scrubber.Begin({}));
    scrubber.Pause();
    EXPECT_FALSE(scrubber.Begin({}));
    EXPECT_TRUE(scrubber.status().running);
    scrubber.Resume();
    Await([&] { return scrubber.status().last.has_value(); });
    Await([&] { return !scrubber.status().running; });
    EXPECT_TRUE(scrubber.status().last->asked);
    EXPECT_TRUE(scrubber.Begin({.repair = false}));
    Await([&] { return !scrubber.status().last->repair; });
}

TEST_F(ScrubberTest, LooksAfterWhatReadsFindDamaged) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    Scrubber scrubber(*fixture.core, {});
    fixture.damage->OnMark([&] { scrubber.Wake(); });
    scrubber.Start();
    store().Damage(KeyOf("meow"));
    EXPECT_FALSE(fixture.Get("photos", "cat"));
    Await([&] { return store().quarantine().size() == 1; });
    scrubber.Stop();
}

TEST_F(ScrubberTest, LooksAfterTheOthersWhereOneCantBeSetAside) {
    for (const char* content : {"meow", "woof"}) {
        ASSERT_TRUE(fixture.Put("photos", content, content));
        store().Damage(KeyOf(content));
        MarkDamaged(content);
    }
    store().before_quarantine = FailsFor("meow", ErrorKind::kNoSpace);
    const std::string key = KeyOf("woof");
    Scrubber scrubber(*fixture.core, {});
    scrubber.Start();
    Await([&] { return store().quarantine().contains(key); });
    scrubber.Stop();
}

TEST_F(ScrubberTest, LooksAfterDamageAgainAfterItWasInterrupted) {
    for (const char* content : {"meow", "woof"}) {
        ASSERT_TRUE(fixture.Put("photos", content, content));
        store().Damage(KeyOf(content));
        MarkDamaged(content);
    }
    Scrubber scrubber(*fixture.core, {});
    bool asked = false;
    store().before_quarantine = [&](const std::string&) -> Result<> {
        if (!std::exchange(asked, true)) scrubber.Begin({.repair = false});
        return Ok();
    };
    scrubber.Start();
    Await([&] { return store().quarantine().size() == 2; });
    scrubber.Stop();
    EXPECT_TRUE(scrubber.status().last);
}

TEST_F(ScrubberTest, LooksAfterAllThatIsDamaged) {
    Write([](db::Transaction& tx) -> Result<> {
        for (int i = 0; i < 1000; ++i) {
            catalog::Blob blob;
            blob.sha256 = codec::Sha256(AsBytes(std::to_string(i)));
            blob.size_bytes = 1;
            TRY(const catalog::AddedBlob added,
                catalog::AddBlob(tx, blob, catalog::kEngineStore, "lost"));
            TRY(catalog::PutCopy(tx,
                                 {added.id, catalog::kEngineStore, "lost", CopyState::kDamaged}));
        }
        return Ok();
    });
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    store().Damage(KeyOf("meow"));
    MarkDamaged("meow");
    Write([](db::Transaction& tx) -> Result<> {
        TRY(
            tx.Execute("UPDATE copies SET verified_us = 5 "
                       "WHERE blob_id = (SELECT MIN(blob_id) FROM copies)",
                       {}));
        return Ok();
    });
    Scrubber scrubber(*fixture.core, {});
    scrubber.Start();
    Await([&] { return store().quarantine().size() == 1; });
    scrubber.Stop();
}

// An unfinished pass of its own waits while they are off, and nothing else with it.
TEST_F(ScrubberTest, LooksAfterDamageBesideAPassThatWaits) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    control.interrupt = true;
    ASSERT_EQ(Run({}).phase, ScrubPhase::kCatalogue);
    store().Damage(KeyOf("meow"));
    MarkDamaged("meow");
    Scrubber scrubber(*fixture.core, {});
    ASSERT_TRUE(scrubber.status().now);
    scrubber.Start();
    Await([&] { return store().quarantine().size() == 1; });
    scrubber.Stop();
}

TEST_F(ScrubberTest, MendsWhenDueThoughOneThatOnlyLooksCameBetween) {
    ASSERT_TRUE(fixture.Put("photos", "cat", "meow"));
    Scrubber scrubber(*fixture.core, {.interval = std::chrono::hours(24)});
    scrubber.Start();
    Await([&] { return scrubber.status().last.has_value(); });
    fixture.clock.Advance(std::chrono::hours(23));
    EXPECT_TRUE(scrubber.Begin({.repair = false}));
    Await([&] { return !scrubber.status().last->repair; });
    fixture.clock.Advance(std::chrono::hours(2));
    scrubber.Wake();
    Await([&] { return scrubber.status().last->repair; });
    EXPECT_FALSE(scrubber.status().last->asked);
}

TEST_F(ScrubberTest, KeepsARequestWhileTheCatalogueFails) {
    FailingDatabase database(*fixture.database);
    service::Core core = CoreOver(database);
    Scrubber scrubber(core, {});
    scrubber.Start();
    // Before the pass, and after it.
    for (std::atomic<int>* to_fail : {&database.frees_to_fail, &database.point_reads_to_fail}) {
        fixture.clock.Advance(std::chrono::hours(1));
        *to_fail = 1;
        EXPECT_TRUE(scrubber.Begin({}));
        Await([&] { return *to_fail == 0; });
        const int64_t begun = ToMicros(fixture.clock.Now());
        scrubber.Wake();
        Await([&] {
            const auto last = scrubber.status().last;
            return last && last->started_us == begun;
        });
        Await([&] { return !scrubber.status().running && scrubber.status().failure.empty(); });
    }
}

}  // namespace
}  // namespace coffer::job
