// What every Database keeps to. A driver's test names a factory:
//
//     INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseSuite, testing::Values(&OpenTestDatabase));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/db/database.h"

#include "tests/support/run_task.h"
#include "tests/support/temporary_directory.h"

namespace coffer::db {

// Opens the database that belongs to a directory: the same directory is the same database.
using DatabaseFactory = Result<std::unique_ptr<Database>> (*)(const std::string& directory);

class DatabaseSuite : public ::testing::TestWithParam<DatabaseFactory> {
  protected:
    DatabaseSuite() {
        Reopen();
        Must(Write("CREATE TABLE items (id BIGINT PRIMARY KEY, body BLOB)"));
    }

    void Reopen() {
        database_.reset();
        auto opened = GetParam()(directory_.path());
        if (!opened) {
            ADD_FAILURE() << opened.error().ToString();
            std::abort();
        }
        database_ = std::move(opened).value();
    }

    static void Must(const Result<>& result) { EXPECT_TRUE(result) << result.error().ToString(); }

    Result<> Write(std::string_view sql, std::initializer_list<Value> values = {}) {
        return database_->WriteBlocking([&](Transaction& tx) -> Result<> {
            TRY(tx.Execute(sql, values));
            return Ok();
        });
    }

    Result<> Insert(int64_t id) { return Write("INSERT INTO items (id) VALUES ($1)", {id}); }

    static Result<int64_t> CountIn(Transaction& tx) {
        int64_t count = -1;
        TRY(tx.Query("SELECT count(*) FROM items", {}, [&](const Row& row) {
            count = row.Int(0);
            return true;
        }));
        return count;
    }

    int64_t Count() {
        int64_t count = -1;
        Must(database_->ReadBlocking([&](Transaction& tx) -> Result<> {
            TRY(count, CountIn(tx));
            return Ok();
        }));
        return count;
    }

