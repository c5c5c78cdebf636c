// The catalogue alone, on the disk that COFFER_BENCH_DIRECTORY (or else TMPDIR) names, with as many
// objects as the benchmark's argument says: what a PUT writes, what a GET reads, in place and by
// way of the pool, and pages of listings. Processor time is the whole process's.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/base/check.h"
#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/schema.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/hex.h"
#include "coffer/db/sqlite/sqlite.h"

namespace coffer {
namespace {

using db::Transaction;

constexpr int64_t kPerTransaction = 100;

std::string MakeDirectory() {
    const char* given = std::getenv("COFFER_BENCH_DIRECTORY");
    const std::filesystem::path parent =
        given != nullptr ? std::filesystem::path(given) : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "coffer-catalog-bench-XXXXXX").string();
    COFFER_CHECK(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

// In no order of numbers.
std::string Key(int64_t number) {
    return "objects/" + codec::ToHex(codec::Md5(AsBytes(std::to_string(number))));
}

class World {
  public:
    explicit World(int64_t objects) {
        database = db::OpenSqlite(directory_ + "/catalogue.db", {}).value();
        COFFER_CHECK(catalog::Prepare(*database).has_value());
        Write([&](Transaction& tx) -> Result<> {
            TRY(const catalog::Bucket made,
                catalog::InsertBucket(tx, "bucket", Timestamp(), catalog::kMainAccount));
            bucket = made.id;
            return Ok();
        });
        while (count < objects)
            Insert(1000);
    }
    ~World() {
        database.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    void Insert(int64_t objects) {
        Write([&](Transaction& tx) -> Result<> {
            for (int64_t i = 0; i < objects; ++i) {
                TRY(InsertOne(tx, count + i));
            }
            return Ok();
        });
        count += objects;
    }

    // As a GET does it.
    Result<uint64_t> Find(Transaction& tx, int64_t number) const {
        TRY(catalog::FindBucket(tx, "bucket"));
        TRY(const auto version, catalog::FindCurrent(tx, bucket, Key(number)));
        TRY(const auto located, catalog::Locate(tx, {*version->blob, 0, version->size_bytes}));
        return located.blob.size_bytes;
    }

    std::unique_ptr<db::Database> database;
    catalog::BucketId bucket;
    int64_t count = 0;

  private:
    void Write(const std::function<Result<>(Transaction&)>& fn) const {
        COFFER_CHECK(database->WriteBlocking(fn).has_value());
    }

    Result<> InsertOne(Transaction& tx, int64_t number) const {
        catalog::Version version;
        version.bucket = bucket;
        version.key = Key(number);
        version.size_bytes = 4096;
        version.etag = codec::ToHex(codec::Md5(AsBytes(version.key)));
        version.headers.standard = {{"content-type", "application/octet-stream"}};
        catalog::Blob blob;
        blob.sha256 = codec::Sha256(AsBytes(version.key));
        blob.size_bytes = 4096;
        TRY(const auto added, catalog::AddBlob(tx, blob, catalog::kEngineStore, "a key of a copy"));
        version.blob = added.id;
        TRY(catalog::InsertVersion(tx, version));
        return Ok();
    }

    const std::string directory_ = MakeDirectory();
};

// One for each number of objects, kept until the end.
World& WorldOf(int64_t objects) {
    static std::map<int64_t, std::unique_ptr<World>> worlds;
    auto& world = worlds[objects];
    if (world == nullptr) world = std::make_unique<World>(objects);
    return *world;
}

void BM_Insert(benchmark::State& state) {
    World& world = WorldOf(state.range(0));
    for (auto _ : state)
        world.Insert(kPerTransaction);
    state.SetItemsProcessed(state.iterations() * kPerTransaction);
}

Task<void> FindMany(World& world, db::Cost cost) {
    for (int64_t i = 0; i < kPerTransaction; ++i) {
        const int64_t number = i * 7919 % world.count;
        const auto found = co_await world.database->Read(
            cost, [&](Transaction& tx) { return world.Find(tx, number); });
        COFFER_CHECK(found.has_value());
    }
}

void FindBy(benchmark::State& state, db::Cost cost) {
    World& world = WorldOf(state.range(0));
    for (auto _ : state) {
        boost::asio::io_context context(1);
        boost::asio::co_spawn(context.get_executor(), FindMany(world, cost), boost::asio::detached);
        context.run();
    }
    state.SetItemsProcessed(state.iterations() * kPerTransaction);
}

void BM_FindInPlace(benchmark::State& state) {
    FindBy(state, db::Cost::kPoint);
}

void BM_FindByWayOfThePool(benchmark::State& state) {
    FindBy(state, db::Cost::kScan);
}

void BM_Page(benchmark::State& state) {
    World& world = WorldOf(state.range(0));
    int64_t number = 0;
    for (auto _ : state) {
        size_t rows = 0;
        const catalog::VersionScan scan{.bucket = world.bucket,
                                        .from_key = Key(number++ % 1000).substr(0, 10)};
        const Result<> read = world.database->ReadBlocking([&](Transaction& tx) {
            return catalog::ScanRows(tx, scan, [&](const catalog::VersionRow& row) -> Result<bool> {
                rows += row.key().size();
                return true;
            });
        });
        COFFER_CHECK(read.has_value());
        benchmark::DoNotOptimize(rows);
    }
}

#define COFFER_SIZES Arg(10'000)->Arg(200'000)->MeasureProcessCPUTime()->UseRealTime()
BENCHMARK(BM_FindInPlace)->COFFER_SIZES;
BENCHMARK(BM_FindByWayOfThePool)->COFFER_SIZES;
BENCHMARK(BM_Page)->COFFER_SIZES;
BENCHMARK(BM_Insert)->COFFER_SIZES;

}  // namespace
}  // namespace coffer
