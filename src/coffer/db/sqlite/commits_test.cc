// A database whose log lost acknowledged transactions is not opened as if nothing had happened.
#include "coffer/db/sqlite/commits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "coffer/base/log.h"
#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/seed.h"
#include "tests/support/temporary_directory.h"

namespace coffer::db {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int64_t kRows = 40;

std::string Body(int64_t id) {
    return std::string(300, static_cast<char>('a' + id % 26));
}

class CommitsTest : public ::testing::Test {
  protected:
    CommitsTest() {
        ConfigureLog(LogFormat::kText, LogLevel::kError);  // it warns of what is done to it
        fs::create_directory(kept_);
        fs::create_directory(tried_);
        auto database = OpenSqlite(live_, {.checkpoint_bytes = 64_MiB}).value();
        Must(database->WriteBlocking([](Transaction& tx) -> Result<> {
            TRY(tx.Execute("CREATE TABLE items (id BIGINT PRIMARY KEY, body BLOB)", {}));
            return Ok();
        }));
        Must(database->ReadBlocking([&](Transaction& tx) -> Result<> {
            // What comes after the state that a reader sees stays in the log.
            TRY(tx.Query("SELECT id FROM items", {}, [](const Row&) { return true; }));
            for (int64_t id = 0; id < kRows; ++id) {
                Must(Insert(*database, id));
                if (id == kRows / 2 - 1) Keep("half");
            }
            Keep("all");
            return Ok();
        }));
    }

    static void Must(const Result<>& result) { ASSERT_TRUE(result) << result.error().ToString(); }

    static Result<> Insert(Database& database, int64_t id) {
        return database.WriteBlocking([id](Transaction& tx) -> Result<> {
            TRY(tx.Execute("INSERT INTO items VALUES ($1, $2)", {id, AsBytes(Body(id))}));
            return Ok();
        });
    }

    // What a kill -9 would leave now.
    void Keep(const std::string& name) {
        fs::create_directory(kept_ + "/" + name);
        for (const char* suffix : {"", "-wal", "-commits"})
            fs::copy_file(live_ + suffix, kept_ + "/" + name + "/x.db" + suffix);
    }

    // Begins anew with what was kept.
    void Restore(const std::string& name) {
        fs::remove_all(tried_);
        fs::copy(kept_ + "/" + name, tried_);
    }

    // How many rows there are, from the first on without a gap, all of them as they were written;
    // or why it can't be opened.
    Result<int64_t> Rows(bool accept_loss = false) {
        TRY(auto database, OpenSqlite(path_, {.accept_lost_commits = accept_loss}));
        int64_t rows = 0;
        TRY(database->ReadBlocking([&](Transaction& tx) {
            return tx.Query("SELECT id, body FROM items ORDER BY id", {}, [&](const Row& row) {
                EXPECT_EQ(row.Int(0), rows);
                EXPECT_EQ(row.BlobString(1), Body(rows));
                return ++rows, true;
            });
        }));
        return rows;
    }

    void ExpectLost(const Result<int64_t>& rows, std::string_view what) {
        ASSERT_FALSE(rows) << rows.value() << " rows, " << what;
        EXPECT_EQ(rows.error().kind(), ErrorKind::kCorrupt);
        EXPECT_EQ(rows.error().code(), kLostCommits) << rows.error().ToString() << what;
    }

