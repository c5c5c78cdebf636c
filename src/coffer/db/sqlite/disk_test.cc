// A disk that is full or fails under SqliteDatabase.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "coffer/db/sqlite/sqlite_fixture.h"

namespace coffer::db {
namespace {

using testing::faulty_disk;
using SqliteDisk = SqliteTest;

TEST_F(SqliteDisk, WhoNeedsTooMuchSpaceFailsAlone) {
    Open({.size_limit_bytes = 256_KiB});
    int runs = 0;
    const Function counted = [&](Transaction& tx) -> Result<> {
        ++runs;
        return InsertRow(1)(tx);
    };
    const auto results = WriteTogether({counted, InsertRow(2, 1_MiB), InsertRow(3)});
    Must(results[0]);
    ASSERT_FALSE(results[1]);
    EXPECT_EQ(results[1].error().kind(), ErrorKind::kNoSpace);
    Must(results[2]);
    EXPECT_EQ(runs, 2);  // undone together with the one that failed, and run again without it
    EXPECT_THAT(Ids(), ::testing::ElementsAre(1, 3));
}

TEST_F(SqliteDisk, AWriteThatOverlooksAFullDiskFails) {
    Open({.size_limit_bytes = 256_KiB});
    const Function overlooks = [](Transaction& tx) -> Result<> {
        EXPECT_FALSE(InsertRow(1, 1_MiB)(tx));
        EXPECT_FALSE(InsertRow(2)(tx));  // the transaction is over
        return Ok();
    };
    const Result<> result = Write(overlooks);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::kNoSpace);
    EXPECT_TRUE(Ids().empty());
}

TEST_F(SqliteDisk, DeletingGoesOnWhenTheFileIsFull) {
    Open({.size_limit_bytes = 256_KiB});
    int64_t id = 0;
    while (Write(InsertRow(id, 10000)))
        ++id;
    ASSERT_GT(id, 5);
    Must(Write([](Transaction& tx) -> Result<> {
        TRY(tx.Execute("DELETE FROM items WHERE id < 5", {}));
        return Ok();
    }));
    Must(Write(InsertRow(1, 10000)));
}

TEST_F(SqliteDisk, WhatFreesSpaceGoesOnWhenTheDiskIsFull) {
    const SqliteOptions options{.checkpoint_bytes = 64_KiB};
    Open(options);
    // A large row first: what it leaves in the log must find its place in the file later.
    Must(Write(InsertRow(0, 3_MiB)));
    faulty_disk.full = true;
    int64_t id = 1;
    Result<> result = Ok();
    while ((result = Write(InsertRow(id, 3000))))
        ++id;
    EXPECT_EQ(result.error().kind(), ErrorKind::kNoSpace) << result.error().ToString();
    EXPECT_EQ(Ids().size(), static_cast<size_t>(id));

    // An update that needs pages is not ordinary now, and a delete that writes down what it did is
    // none, either.
    const auto remove = [](int64_t gone) {
        return [gone](Transaction& tx) -> Result<> {
            TRY(tx.Execute("DELETE FROM items WHERE id = $1", {gone}));
            TRY(tx.Execute("INSERT INTO items (id, body) VALUES ($1, NULL)", {-gone}));
            return Ok();
        };
    };
    for (int64_t gone = id - 1; gone > 0; --gone)
        Must(database_->WriteBlocking(remove(gone), Purpose::kFreesSpace));

    // The same after a start, which finds the disk full.
    Open(options);
    Must(database_->WriteBlocking(
        [](Transaction& tx) -> Result<> {
            TRY(tx.Execute("DELETE FROM items", {}));
            return Ok();
        },
        Purpose::kFreesSpace));
    EXPECT_TRUE(Ids().empty());
    for (id = 0; id < 100; ++id)
        Must(Write(InsertRow(id, 300)));
    faulty_disk.full = false;
    Must(Write(InsertRow(id, 8_MiB)));
}

TEST_F(SqliteDisk, AFailedCommitFailsAllOfItsBatch) {
    Open();
    Must(Write(InsertRow(1)));
    for (const auto& [errno_value, kind] :
         {std::pair(ENOSPC, ErrorKind::kNoSpace), std::pair(EIO, ErrorKind::kIo)}) {
        const auto results =
            WriteTogether({InsertRow(2), InsertRow(1), InsertRow(3)},
                          [value = errno_value] { faulty_disk.log_write_errno = value; });
        faulty_disk.log_write_errno = 0;
        for (size_t i = 0; i < results.size(); ++i) {
            ASSERT_FALSE(results[i]);
            // Where there is no space, each is tried alone, and one of them fails by itself.
            const bool by_itself = i == 1 && errno_value == ENOSPC;
            EXPECT_EQ(results[i].error().kind(), by_itself ? ErrorKind::kAlreadyExists : kind)
                << results[i].error().ToString();
        }
        EXPECT_THAT(Ids(), ::testing::ElementsAre(1));
    }
    Must(Write(InsertRow(2)));
    Open();
    EXPECT_THAT(Ids(), ::testing::ElementsAre(1, 2));
}

// The log has room for one of the updates at a time, and none for the insert.
TEST_F(SqliteDisk, WhatFitsIntoTheLogAloneIsNotFailedByItsBatch) {
    Open();
    for (const int64_t id : {1, 2})
        Must(Write(InsertRow(id, 40'000)));
    const auto rewrite = [](int64_t id) {
        return [id](Transaction& tx) -> Result<> {
            const std::string body(40'000, 'y');
            TRY(tx.Execute("UPDATE items SET body = $2 WHERE id = $1", {id, AsBytes(body)}));
            return Ok();
        };
    };
    const auto results = WriteTogether({rewrite(1), InsertRow(3, 200'000), rewrite(2)},
                                       [] { faulty_disk.log_limit_bytes = 80'000; });
    Must(results[0]);
    ASSERT_FALSE(results[1]);
    EXPECT_EQ(results[1].error().kind(), ErrorKind::kNoSpace);
    Must(results[2]);
    faulty_disk.log_limit_bytes = INT64_MAX;
    Open();
    EXPECT_THAT(Ids(), ::testing::ElementsAre(1, 2));
    int64_t rewritten = 0;
    Must(database_->ReadBlocking([&](Transaction& tx) {
        return tx.Query("SELECT count(*) FROM items WHERE substr(body, 40000) = x'79'", {},
                        [&](const Row& row) { return rewritten = row.Int(0), true; });
    }));
    EXPECT_EQ(rewritten, 2);
}

TEST_F(SqliteDisk, AFailedCheckpointLosesNothing) {
    Open({.checkpoint_bytes = 16_KiB});
    faulty_disk.file_write_errno = ENOSPC;
    for (int64_t id = 0; id < 40; ++id)
        Must(Write(InsertRow(id, 1000)));
    EXPECT_EQ(Ids().size(), 40u);
    faulty_disk.file_write_errno = 0;
    Open();
    EXPECT_EQ(Ids().size(), 40u);
}

using SqliteDiskDeathTest = SqliteDisk;

TEST_F(SqliteDiskDeathTest, AFailedSyncEndsTheProcess) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            Open();
            faulty_disk.sync_errno = EIO;
            (void)Write(InsertRow(1));
        },
        "fsync failed");
    EXPECT_DEATH(
        {
            Open();
            Must(Write(InsertRow(1)));
            faulty_disk.sync_errno = EIO;
            database_.reset();  // brings the log into the file
        },
        "fsync failed");
}

TEST_F(SqliteDisk, SpaceForTheLogIsAllocatedAheadOfUse) {
    Open({.checkpoint_bytes = 1_MiB});
    struct stat status = {};
    ASSERT_EQ(::stat((path_ + "-wal").c_str(), &status), 0);
    const auto allocated_bytes = static_cast<uint64_t>(status.st_blocks) * 512;
    if (allocated_bytes < 128_KiB) GTEST_SKIP() << "the file system can't allocate ahead of use";
    EXPECT_GE(allocated_bytes, 1_MiB);
    EXPECT_LT(LogBytes(), 128_KiB);
}

}  // namespace
}  // namespace coffer::db
