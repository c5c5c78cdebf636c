// What SqliteDatabase adds to the conformance suite: group commit, reads beside it, the log's size.
#include "coffer/db/sqlite/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <future>
#include <thread>

#include "coffer/db/sqlite/sqlite_fixture.h"

namespace coffer::db {
namespace {

using testing::faulty_disk;
using ::testing::HasSubstr;

using Sqlite = SqliteTest;

TEST_F(Sqlite, WritesThatWaitTogetherShareOneSync) {
    Open();
    std::vector<Function> writes;
    for (int64_t id = 0; id < 50; ++id)
        writes.push_back(InsertRow(id));
    int syncs = 0;
    for (const Result<>& result :
         WriteTogether(std::move(writes), [&] { syncs = faulty_disk.log_syncs; }))
        Must(result);
    EXPECT_EQ(faulty_disk.log_syncs - syncs, 1);
    EXPECT_EQ(Ids().size(), 50u);
}

TEST_F(Sqlite, CountsCommitsAndWhatTheyHoldAndCheckpoints) {
    runtime::Registry registry;
    Open({.checkpoint_bytes = 4_KiB, .registry = &registry});
    for (const Result<>& result : WriteTogether({InsertRow(1), InsertRow(2), InsertRow(3)}))
        Must(result);
    database_.reset();
    runtime::Exposition page;
    registry.Collect(page);
    const std::string text = page.Render();
    // The table, what held up the batch, and the batch.
    EXPECT_THAT(text, HasSubstr("coffer_catalogue_commit_transactions_count 3"));
    EXPECT_THAT(text, HasSubstr("coffer_catalogue_commit_transactions_sum 5"));
    EXPECT_THAT(text, HasSubstr("coffer_catalogue_log_bytes "));
    EXPECT_THAT(text, HasSubstr("coffer_catalogue_failed_checkpoints_total 0"));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("coffer_catalogue_checkpoints_total 0")));
}

TEST_F(Sqlite, AWriteThatFailsIsUndoneAloneInItsBatch) {
    Open();
    const Function fails = [](Transaction& tx) -> Result<> {
        TRY(tx.Execute("INSERT INTO items (id) VALUES (7)", {}));
        TRY(tx.Execute("DELETE FROM items WHERE id = 1", {}));
        return Error(ErrorKind::kPreconditionFailed, "no");
    };
    const auto results = WriteTogether({InsertRow(1), fails, InsertRow(1), InsertRow(2)});
    Must(results[0]);
    EXPECT_EQ(results[1].error().kind(), ErrorKind::kPreconditionFailed);
    EXPECT_EQ(results[2].error().kind(), ErrorKind::kAlreadyExists);
    Must(results[3]);
    EXPECT_THAT(Ids(), ::testing::ElementsAre(1, 2));
}

TEST_F(Sqlite, MoreWritesThanMayWaitAreRefused) {
    Open({.write_queue_limit = 2});
    const auto results = WriteTogether({InsertRow(1), InsertRow(2), InsertRow(3)});
    Must(results[0]);
    Must(results[1]);
    ASSERT_FALSE(results[2]);
    EXPECT_EQ(results[2].error().kind(), ErrorKind::kBusy);
    EXPECT_TRUE(results[2].error().retryable());
    EXPECT_THAT(Ids(), ::testing::ElementsAre(1, 2));
}

TEST_F(Sqlite, WhatWaitsIsCommittedBeforeTheEnd) {
    Open();
    std::promise<void> entered;
    auto holding = std::async(std::launch::async, [&, database = database_.get()] {
        Must(database->WriteBlocking([&](Transaction& tx) -> Result<> {
            entered.set_value();
            return InsertRow(1)(tx);
        }));
    });
    entered.get_future().wait();
    holding.get();
    database_.reset();
    EXPECT_EQ(LogBytes(), 0u);
    Open();
    EXPECT_THAT(Ids(), ::testing::ElementsAre(1));
}

