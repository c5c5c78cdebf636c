// The catalogue's two paths: an indexed read in place, and durable writes that share a commit.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/temporary_directory.h"

namespace coffer::db {
namespace {

constexpr int64_t kRows = 100000;

// TMPDIR says where it lies: /tmp may be memory, where a sync costs nothing.
class Fixture {
  public:
    Fixture() {
        auto opened = OpenSqlite(directory_.path() + "/catalog.db", {});
        if (!opened) std::abort();
        database = std::move(opened).value();
        const Result<> filled = database->WriteBlocking([](Transaction& tx) -> Result<> {
            TRY(
                tx.Execute("CREATE TABLE items (key BLOB PRIMARY KEY, size BIGINT, etag TEXT)"
                           " WITHOUT ROWID",
                           {}));
            for (int64_t i = 0; i < kRows; ++i) {
                TRY(tx.Execute("INSERT INTO items VALUES ($1, $2, $3)",
                               {AsBytes(Key(i)), i, "0123456789abcdef0123456789abcdef"}));
            }
            return Ok();
        });
        if (!filled) std::abort();
    }

    // Spread over the whole index, as digests are.
    static std::string Key(int64_t i) {
        const uint64_t mixed = static_cast<uint64_t>(i) * 0x9e3779b97f4a7c15u;
        return "prefix/" + std::to_string(mixed);
    }

  private:
    coffer::testing::TemporaryDirectory directory_;

  public:
    std::unique_ptr<Database> database;
};

void PointRead(benchmark::State& state) {
    Fixture fixture;
    int64_t i = 0;
    int64_t found = 0;
    for (auto _ : state) {
        const std::string key = Fixture::Key(i++ * 7919 % kRows);
        const Result<> read = fixture.database->ReadBlocking([&](Transaction& tx) {
            return tx.Query("SELECT size, etag FROM items WHERE key = $1", {AsBytes(key)},
                            [&](const Row&) { return ++found, true; });
        });
        if (!read) state.SkipWithError("failed");
    }
    if (found != state.iterations()) state.SkipWithError("rows are missing");
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PointRead);

Task<void> InsertMany(Database* database, std::atomic<int64_t>* next, int64_t count, bool* failed) {
    for (int64_t i = 0; i < count; ++i) {
        const std::string key = Fixture::Key(kRows + (*next)++);
        const auto written = co_await database->Write([&](Transaction& tx) {
            return tx.Execute("INSERT INTO items VALUES ($1, $2, $3)",
                              {AsBytes(key), int64_t{1}, "0123456789abcdef0123456789abcdef"});
        });
        if (!written) *failed = true;
    }
}

// So many coroutines write at the same time, each waiting for its last write.
void DurableWrites(benchmark::State& state) {
    Fixture fixture;
    const int64_t writers = state.range(0);
    constexpr int64_t kEach = 50;
    std::atomic<int64_t> next = 0;
    bool failed = false;
    for (auto _ : state) {
        boost::asio::io_context context(1);
        for (int64_t i = 0; i < writers; ++i)
            boost::asio::co_spawn(context.get_executor(),
                                  InsertMany(fixture.database.get(), &next, kEach, &failed),
                                  boost::asio::detached);
        context.run();
    }
    if (failed) state.SkipWithError("a write failed");
    state.SetItemsProcessed(state.iterations() * writers * kEach);
}
BENCHMARK(DurableWrites)->Arg(1)->Arg(8)->Arg(32)->Arg(128)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
}  // namespace coffer::db
