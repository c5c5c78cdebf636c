// The program `catalog_load`: fills a bucket of a data directory with objects that are rows of the
// catalogue alone, to measure listings, starts and the growth of a catalogue without writing
// millions of objects. Their content can't be read: the engine has no bytes for them.
//
// The rows are made by the functions that serve PUT, in an order that is no order of keys, so that
// the tables look as clients would have made them. No server may have the directory open.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/schema.h"
#include "coffer/db/sqlite/sqlite.h"

#include "bench/catalog_rows.h"
#include "bench/loader/workloads.h"

namespace coffer::bench {
namespace {

constexpr uint64_t kObjectsPerCommit = 10'000;

Result<> Fill(const std::string& directory, const KeySpace& keys, uint64_t first, uint64_t count) {
    db::SqliteOptions options;
    options.writer_cache_bytes = 1_GiB;
    options.checkpoint_bytes = 256_MiB;
    options.wal_limit_bytes = 1_GiB;
    TRY(const auto database, db::OpenSqlite(directory + "/.coffer/catalogue.db", options));
    TRY(catalog::Prepare(*database));
    const Timestamp now = SystemClock().Now();
    for (uint64_t done = 0; done < count; done += kObjectsPerCommit) {
        const uint64_t end = std::min(count, done + kObjectsPerCommit);
        TRY(database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, keys.bucket));
            for (uint64_t i = done; i < end; ++i) {
                TRY(InsertRows(tx, bucket.id, keys.Key(first + i), first + i, now));
            }
            return Ok();
        }));
    }
    return Ok();
}

int Main(int argc, char** argv) {
    CLI::App app{"Fills a bucket with rows of the catalogue."};
    std::string directory;
    KeySpace keys{"bench", 0};
    uint64_t first = 0;
    uint64_t count = 0;
    app.add_option("directory", directory, "Of a server that is not running")->required();
    app.add_option("--bucket", keys.bucket, "One that exists");
    app.add_option("--objects", count)->required();
    app.add_option("--first", first, "Number of the first object");
    app.add_option("--prefixes", keys.prefixes, "Put the keys under that many prefixes");
    CLI11_PARSE(app, argc, argv);
    const auto filled = Fill(directory, keys, first, count);
    if (!filled) fmt::print(stderr, "catalog_load: {}\n", filled.error().ToString());
    return filled ? 0 : 1;
}

}  // namespace
}  // namespace coffer::bench

int main(int argc, char** argv) {
    return coffer::bench::Main(argc, argv);
}