    testing::TemporaryDirectory directory_;
    std::unique_ptr<Database> database_;
};

TEST_P(DatabaseSuite, KeepsValuesAsTheyAre) {
    using namespace std::string_literals;
    const std::string text = "caf\u00e9 \u2603 \U0001F600";
    const std::string bytes = "\0\x01\xff\0"s;
    Must(Write("CREATE TABLE kinds (id BIGINT PRIMARY KEY, number BIGINT, body TEXT, bytes BLOB)"));
    Must(Write("INSERT INTO kinds VALUES ($1, $2, $3, $4)",
               {int64_t{1}, std::numeric_limits<int64_t>::min(), text, AsBytes(bytes)}));
    Must(Write("INSERT INTO kinds VALUES ($1, $2, $3, $4)",
               {int64_t{2}, std::numeric_limits<int64_t>::max(), std::string_view(), ByteView()}));
    Must(Write("INSERT INTO kinds VALUES ($1, $2, $3, $4)",
               {int64_t{3}, nullptr, nullptr, nullptr}));

    int rows = 0;
    Must(database_->ReadBlocking([&](Transaction& tx) {
        return tx.Query(
            "SELECT number, body, bytes FROM kinds ORDER BY id", {}, [&](const Row& row) {
                ++rows;
                for (int column = 0; column < 3; ++column)
                    EXPECT_EQ(row.IsNull(column), rows == 3);
                EXPECT_EQ(row.Get(0).index(), rows == 3 ? 0 : Value(int64_t{}).index());
                EXPECT_EQ(row.Get(1).index(), rows == 3 ? 0 : Value("").index());
                EXPECT_EQ(row.Get(2).index(), rows == 3 ? 0 : Value(ByteView()).index());
                if (rows == 1) {
                    EXPECT_EQ(row.Int(0), std::numeric_limits<int64_t>::min());
                    EXPECT_EQ(row.Text(1), text);
                    EXPECT_EQ(row.BlobString(2), bytes);
                } else if (rows == 2) {
                    EXPECT_EQ(row.Int(0), std::numeric_limits<int64_t>::max());
                    EXPECT_EQ(row.Text(1), "");
                    EXPECT_EQ(row.BlobString(2), "");
                } else {
                    EXPECT_EQ(row.Int(0), 0);
                    EXPECT_EQ(row.Text(1), "");
                    EXPECT_EQ(row.BlobString(2), "");
                }
                return true;
            });
    }));
    EXPECT_EQ(rows, 3);
}

TEST_P(DatabaseSuite, BytesCompareAsBytes) {
    Must(Write("CREATE TABLE names (name BLOB PRIMARY KEY)"));
    for (std::string_view name : {"b", "a/", "\xff", "a", "a.", "B", "\u00e9"})
        Must(Write("INSERT INTO names VALUES ($1)", {AsBytes(name)}));
    std::vector<std::string> names;
    Must(database_->ReadBlocking([&](Transaction& tx) {
        return tx.Query("SELECT name FROM names WHERE name > $1 ORDER BY name", {AsBytes("B")},
                        [&](const Row& row) {
                            names.push_back(row.BlobString(0));
                            return true;
                        });
    }));
    EXPECT_THAT(names, ::testing::ElementsAre("a", "a.", "a/", "b", "\u00e9", "\xff"));
}

TEST_P(DatabaseSuite, ParametersGoByTheirNumber) {
    std::string found;
    Must(database_->ReadBlocking([&](Transaction& tx) {
        return tx.Query("SELECT $2 || $1 || $2 || $3", {"one", "two", "three"},
                        [&](const Row& row) {
                            found = row.Text(0);
                            return true;
                        });
    }));
    EXPECT_EQ(found, "twoonetwothree");
}

TEST_P(DatabaseSuite, ExecuteCountsTheRowsThatItChanged) {
    Must(database_->WriteBlocking([](Transaction& tx) -> Result<> {
        TRY(const int64_t inserted, tx.Execute("INSERT INTO items (id) VALUES (1), (2), (3)", {}));
        EXPECT_EQ(inserted, 3);
        TRY(const int64_t none,
            tx.Execute("UPDATE items SET body = NULL WHERE id = $1", {int64_t{9}}));
        EXPECT_EQ(none, 0);
        TRY(const int64_t created, tx.Execute("CREATE TABLE more (id BIGINT)", {}));
        EXPECT_EQ(created, 0);
        TRY(const int64_t deleted, tx.Execute("DELETE FROM items WHERE id >= $1", {int64_t{2}}));
        EXPECT_EQ(deleted, 2);
        return Ok();
    }));
}

TEST_P(DatabaseSuite, TakesSeveralStatementsWithoutValues) {
    Must(
        Write("INSERT INTO items (id) VALUES (1); -- a comment; with a semicolon\n"
              "INSERT INTO items (id, body) VALUES (2, 'a;b');\n"));
    EXPECT_EQ(Count(), 2);
}

TEST_P(DatabaseSuite, ReturningGivesTheRowsOfAWrite) {
    std::vector<int64_t> ids;
    Must(database_->WriteBlocking([&](Transaction& tx) {
        return tx.Query("INSERT INTO items (id) VALUES ($1), ($2) RETURNING id",
                        {int64_t{7}, int64_t{8}}, [&](const Row& row) {
                            ids.push_back(row.Int(0));
                            return false;  // both rows are inserted all the same
                        });
    }));
    EXPECT_EQ(ids.size(), 1u);
    EXPECT_EQ(Count(), 2);
}

TEST_P(DatabaseSuite, AQueryEndsWhereItsCallerSaysSo) {
    Must(Write("INSERT INTO items (id) VALUES (1), (2), (3)"));
    int rows = 0;
    Must(database_->ReadBlocking([&](Transaction& tx) {
        return tx.Query("SELECT id FROM items ORDER BY id", {},
                        [&](const Row& row) { return ++rows, row.Int(0) < 2; });
    }));
    EXPECT_EQ(rows, 2);
}

TEST_P(DatabaseSuite, AQueryMayRunInsideItself) {
    Must(Write("INSERT INTO items (id) VALUES (1), (2), (3)"));
    std::vector<int64_t> seen;
    Must(database_->ReadBlocking([&](Transaction& tx) -> Result<> {
        constexpr std::string_view kNext = "SELECT id FROM items WHERE id > $1 ORDER BY id";
        return tx.Query(kNext, {int64_t{0}}, [&](const Row& outer) {
            Must(tx.Query(kNext, {outer.Int(0)}, [&](const Row& inner) {
                seen.push_back(outer.Int(0) * 10 + inner.Int(0));
                return true;
            }));
            return true;
        });
    }));
    EXPECT_THAT(seen, ::testing::ElementsAre(12, 13, 23));
}

TEST_P(DatabaseSuite, NamesWhatWentWrong) {
    Must(
        Write("CREATE TABLE rules (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
              " size BIGINT CHECK (size > 0), parent BIGINT REFERENCES rules (id))"));
    Must(Write("INSERT INTO rules VALUES (1, 'one', 1, NULL)"));
    const auto kind = [&](std::string_view sql, std::initializer_list<Value> values = {}) {
        const Result<> result = Write(sql, values);
        EXPECT_FALSE(result) << sql;
        return result ? ErrorKind::kInternal : result.error().kind();
    };
    EXPECT_EQ(kind("INSERT INTO rules VALUES (1, 'two', 1, NULL)"), ErrorKind::kAlreadyExists);
    EXPECT_EQ(kind("INSERT INTO rules VALUES (2, 'one', 1, NULL)"), ErrorKind::kAlreadyExists);
    EXPECT_EQ(kind("INSERT INTO rules VALUES (2, NULL, 1, NULL)"), ErrorKind::kConflict);
    EXPECT_EQ(kind("INSERT INTO rules VALUES (2, 'two', 0, NULL)"), ErrorKind::kConflict);
    EXPECT_EQ(kind("INSERT INTO rules VALUES (2, 'two', 1, 9)"), ErrorKind::kConflict);
    EXPECT_EQ(kind("INSERT INTO nothing VALUES (1)"), ErrorKind::kInternal);
    EXPECT_EQ(kind("INSERT INTO items (id) VALUES ($1)"), ErrorKind::kInternal);
    EXPECT_EQ(kind("INSERT INTO items (id) VALUES ($1)", {int64_t{1}, int64_t{2}}),
              ErrorKind::kInternal);
}

TEST_P(DatabaseSuite, AFailedWriteLeavesNothing) {
    const Result<> result = database_->WriteBlocking([](Transaction& tx) -> Result<> {
        TRY(tx.Execute("INSERT INTO items (id) VALUES (1)", {}));
        return Error(ErrorKind::kPreconditionFailed, "CodeOfTheCaller", "no");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::kPreconditionFailed);
    EXPECT_EQ(result.error().code(), "CodeOfTheCaller");
    EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseSuite, AStatementThatFailedMayBeOverlooked) {
    Must(Insert(1));
    Must(database_->WriteBlocking([](Transaction& tx) -> Result<> {
        EXPECT_FALSE(tx.Execute("INSERT INTO items (id) VALUES (2), (1)", {}));
        TRY(tx.Execute("INSERT INTO items (id) VALUES (3)", {}));
        return Ok();
    }));
    EXPECT_EQ(Count(), 2);
}

TEST_P(DatabaseSuite, AReadSeesOneStateThroughout) {
    Must(Insert(1));
    Must(database_->ReadBlocking([&](Transaction& tx) -> Result<> {
        TRY(const int64_t before, CountIn(tx));
        std::async(std::launch::async, [&] { Must(Insert(2)); }).get();
        TRY(const int64_t after, CountIn(tx));
        EXPECT_EQ(before, 1);
        EXPECT_EQ(after, 1);
        return Ok();
    }));
    EXPECT_EQ(Count(), 2);
}

TEST_P(DatabaseSuite, AReadCannotWrite) {
    const Result<> result = database_->ReadBlocking([](Transaction& tx) -> Result<> {
        TRY(tx.Execute("INSERT INTO items (id) VALUES (1)", {}));
        return Ok();
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::kInternal);
    EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseSuite, AReadThatFailsReturnsItsError) {
    const Result<> result = database_->ReadBlocking(
        [](Transaction&) -> Result<> { return Error(ErrorKind::kNotFound, "none"); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::kNotFound);
    EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseSuite, CoroutinesGetWhatTheirFunctionReturned) {
    const auto written = testing::RunTask(database_->Write([](Transaction& tx) -> Result<int64_t> {
        return tx.Execute("INSERT INTO items (id) VALUES (1), (2)", {});
    }));
    ASSERT_TRUE(written) << written.error().ToString();
    EXPECT_EQ(written.value(), 2);
    for (const Cost cost : {Cost::kPoint, Cost::kScan}) {
        const auto count = testing::RunTask(database_->Read(cost, &DatabaseSuite::CountIn));
        ASSERT_TRUE(count) << count.error().ToString();
        EXPECT_EQ(count.value(), 2);
        const auto failed =
            testing::RunTask(database_->Read(cost, [](Transaction&) -> Result<std::string> {
                return Error(ErrorKind::kNotFound, "NoSuchKey", "none");
            }));
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().code(), "NoSuchKey");
    }
}

TEST_P(DatabaseSuite, ManyWritersAndReadersEndWithEveryRow) {
    constexpr int kThreads = 6;
    constexpr int kRows = 40;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([this, thread] {
            for (int i = 0; i < kRows; ++i) {
                const int64_t id = thread * kRows + i;
                Must(Insert(id));
                // What was acknowledged is there for the next read.
                bool found = false;
                Must(database_->ReadBlocking([&](Transaction& tx) {
                    return tx.Query("SELECT 1 FROM items WHERE id = $1", {id},
                                    [&](const Row&) { return found = true; });
                }));
                EXPECT_TRUE(found);
                const Result<> again = Insert(id);
                EXPECT_TRUE(!again && again.error().kind() == ErrorKind::kAlreadyExists);
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(Count(), kThreads * kRows);
}

TEST_P(DatabaseSuite, IsTheSameAfterItIsOpenedAgain) {
    Must(Write("INSERT INTO items VALUES (1, $1)", {AsBytes("kept")}));
    Reopen();
    EXPECT_EQ(Count(), 1);
}

constexpr Migration kTestMigrations[] = {
    {1, "books", "CREATE TABLE books (id BIGINT PRIMARY KEY); INSERT INTO books VALUES (1);"},
    {2, "titles", "ALTER TABLE books ADD COLUMN title TEXT; UPDATE books SET title = 'first'"},
    {3, "readers", "CREATE TABLE readers (id BIGINT PRIMARY KEY)"},
};

TEST_P(DatabaseSuite, MigratesFromWhereItIs) {
    Must(Migrate(*database_, std::span(kTestMigrations).first(1)));
    Must(Write("INSERT INTO books VALUES (2)"));
    Reopen();
    Must(Migrate(*database_, kTestMigrations));
    Must(Migrate(*database_, kTestMigrations));  // nothing left to do
    Must(Write("INSERT INTO readers VALUES (1)"));
    int64_t titled = 0;
    Must(database_->ReadBlocking([&](Transaction& tx) {
        return tx.Query("SELECT count(*) FROM books WHERE title = $1", {"first"},
                        [&](const Row& row) { return titled = row.Int(0), true; });
    }));
    EXPECT_EQ(titled, 2);
}

TEST_P(DatabaseSuite, RefusesANewerSchemaAndLeavesItAlone) {
    Must(Migrate(*database_, kTestMigrations));
    const Result<> refused = Migrate(*database_, std::span(kTestMigrations).first(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::kUnsupported);
    EXPECT_THAT(refused.error().message(), ::testing::HasSubstr("version 3"));
    EXPECT_THAT(refused.error().message(), ::testing::HasSubstr("up to 2"));
    Must(Write("INSERT INTO readers VALUES (1)"));
    Must(Migrate(*database_, kTestMigrations));
}

TEST_P(DatabaseSuite, AMigrationThatFailsIsUndoneWhole) {
    constexpr Migration kBroken[] = {
        kTestMigrations[0],
        {2, "broken", "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1)"},
    };
    const Result<> failed = Migrate(*database_, kBroken);
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message(), ::testing::HasSubstr("version 2 (broken)"));
    // The first step stays, of the second there is nothing.
    Must(Write("INSERT INTO books VALUES (2)"));
    Must(Migrate(*database_, kTestMigrations));
    Must(Write("CREATE TABLE half (id BIGINT)"));
}

}  // namespace coffer::db
