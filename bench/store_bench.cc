// The engine store alone, on the disk that COFFER_BENCH_DIRECTORY (or else TMPDIR) names: puts and
// gets with several of them in flight, on one executor. Items per second are puts and gets.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/base/check.h"
#include "coffer/base/random.h"
#include "coffer/os/posix_file_system.h"
#include "coffer/store/engine/engine.h"

namespace coffer {
namespace {

std::string MakeDirectory() {
    const char* given = std::getenv("COFFER_BENCH_DIRECTORY");
    const std::filesystem::path parent =
        given != nullptr ? std::filesystem::path(given) : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "coffer-store-bench-XXXXXX").string();
    COFFER_CHECK(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

struct World {
    World() : store(store::OpenEngine(*file_system, directory, pool, buffers).value()) {}
    ~World() {
        std::error_code ignored;
        std::filesystem::remove_all(directory, ignored);
    }

    const std::string directory = MakeDirectory();
    const std::unique_ptr<os::FileSystem> file_system = os::NewPosixFileSystem();
    runtime::BufferPool buffers{64_MiB};
    runtime::BlockingPool pool{"store", 16, 1024};
    const std::unique_ptr<store::Store> store;
};

// `size` bytes that no other call has given.
std::string NewContent(size_t size) {
    std::string content(size, 'x');
    FillRandom(std::as_writable_bytes(std::span(content)).first(std::min<size_t>(size, 16)));
    return content;
}

Task<void> Put(store::Store& store, std::string content, std::string* key) {
    runtime::StringSource source(std::move(content));
    auto staged = co_await store.Stage(source, {});
    *key = (co_await store.Commit(std::move(staged.value()))).value();
}

Task<void> Get(store::Store& store, std::string key, size_t size) {
    Bytes out(std::min(size, runtime::kBufferBytes));
    auto source = co_await store.Read(key, {0, size});
    size_t total = 0;
    while (total < size)
        total += (co_await source.value()->Read(out)).value();
}

void RunAll(std::vector<Task<void>> tasks) {
    boost::asio::io_context context(1);
    for (Task<void>& task : tasks) {
        boost::asio::co_spawn(context.get_executor(), std::move(task), boost::asio::detached);
    }
    context.run();
}

// Arguments: bytes, puts in flight.
void BM_Put(benchmark::State& state) {
    World world;
    std::string key;
    for (auto _ : state) {
        state.PauseTiming();
        std::vector<Task<void>> tasks;
        for (int64_t i = 0; i < state.range(1); ++i) {
            tasks.push_back(
                Put(*world.store, NewContent(static_cast<size_t>(state.range(0))), &key));
        }
        state.ResumeTiming();
        RunAll(std::move(tasks));
    }
    state.SetItemsProcessed(state.iterations() * state.range(1));
    state.SetBytesProcessed(state.iterations() * state.range(1) * state.range(0));
}
BENCHMARK(BM_Put)
    ->Args({4096, 1})
    ->Args({4096, 16})
    ->Args({4096, 64})
    ->Args({65536, 16})
    ->Args({10 << 20, 1})
    ->Args({10 << 20, 4})
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// Arguments: bytes, gets in flight. What is read is in the page cache.
void BM_Get(benchmark::State& state) {
    World world;
    const auto size = static_cast<size_t>(state.range(0));
    std::string key;
    std::vector<Task<void>> first;
    first.push_back(Put(*world.store, NewContent(size), &key));
    RunAll(std::move(first));
    for (auto _ : state) {
        std::vector<Task<void>> tasks;
        for (int64_t i = 0; i < state.range(1); ++i) {
            tasks.push_back(Get(*world.store, key, size));
        }
        RunAll(std::move(tasks));
    }
    state.SetItemsProcessed(state.iterations() * state.range(1));
    state.SetBytesProcessed(state.iterations() * state.range(1) * state.range(0));
}
BENCHMARK(BM_Get)
    ->Args({4096, 1})
    ->Args({4096, 64})
    ->Args({65536, 16})
    ->Args({131072, 16})
    ->Args({10 << 20, 1})
    ->Args({10 << 20, 4})
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace coffer