    testing::TemporaryDirectory directory_;
    const std::string live_ = directory_.path() + "/live.db";
    const std::string kept_ = directory_.path() + "/kept";
    const std::string tried_ = directory_.path() + "/tried";
    const std::string path_ = tried_ + "/x.db";
};

TEST_F(CommitsTest, WhatAKillLeavesIsWhole) {
    Restore("all");
    EXPECT_EQ(Rows().value(), kRows);
    EXPECT_EQ(Rows().value(), kRows);
}

TEST_F(CommitsTest, ALogThatWasCutShortAnywhereIsNoticed) {
    const uint64_t size = fs::file_size(kept_ + "/all/x.db-wal");
    int64_t fewest = kRows;
    for (uint64_t end = 0; end < size; end += 9973) {
        Restore("all");
        fs::resize_file(path_ + "-wal", end);
        ExpectLost(Rows(), fmt::format("cut at {} of {}", end, size));
        Restore("all");
        fs::resize_file(path_ + "-wal", end);
        // Without the first transaction there is no table.
        if (const Result<int64_t> rest = Rows(true)) fewest = std::min(fewest, rest.value());
    }
    EXPECT_LT(fewest, 5);
}

TEST_F(CommitsTest, AFlippedBitAnywhereInTheLogIsNoticedOrHarmless) {
    std::mt19937_64 random(testing::TestSeed());
    const uint64_t size = fs::file_size(kept_ + "/all/x.db-wal");
    int noticed = 0;
    for (int i = 0; i < 100; ++i) {
        Restore("all");
        const uint64_t position = random() % size;
        {
            std::fstream log(path_ + "-wal", std::ios::in | std::ios::out | std::ios::binary);
            log.seekg(static_cast<std::streamoff>(position));
            const int byte = log.get();
            log.seekp(static_cast<std::streamoff>(position));
            log.put(static_cast<char>(byte ^ (1 << random() % 8)));
        }
        const Result<int64_t> rows = Rows();
        if (rows) {
            EXPECT_EQ(rows.value(), kRows) << "position " << position;
        } else {
            ++noticed;
            ExpectLost(rows, fmt::format("position {}", position));
        }
    }
    EXPECT_GT(noticed, 50);
}

TEST_F(CommitsTest, SaysHowManyAreLost) {
    Restore("all");
    const uint64_t size = fs::file_size(path_ + "-wal");
    fs::resize_file(path_ + "-wal", size - 1);
    const Result<int64_t> rows = Rows();
    ExpectLost(rows, "");
    EXPECT_THAT(rows.error().message(), HasSubstr("the last 1 of 40 transactions"));
    // Nothing has been changed: with its log it is whole.
    fs::copy_file(kept_ + "/all/x.db-wal", path_ + "-wal", fs::copy_options::overwrite_existing);
    EXPECT_EQ(Rows().value(), kRows);
}

TEST_F(CommitsTest, AcceptedOnceItIsForgotten) {
    Restore("all");
    fs::resize_file(path_ + "-wal", fs::file_size(path_ + "-wal") - 1);
    EXPECT_EQ(Rows(true).value(), kRows - 1);
    EXPECT_EQ(Rows().value(), kRows - 1);
}

TEST_F(CommitsTest, AnOlderDatabaseWithANewerFileIsNoticed) {
    Restore("half");
    fs::copy_file(kept_ + "/all/x.db-commits", path_ + "-commits",
                  fs::copy_options::overwrite_existing);
    ExpectLost(Rows(), "");
    EXPECT_EQ(Rows(true).value(), kRows / 2);
}

TEST_F(CommitsTest, AFileThatIsBehindIsBroughtUp) {
    // As after a power loss: nobody syncs it.
    Restore("all");
    fs::copy_file(kept_ + "/half/x.db-commits", path_ + "-commits",
                  fs::copy_options::overwrite_existing);
    EXPECT_EQ(Rows().value(), kRows);
    fs::copy_file(kept_ + "/half/x.db", path_, fs::copy_options::overwrite_existing);
    fs::copy_file(kept_ + "/half/x.db-wal", path_ + "-wal", fs::copy_options::overwrite_existing);
    ExpectLost(Rows(), "");
}

TEST_F(CommitsTest, AMissingOrDamagedFileIsMadeAnew) {
    for (const bool missing : {true, false}) {
        Restore("all");
        fs::remove(path_ + "-commits");
        if (!missing) std::ofstream(path_ + "-commits") << std::string(556, 'x');
        EXPECT_EQ(Rows().value(), kRows);
        fs::copy_file(kept_ + "/half/x.db", path_, fs::copy_options::overwrite_existing);
        fs::copy_file(kept_ + "/half/x.db-wal", path_ + "-wal",
                      fs::copy_options::overwrite_existing);
        ExpectLost(Rows(), missing ? "missing" : "damaged");
    }
}

TEST_F(CommitsTest, OneDamagedSlotLeavesTheOther) {
    for (const std::streamoff offset : {0, 512}) {
        Restore("all");
        {
            std::fstream file(path_ + "-commits", std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(offset + 33);
            file << 'x';
        }
        EXPECT_EQ(Rows().value(), kRows);
        Restore("half");
        fs::copy_file(kept_ + "/all/x.db-commits", path_ + "-commits",
                      fs::copy_options::overwrite_existing);
        {
            std::fstream file(path_ + "-commits", std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(offset + 33);
            file << 'x';
        }
        ExpectLost(Rows(), "one slot");
    }
}

TEST_F(CommitsTest, AnotherDatabaseInItsPlaceIsNoticed) {
    Restore("all");
    fs::remove(path_ + "-wal");
    {
        auto other = OpenSqlite(directory_.path() + "/other.db", {}).value();
        Must(other->WriteBlocking([](Transaction& tx) -> Result<> {
            TRY(
                tx.Execute("CREATE TABLE items (id BIGINT PRIMARY KEY, body BLOB);"
                           "INSERT INTO items VALUES (0, NULL); DELETE FROM items",
                           {}));
            return Ok();
        }));
    }
    fs::copy_file(directory_.path() + "/other.db", path_, fs::copy_options::overwrite_existing);
    ExpectLost(Rows(), "");
    EXPECT_EQ(Rows(true).value(), 0);
    EXPECT_EQ(Rows().value(), 0);
}

TEST_F(CommitsTest, ReadsTheExampleInTheDocumentation) {
    Restore("all");
    std::string slot("CofrCmts\1\0\0\0\0\0\0\0", 16);
    for (char byte = 0; byte < 16; ++byte)
        slot += byte;
    slot += std::string("\x02\x01\0\0\0\0\0\0\xba\x1b\x8d\x9a", 12);
    std::ofstream(path_ + "-commits", std::ios::binary) << slot;
    const Result<int64_t> rows = Rows();
    ExpectLost(rows, "");
    EXPECT_THAT(rows.error().message(), HasSubstr("258 transactions"));
}

TEST_F(CommitsTest, ADatabaseThatIsGoneIsNotBegunAnew) {
    Restore("all");
    fs::remove(path_);
    fs::remove(path_ + "-wal");
    const Result<int64_t> rows = Rows();
    ExpectLost(rows, "");
    EXPECT_THAT(rows.error().message(), HasSubstr("40 transactions"));
    EXPECT_FALSE(fs::exists(path_));
    ASSERT_TRUE(OpenSqlite(path_, {.accept_lost_commits = true}));
    ASSERT_TRUE(OpenSqlite(path_, {}));
}

TEST_F(CommitsTest, WhatWasUndoneIsNotCounted) {
    Restore("all");
    {
        auto database = OpenSqlite(path_, {}).value();
        EXPECT_FALSE(Insert(*database, 0));  // is taken
        EXPECT_FALSE(database->WriteBlocking(
            [](Transaction&) -> Result<> { return Error(ErrorKind::kConflict, "no"); }));
    }
    EXPECT_EQ(Rows().value(), kRows);
}

TEST_F(CommitsTest, NumbersGrowThroughStarts) {
    Restore("all");
    int64_t last = 0;
    for (int start = 0; start < 3; ++start) {
        auto database = OpenSqlite(path_, {}).value();
        for (int i = 0; i < 3; ++i) {
            Must(database->WriteBlocking([&](Transaction& tx) -> Result<> {
                const int64_t first = tx.NextNumber();
                const int64_t second = tx.NextNumber();
                EXPECT_GT(first, last);
                EXPECT_GT(second, first);
                last = second;
                TRY(tx.Execute("INSERT INTO items VALUES ($1, NULL)", {kRows + second}));
                return Ok();
            }));
        }
    }
}

}  // namespace
}  // namespace coffer::db
