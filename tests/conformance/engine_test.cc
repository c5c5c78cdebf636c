#include "coffer/store/engine/engine.h"

#include <cerrno>
#include <utility>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/os/posix_file_system.h"

#include "tests/conformance/store_suite.h"
#include "tests/support/temporary_directory.h"

namespace coffer::testing {
namespace {

// What an engine stands on.
struct Ground {
    TemporaryDirectory directory;
    std::unique_ptr<os::FileSystem> file_system;
    std::string path;
    runtime::BufferPool buffers{16_MiB};
    runtime::BlockingPool pool{"store", 2, 64};
};

StoreFixture Make(std::unique_ptr<os::FileSystem> file_system, bool in_memory,
                  store::EngineOptions options = {}) {
    auto ground = std::make_shared<Ground>();
    ground->file_system = std::move(file_system);
    ground->path = in_memory ? "" : ground->directory.path();
    StoreFixture fixture;
    fixture.reopen = [ground = ground.get(), options] {
        return store::OpenEngine(*ground->file_system, ground->path, ground->pool, ground->buffers,
                                 options)
            .value();
    };
    fixture.keep = std::move(ground);
    fixture.store = fixture.reopen();
    return fixture;
}

StoreFixture MakeOnDisk() {
    return Make(os::NewPosixFileSystem(), false);
}
StoreFixture MakeOnDiskWithNamedTemporaries() {
    return Make(os::NewPosixFileSystem(os::TemporaryFiles::kNamed), false);
}
StoreFixture MakeWithFault(os::Fault fault) {
    auto below = std::make_shared<os::MemoryFileSystem>();
    auto faulty = std::make_unique<os::FaultFileSystem>(*below);
    faulty->Inject(fault);
    StoreFixture fixture = Make(std::move(faulty), true);
    fixture.keep = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<void>>>(
        std::move(below), std::move(fixture.keep));
    return fixture;
}

// Nothing that is read is in the system's cache.
StoreFixture MakeUncached() {
    return MakeWithFault({os::Operation::kReadCachedAt, 1, EMFILE, true});
}
// Nor is it here, but the system calls it the end of the file, as Linux 5.9 and 5.10 may.
StoreFixture MakeEndingEarlyInCache() {
    return MakeWithFault(
        {.operation = os::Operation::kReadCachedAt, .for_ever = true, .short_read_bytes = 0});
}

StoreFixture MakeInMemory() {
    return Make(std::make_unique<os::MemoryFileSystem>(), true);
}

StoreFixture MakeWithoutPacks() {
    return Make(std::make_unique<os::MemoryFileSystem>(), true, {.pack_limit_bytes = 0});
}

// Everything that fits is packed, in segments that are small and seldom open.
StoreFixture MakePacked() {
    return Make(std::make_unique<os::MemoryFileSystem>(), true,
                {.pack_limit_bytes = store::engine::kMaxPackedBytes,
                 .packs = {.segment_bytes = 1_MiB, .open_segments = 1}});
}

INSTANTIATE_TEST_SUITE_P(
    Engine, StoreSuite,
    ::testing::Values(StoreCase{"OnDisk", MakeOnDisk},
                      StoreCase{"OnDiskWithNamedTemporaries", MakeOnDiskWithNamedTemporaries},
                      StoreCase{"InMemory", MakeInMemory}, StoreCase{"Uncached", MakeUncached},
                      StoreCase{"EndingEarlyInCache", MakeEndingEarlyInCache},
                      StoreCase{"WithoutPacks", MakeWithoutPacks}, StoreCase{"Packed", MakePacked}),
    StoreCaseName);

}  // namespace
}  // namespace coffer::testing
