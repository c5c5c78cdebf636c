// What the tests of SqliteDatabase share: a database with one table, writes that make one batch,
// and a disk that fails.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coffer/db/sqlite/faulty_disk.h"
#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/temporary_directory.h"

namespace coffer::db {

using Function = std::function<Result<>(Transaction&)>;
inline Function InsertRow(int64_t id, size_t size_bytes = 1) {
    return [id, size_bytes](Transaction& tx) -> Result<> {
        const std::string body(size_bytes, 'x');
        TRY(tx.Execute("INSERT INTO items (id, body) VALUES ($1, $2)", {id, AsBytes(body)}));
        return Ok();
    };
}

class SqliteTest : public ::testing::Test {
  protected:
    ~SqliteTest() override {
        testing::faulty_disk.sync_errno = 0;
        testing::faulty_disk.log_write_errno = 0;
        testing::faulty_disk.log_limit_bytes = INT64_MAX;
        testing::faulty_disk.file_write_errno = 0;
        testing::faulty_disk.full = false;
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
        std::vector<Function> writes, const std::function<void()>& meanwhile = [] {});

    uint64_t LogBytes() const { return std::filesystem::file_size(path_ + "-wal"); }

    coffer::testing::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/catalog.db";
    std::unique_ptr<Database> database_;
};

}  // namespace coffer::db