TEST_F(Sqlite, ADeferredConstraintFailsOnlyItsOwnWrite) {
    Open();
    Must(Write([](Transaction& tx) -> Result<> {
        TRY(
            tx.Execute("CREATE TABLE parts (item BIGINT REFERENCES items (id)"
                       " DEFERRABLE INITIALLY DEFERRED)",
                       {}));
        return Ok();
    }));
    const Function orphan = [](Transaction& tx) -> Result<> {
        TRY(tx.Execute("INSERT INTO parts VALUES (9)", {}));
        return Ok();
    };
    const auto results = WriteTogether({InsertRow(1), orphan, InsertRow(2)});
    Must(results[0]);
    ASSERT_FALSE(results[1]);
    EXPECT_EQ(results[1].error().kind(), ErrorKind::kConflict);
    Must(results[2]);
    EXPECT_THAT(Ids(), ::testing::ElementsAre(1, 2));
}

TEST_F(Sqlite, TheLogStaysSmallWhileReadersComeAndGo) {
    Open({.checkpoint_bytes = 64_KiB, .wal_limit_bytes = 256_KiB});
    std::atomic<bool> stop = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i)
        readers.emplace_back([&] {
            while (!stop)
                Ids();
        });
    uint64_t largest = 0;
    for (int64_t id = 0; id < 250; ++id) {  // more than 10 MiB of log in all
        Must(Write(InsertRow(id, 40000)));
        largest = std::max(largest, LogBytes());
    }
    stop = true;
    for (std::thread& reader : readers)
        reader.join();
    EXPECT_LT(largest, 4_MiB);
}

TEST_F(Sqlite, AReadSeesWhatWasCommittedBeforeItHoweverManyReadBefore) {
    Open();
    std::atomic<bool> stop = false;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            size_t seen = 0;
            while (!stop) {
                const size_t now = Ids().size();
                EXPECT_GE(now, seen);
                seen = now;
            }
        });
    for (int64_t id = 1; id <= 200; ++id) {
        Must(Write(InsertRow(id)));
        ASSERT_EQ(Ids().size(), static_cast<size_t>(id));
    }
    stop = true;
    for (std::thread& reader : readers)
        reader.join();
}

TEST_F(Sqlite, AReadThatFailsLeavesNothingBehind) {
    Open();
    Must(Write(InsertRow(1)));
    const Result<> failed = database_->ReadBlocking([&](Transaction& tx) -> Result<> {
        return tx.Query("SELECT nothing FROM nowhere", {}, [](const Row&) { return true; });
    });
    EXPECT_FALSE(failed);
    EXPECT_EQ(Ids().size(), 1u);
    Must(Write(InsertRow(2)));
    EXPECT_EQ(Ids().size(), 2u);
}

TEST_F(Sqlite, ALongReadHoldsUpNobody) {
    Open({.checkpoint_bytes = 16_KiB, .wal_limit_bytes = 64_KiB});
    Must(Write(InsertRow(1000)));
    Must(database_->ReadBlocking([&](Transaction& tx) -> Result<> {
        const auto count = [&]() -> Result<int64_t> {
            int64_t rows = 0;
            TRY(tx.Query("SELECT count(*) FROM items", {},
                         [&](const Row& row) { return rows = row.Int(0), true; }));
            return rows;
        };
        TRY(const int64_t before, count());
        for (int64_t id = 0; id < 50; ++id)
            Must(Write(InsertRow(id, 4000)));
        TRY(const int64_t after, count());
        EXPECT_EQ(before, after);
        return Ok();
    }));
    // With the reader gone, the log starts anew, and gives back what it had grown to.
    EXPECT_GT(LogBytes(), 64_KiB);
    for (int64_t id = 100; id < 130; ++id)
        Must(Write(InsertRow(id, 4000)));
    EXPECT_LE(LogBytes(), 64_KiB + 32_KiB);
    EXPECT_EQ(Ids().size(), 81u);
}

TEST_F(Sqlite, AnotherProcessMayReadIt) {
    Open();
    Must(Write(InsertRow(1)));
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open_v2(path_.c_str(), &other, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
    int rows = 0;
    EXPECT_EQ(sqlite3_exec(
                  other, "SELECT * FROM items",
                  [](void* count, int, char**, char**) { return ++*static_cast<int*>(count), 0; },
                  &rows, nullptr),
              SQLITE_OK);
    EXPECT_EQ(rows, 1);
    Must(Write(InsertRow(2)));
    sqlite3_close(other);
}

}  // namespace
}  // namespace coffer::db
