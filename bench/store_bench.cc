// The engine store alone, on the disk that COFFER_BENCH_DIRECTORY (or else TMPDIR) names: puts and
// gets with several of them in flight, on one executor. Items per second are puts and gets.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

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
    explicit World(store::EngineOptions options = {})
        : store(store::OpenEngine(*file_system, directory, pool, buffers, options).value()) {}
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
void PutAll(benchmark::State& state, World& world) {
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

void BM_Put(benchmark::State& state) {
    World world;
    PutAll(state, world);
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

// The same contents as records in packs, and as files. Arguments: bytes, puts in flight, whether
// they are packed.
void BM_PutPackedOrNot(benchmark::State& state) {
    const bool packed = state.range(2) != 0;
    World world({.pack_limit_bytes = packed ? store::engine::kMaxPackedBytes : 0});
    PutAll(state, world);
}
BENCHMARK(BM_PutPackedOrNot)
    ->ArgsProduct({{4 << 10, 16 << 10, 64 << 10, 128 << 10, 255 << 10}, {1, 16}, {0, 1}})
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// What the disk gives: 4 KiB appended and synced by one thread. Arguments: whether the file grows
// (0), has its blocks allocated (1), or has zeros in them (2).
void BM_AppendProbe(benchmark::State& state) {
    constexpr size_t kRecords = 4096;
    const std::string directory = MakeDirectory();
    const std::string path = directory + "/probe";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    COFFER_CHECK(fd >= 0);
    const Bytes record(4096, std::byte{1});
    size_t next = kRecords;
    for (auto _ : state) {
        if (next == kRecords) {
            state.PauseTiming();
            COFFER_CHECK(::ftruncate(fd, 0) == 0);
            const Bytes zeros(kRecords * record.size());
            if (state.range(0) == 1) COFFER_CHECK(::posix_fallocate(fd, 0, zeros.size()) == 0);
            if (state.range(0) == 2)
                COFFER_CHECK(::pwrite(fd, zeros.data(), zeros.size(), 0) ==
                             static_cast<ssize_t>(zeros.size()));
            COFFER_CHECK(::fsync(fd) == 0);
            next = 0;
            state.ResumeTiming();
        }
        COFFER_CHECK(::pwrite(fd, record.data(), record.size(),
                              static_cast<off_t>(next++ * record.size())) ==
                     static_cast<ssize_t>(record.size()));
        COFFER_CHECK(::fdatasync(fd) == 0);
    }
    ::close(fd);
    std::filesystem::remove_all(directory);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_AppendProbe)->Arg(0)->Arg(1)->Arg(2)->MeasureProcessCPUTime()->UseRealTime();

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
