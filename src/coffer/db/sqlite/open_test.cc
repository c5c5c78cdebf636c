// What SqliteDatabase finds when it opens: files of others, damage, what a killed process left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "coffer/db/sqlite/sqlite_fixture.h"

namespace coffer::db {
namespace {

using ::testing::HasSubstr;

using SqliteOpen = SqliteTest;

TEST_F(SqliteOpen, RefusesWhatIsNotItsDatabase) {
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

TEST_F(SqliteOpen, AStartThatWasCutShortIsMadeAnew) {
    std::ofstream(path_ + ".new") << "half of a file";
    Open();
    Must(Write(InsertRow(1)));
    EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(SqliteOpen, ALogWithoutItsDatabaseIsNotThrownAway) {
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

TEST_F(SqliteOpen, ADamagedPageIsCorruptNotAWrongAnswer) {
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

TEST_F(SqliteOpen, WhatWasAcknowledgedOutlivesAKill) {
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
