#include "coffer/service/ingest.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "coffer/catalog/blobs.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

Task<bool> Settled(Core& core, Ingested ingested) {
    co_await Settle(core, std::move(ingested));
    co_return true;
}

Task<bool> Abandoned(Core& core, Ingested ingested) {
    co_await Abandon(core, std::move(ingested));
    co_return true;
}

class IngestTest : public ::testing::Test {
  protected:
    Ingested IngestSome(const std::string& content) {
        runtime::StringSource source(content);
        return RunTask(Ingest(*fixture_.core, {}, source, {})).value();
    }

    catalog::BlobId RecordSome(Ingested& ingested) {
        catalog::BlobId id;
        EXPECT_TRUE(fixture_.database->WriteBlocking(
            [&](db::Transaction& tx) -> Result<> {
                TRY(id, Record(tx, ingested));
                return Ok();
            },
            db::Purpose::kOrdinary));
        return id;
    }

    catalog::Copy CopyOf(catalog::BlobId id) {
        catalog::Copy copy;
        EXPECT_TRUE(fixture_.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const auto found, catalog::FindCopy(tx, id, catalog::kEngineStore));
            copy = found.value();
            return Ok();
        }));
        return copy;
    }

    ServiceFixture fixture_;
};

// Both came before either had a row: one copy is used, the other one goes.
TEST_F(IngestTest, TheSameContentTwiceAtATimeIsKeptOnce) {
    Ingested first = IngestSome("content");
    Ingested second = IngestSome("content");
    ASSERT_TRUE(first.copy_key && second.copy_key);
    ASSERT_NE(first.copy_key, second.copy_key);
    const catalog::BlobId id = RecordSome(first);
    EXPECT_EQ(RecordSome(second), id);
    EXPECT_EQ(CopyOf(id).key, *first.copy_key);
    EXPECT_EQ(second.spare->key, second.copy_key);
    const std::string kept = *first.copy_key;
    RunTask(Settled(*fixture_.core, std::move(second)));  // the first one still holds the blob
    RunTask(Settled(*fixture_.core, std::move(first)));
    EXPECT_EQ(fixture_.StoredCopies(), 1u);
    EXPECT_TRUE(RunTask(fixture_.store->Stat(kept)));
}

TEST_F(IngestTest, AWriteThatIsGivenUpTakesItsOwnCopyAlong) {
    Ingested first = IngestSome("content");
    Ingested second = IngestSome("content");
    const catalog::BlobId id = RecordSome(first);
    RunTask(Abandoned(*fixture_.core, std::move(second)));
    RunTask(Settled(*fixture_.core, std::move(first)));
    EXPECT_EQ(fixture_.StoredCopies(), 1u);
    EXPECT_TRUE(RunTask(fixture_.store->Stat(CopyOf(id).key)));
}

// Its bytes may be gone already: the new ones take their place.
TEST_F(IngestTest, ACopyThatWasToBeRemovedIsReplaced) {
    Ingested first = IngestSome("content");
    const catalog::BlobId id = RecordSome(first);
    const std::string old_key = CopyOf(id).key;
    RunTask(Settled(*fixture_.core, std::move(first)));
    ASSERT_TRUE(fixture_.database->WriteBlocking(
        [&](db::Transaction& tx) { return catalog::DropReference(tx, id); },
        db::Purpose::kFreesSpace));
    Ingested again = IngestSome("content");
    ASSERT_TRUE(again.copy_key);
    EXPECT_EQ(RecordSome(again), id);
    EXPECT_EQ(again.spare->key, old_key);
    EXPECT_EQ(CopyOf(id).state, catalog::CopyState::kLive);
    RunTask(Settled(*fixture_.core, std::move(again)));
    EXPECT_EQ(fixture_.StoredCopies(), 1u);
    EXPECT_TRUE(RunTask(fixture_.store->Stat(CopyOf(id).key)));
}

}  // namespace
}  // namespace coffer::service
