// The program `lifecycle_load`: what a lifecycle costs in a bucket of many objects of which few are
// due: the rows, the pass that lets the few go, the pass that finds nothing, and the walk after the
// rules were changed. Objects are rows of the catalogue alone (catalog_rows.h).
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include <CLI/CLI.hpp>

#include "coffer/app/data_directory.h"
#include "coffer/app/storage.h"
#include "coffer/catalog/buckets.h"
#include "coffer/job/lifecycle.h"
#include "coffer/os/posix_file_system.h"
#include "coffer/service/buckets.h"

#include "bench/catalog_rows.h"
#include "bench/loader/workloads.h"

namespace coffer::bench {
namespace {

constexpr uint64_t kObjectsPerCommit = 1000;
constexpr int kDays = 30;

struct Options {
    std::string directory;
    uint64_t objects = 1'000'000;
    uint64_t due = 1'000;
};

class Bench {
  public:
    Bench(app::Storage& storage, const Options& options)
        : storage_(storage), options_(options), buckets_(storage.core), lifecycle_(storage.core) {}

    Task<Result<>> Run();

  private:
    Task<Result<>> MakeBucket(std::string name, bool rules);
    Task<Result<>> Fill(std::string bucket, uint64_t first);
    Task<Result<>> Pass(std::string what);
    uintmax_t CatalogueBytes() const {
        return std::filesystem::file_size(options_.directory + "/.coffer/catalogue.db") +
               std::filesystem::file_size(options_.directory + "/.coffer/catalogue.db-wal");
    }
    static std::vector<codec::LifecycleRule> Rules(int days) {
        return {
            {.id = "expire", .enabled = true, .filter = {.prefix = ""}, .expiration_days = days}};
    }

    app::Storage& storage_;
    const Options options_;
    service::Buckets buckets_;
    job::Lifecycle lifecycle_;
};

double SecondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Task<Result<>> Bench::MakeBucket(std::string name, bool rules) {
    CO_TRY(auto parsed, codec::BucketName::Parse(name));
    CO_TRY(co_await buckets_.Create(parsed));
    if (rules) {
        CO_TRY(co_await buckets_.SetLifecycle(parsed, Rules(kDays)));
    }
    co_return Ok();
}

// Every object is new but for those that are due, which are spread among them.
Task<Result<>> Bench::Fill(std::string bucket, uint64_t first) {
    const KeySpace keys{bucket, 0};
    const Timestamp now = storage_.clock.Now();
    const uint64_t every = options_.objects / options_.due;
    const auto start = std::chrono::steady_clock::now();
    const uintmax_t before = CatalogueBytes();
    for (uint64_t done = 0; done < options_.objects; done += kObjectsPerCommit) {
        const uint64_t end = std::min(options_.objects, done + kObjectsPerCommit);
        CO_TRY(co_await storage_.database->Write([&](db::Transaction& tx) -> Result<> {
            TRY(const catalog::Bucket row, catalog::FindBucket(tx, bucket));
            for (uint64_t i = done; i < end; ++i) {
                const bool old = i % every == 0;
                TRY(const catalog::Version version,
                    InsertRows(tx, row.id, keys.Key(first + i), first + i,
                               old ? now - std::chrono::days(kDays + 10) : now));
                TRY(storage_.core.lifecycle->NoteNewest(tx, row, version, std::nullopt));
            }
            return Ok();
        }));
    }
    const auto count = static_cast<double>(options_.objects);
    fmt::print("{:<34}{:>9.2f} s  {:6.1f} us and {:4.0f} bytes of the catalogue an object\n",
               "rows of " + bucket, SecondsSince(start), SecondsSince(start) / count * 1e6,
               static_cast<double>(CatalogueBytes() - before) / count);
    co_return Ok();
}

Task<Result<>> Bench::Pass(std::string what) {
    const int64_t visited = lifecycle_.visited_keys();
    const auto start = std::chrono::steady_clock::now();
    CO_TRY(const job::LifecycleCounts counts, co_await lifecycle_.RunOnce());
    fmt::print("{:<34}{:>9.3f} s  {} looked at, {} expired\n", what, SecondsSince(start),
               lifecycle_.visited_keys() - visited, counts.expired);
    co_return Ok();
}

Task<Result<>> Bench::Run() {
    CO_TRY(co_await MakeBucket("without-rules", false));
    CO_TRY(co_await Fill("without-rules", 0));
    CO_TRY(co_await MakeBucket("with-rules", true));
    CO_TRY(co_await Pass("walk over an empty bucket"));
    CO_TRY(co_await Fill("with-rules", options_.objects));
    CO_TRY(co_await Pass("pass: some are due"));
    CO_TRY(co_await Pass("pass: nothing is due"));
    CO_TRY(auto name, codec::BucketName::Parse("with-rules"));
    CO_TRY(co_await buckets_.SetLifecycle(name, Rules(2 * kDays)));
    co_return co_await Pass("walk and pass after a change");
}

Task<Result<>> RunBench(Bench& bench) {
    return bench.Run();
}

Result<> Measure(const Options& options) {
    const std::unique_ptr<os::FileSystem> files = os::NewPosixFileSystem();
    TRY(auto directory, app::DataDirectory::Open(*files, options.directory));
    TRY(const auto storage, app::Storage::Open(*files, directory));
    Bench bench(*storage, options);
    return runtime::RunBlocking(storage->threads->executors, RunBench(bench));
}

int Main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);  // it takes minutes
    CLI::App app{"Measures a lifecycle in a bucket of many objects of which few are due."};
    Options options;
    app.add_option("directory", options.directory, "A new one")->required();
    app.add_option("--objects", options.objects)->check(CLI::PositiveNumber);
    app.add_option("--due", options.due)->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    const auto measured = Measure(options);
    if (!measured) fmt::print(stderr, "lifecycle_load: {}\n", measured.error().ToString());
    return measured ? 0 : 1;
}

}  // namespace
}  // namespace coffer::bench

int main(int argc, char** argv) {
    return coffer::bench::Main(argc, argv);
}
