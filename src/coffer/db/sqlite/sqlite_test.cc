// What SqliteDatabase adds to the conformance suite: group commit, failing disks, crashes, the
// log's size.
#include "coffer/db/sqlite/sqlite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <random>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/db/sqlite/faulty_disk.h"

#include "tests/support/temporary_directory.h"

namespace coffer::db {
namespace {

using testing::faulty_disk;
using ::testing::HasSubstr;
using Function = std::function<Result<>(Transaction&)>;

Task<void> WriteAndKeepResult(Database* database, Function fn, std::optional<Result<>>* out) {
    out->emplace(co_await database->Write(std::move(fn)));
}

Function InsertRow(int64_t id, size_t size_bytes = 1) {
    return [id, size_bytes](Transaction& tx) -> Result<> {
        const std::string body(size_bytes, 'x');
        TRY(tx.Execute("INSERT INTO items (id, body) VALUES ($1, $2)", {id, AsBytes(body)}));
        return Ok();
    };
}

class Sqlite : public ::testing::Test {
  protected:
    ~Sqlite() override {
        faulty_disk.sync_errno = 0;
        faulty_disk.log_write_errno = 0;
        faulty_disk.log_limit_bytes = INT64_MAX;
        faulty_disk.file_write_errno = 0;
        faulty_disk.full = false;
    }

    void Open(SqliteOptions options = {}) {
        database_.reset();
        auto opened = OpenSqlite(path_, options);
        ASSERT_TRUE(opened) << opened.error().ToString();
        database_ = std::move(opened).value();
        Must(Write([](Transaction& tx) -> Result<> {
            TRY(tx.Execute("CREATE TABLE IF NOT EXISTS items (id BIGINT PRIMARY KEY, body BLOB)",
                           {}));
            return Ok();
        }));
    }

    static void Must(const Result<>& result) { ASSERT_TRUE(result) << result.error().ToString(); }

    Result<> Write(const Function& fn) { return database_->WriteBlocking(fn); }

    std::vector<int64_t> Ids() {
        std::vector<int64_t> ids;
        Must(database_->ReadBlocking([&](Transaction& tx) {
            return tx.Query("SELECT id FROM items ORDER BY id", {},
                            [&](const Row& row) { return ids.push_back(row.Int(0)), true; });
        }));
        return ids;
    }

    // Hands in all of `writes` while the writer is held up, so that they make one batch, and
    // returns how each ended. `meanwhile` runs before the batch does.
    std::vector<Result<>> WriteTogether(
        std::vector<Function> writes, const std::function<void()>& meanwhile = [] {}) {
        std::promise<void> entered;
        std::promise<void> leave;
        auto holding = std::async(std::launch::async, [&] {
            Must(Write([&](Transaction&) -> Result<> {
                entered.set_value();
                leave.get_future().wait();
                return Ok();
            }));
        });
        entered.get_future().wait();

        boost::asio::io_context context(1);
        std::vector<std::optional<Result<>>> results(writes.size());
        for (size_t i = 0; i < writes.size(); ++i) {
            boost::asio::co_spawn(
                context.get_executor(),
                WriteAndKeepResult(database_.get(), std::move(writes[i]), &results[i]),
                boost::asio::detached);
        }
        context.poll();  // each is in the queue now
        meanwhile();
        leave.set_value();
        context.run();
        holding.get();

        std::vector<Result<>> ended;
        for (auto& result : results)
            ended.push_back(std::move(result).value());
        return ended;
    }

    uint64_t LogBytes() const { return std::filesystem::file_size(path_ + "-wal"); }

