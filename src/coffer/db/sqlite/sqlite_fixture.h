// What the tests of SqliteDatabase share: a database with one table, writes that make one batch,
// and a disk that fails.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/db/sqlite/faulty_disk.h"
#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/temporary_directory.h"

namespace coffer::db {

using Function = std::function<Result<>(Transaction&)>;
inline Task<void> WriteAndKeepResult(Database* database, Function fn,
                                     std::optional<Result<>>* out) {
    out->emplace(co_await database->Write(std::move(fn)));
}

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

}  // namespace coffer::db