    coffer::testing::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/catalog.db";
    std::unique_ptr<Database> database_;
};

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

TEST_F(Sqlite, WhoNeedsTooMuchSpaceFailsAlone) {
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

TEST_F(Sqlite, AWriteThatOverlooksAFullDiskFails) {
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

TEST_F(Sqlite, DeletingGoesOnWhenTheFileIsFull) {
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

TEST_F(Sqlite, WhatFreesSpaceGoesOnWhenTheDiskIsFull) {
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

TEST_F(Sqlite, AFailedCommitFailsAllOfItsBatch) {
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
TEST_F(Sqlite, WhatFitsIntoTheLogAloneIsNotFailedByItsBatch) {
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

TEST_F(Sqlite, AFailedCheckpointLosesNothing) {
    Open({.checkpoint_bytes = 16_KiB});
    faulty_disk.file_write_errno = ENOSPC;
    for (int64_t id = 0; id < 40; ++id)
        Must(Write(InsertRow(id, 1000)));
    EXPECT_EQ(Ids().size(), 40u);
    faulty_disk.file_write_errno = 0;
    Open();
    EXPECT_EQ(Ids().size(), 40u);
}

using SqliteDeathTest = Sqlite;

TEST_F(SqliteDeathTest, AFailedSyncEndsTheProcess) {
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

TEST_F(Sqlite, SpaceForTheLogIsAllocatedAheadOfUse) {
    Open({.checkpoint_bytes = 1_MiB});
    struct stat status = {};
    ASSERT_EQ(::stat((path_ + "-wal").c_str(), &status), 0);
    const auto allocated_bytes = static_cast<uint64_t>(status.st_blocks) * 512;
    if (allocated_bytes < 128_KiB) GTEST_SKIP() << "the file system can't allocate ahead of use";
    EXPECT_GE(allocated_bytes, 1_MiB);
    EXPECT_LT(LogBytes(), 128_KiB);
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

TEST_F(Sqlite, RefusesWhatIsNotItsDatabase) {
    const auto kind = [&] {
        auto opened = OpenSqlite(path_, {});
        EXPECT_FALSE(opened);
        return opened ? ErrorKind::kInternal : opened.error().kind();
    };
    std::ofstream(path_) << std::string(8192, 'x');
    EXPECT_EQ(kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(std::filesystem::file_size(path_), 8192u);

    std::filesystem::remove(path_);
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE theirs (id)", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(other);
    EXPECT_EQ(kind(), ErrorKind::kConflict);

    EXPECT_EQ(OpenSqlite(directory_.path() + "/missing/catalog.db", {}).error().kind(),
              ErrorKind::kNotFound);
}

TEST_F(Sqlite, AStartThatWasCutShortIsMadeAnew) {
    std::ofstream(path_ + ".new") << "half of a file";
    Open();
    Must(Write(InsertRow(1)));
    EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(Sqlite, ALogWithoutItsDatabaseIsNotThrownAway) {
    Open();
    Must(Write(InsertRow(1)));
    const std::string log = path_ + "-wal";
    std::filesystem::copy(log, directory_.path() + "/kept");
    database_.reset();
    std::filesystem::rename(directory_.path() + "/kept", log);
    std::filesystem::rename(path_, directory_.path() + "/elsewhere");
    auto opened = OpenSqlite(path_, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind(), ErrorKind::kCorrupt);
    EXPECT_TRUE(std::filesystem::exists(log));
}

TEST_F(Sqlite, ADamagedPageIsCorruptNotAWrongAnswer) {
    Open();
    Must(Write([](Transaction& tx) -> Result<> {
        for (int64_t id = 0; id < 1000; ++id) {
            TRY(InsertRow(id, 100)(tx));
        }
        return Ok();
    }));
    database_.reset();
    {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        for (int page = 2; page < 20; ++page) {
            file.seekp(page * 4096);
            file << std::string(512, '\xa5');
        }
    }
    auto opened = OpenSqlite(path_, {});
    ASSERT_TRUE(opened) << opened.error().ToString();
    const Result<> read = opened.value()->ReadBlocking([](Transaction& tx) {
        return tx.Query("SELECT body FROM items", {}, [](const Row&) { return true; });
    });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind(), ErrorKind::kCorrupt);
    EXPECT_THAT(read.error().message(), HasSubstr("restore it from a backup"));
}

// Commits rows from two threads, and reports each to `acknowledged` once it is durable, until it is
// killed.
[[noreturn]] void WriteUntilKilled(const std::string& path, int acknowledged, int64_t first_id) {
    SqliteOptions options;
    options.checkpoint_bytes = 32_KiB;  // so that some are killed in a checkpoint
    auto opened = OpenSqlite(path, options);
    if (!opened) ::_exit(1);
    Database& database = *opened.value();
    const auto write = [&](int64_t id) {
        for (;; id += 2) {
            if (!database.WriteBlocking(InsertRow(id, 300))) ::_exit(2);
            if (::write(acknowledged, &id, sizeof(id)) != sizeof(id)) ::_exit(3);
        }
    };
    std::thread other([&] { write(first_id + 1); });
    write(first_id);
    ::_exit(4);
}

TEST_F(Sqlite, WhatWasAcknowledgedOutlivesAKill) {
    Open();
    database_.reset();
    const unsigned seed = std::random_device()();
    RecordProperty("seed", static_cast<int>(seed));
    std::mt19937 random(seed);
    std::vector<int64_t> acknowledged;
    for (int round = 0; round < 8; ++round) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t child = ::fork();
        if (child == 0) WriteUntilKilled(path_, ends[1], int64_t{round} * 1000000);
        ::close(ends[1]);
        const size_t enough = acknowledged.size() + 1 + random() % 200;
        bool killed = false;
        // What is in the pipe when it dies was acknowledged, too.
        for (int64_t id; ::read(ends[0], &id, sizeof(id)) == sizeof(id);) {
            acknowledged.push_back(id);
            if (acknowledged.size() < enough || killed) continue;
            ::kill(child, SIGKILL);
            killed = true;
        }
        ::close(ends[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "seed " << seed << ", status " << status;
    }
    Open();
    std::sort(acknowledged.begin(), acknowledged.end());
    const std::vector<int64_t> found = Ids();
    EXPECT_TRUE(std::includes(found.begin(), found.end(), acknowledged.begin(), acknowledged.end()))
        << "seed " << seed;
    std::string verdict;
    Must(database_->ReadBlocking([&](Transaction& tx) {
        return tx.Query("PRAGMA integrity_check", {},
                        [&](const Row& row) { return verdict = row.Text(0), true; });
    }));
    EXPECT_EQ(verdict, "ok");
}

}  // namespace
}  // namespace coffer::db
