#include "coffer/app/storage.h"

#include <sys/sysinfo.h>

#include <algorithm>
#include <thread>

#include "coffer/app/accept_command.h"
#include "coffer/catalog/schema.h"
#include "coffer/db/sqlite/sqlite.h"
#include "coffer/store/engine/engine.h"

namespace coffer::app {
namespace {

size_t CoreCount() {
    return std::max(1U, std::thread::hardware_concurrency());
}

// An eighth of the machine's memory moves bodies, within bounds; beyond it clients are told to slow
// down.
size_t BufferLimit() {
    struct sysinfo info{};
    const bool known = ::sysinfo(&info) == 0;
    const uint64_t total = known ? uint64_t{info.totalram} * info.mem_unit : 1_GiB;
    return static_cast<size_t>(std::clamp<uint64_t>(total / 8, 32_MiB, 256_MiB));
}

}  // namespace

Storage::Threads::Threads()
    : buffers(BufferLimit()),
      executors(CoreCount()),
      disk("disk", std::clamp<size_t>(2 * CoreCount(), 4, 16), 4096) {}

Storage::Storage(os::FileSystem& files, const DataDirectory& directory,
                 std::unique_ptr<Threads> given_threads,
                 std::unique_ptr<db::Database> given_database,
                 std::unique_ptr<store::Store> given_store)
    : threads(std::move(given_threads)),
      database(std::move(given_database)),
      store(std::move(given_store)),
      reclaimer(*database, *store, gate),
      directories(files, directory.path()),
      stores(*store),
      damage(*database),
      encryptor(*database),
      core{*database,   *store, threads->buffers, clock,     gate,         reclaimer,
           directories, stores, damage,           encryptor, threads->disk} {}

Result<std::unique_ptr<Storage>> Storage::Open(os::FileSystem& files,
                                               const DataDirectory& directory,
                                               runtime::Registry* registry) {
    auto threads = std::make_unique<Threads>();
    auto catalogue = db::OpenSqlite(directory.own() + "/catalogue.db", {.registry = registry});
    if (!catalogue) return ExplainLostCommits(catalogue.error(), directory.path());
    std::unique_ptr<db::Database> database = std::move(catalogue).value();
    TRY(catalog::Prepare(*database));
    TRY(auto store, store::OpenEngine(files, directory.own(), threads->disk, threads->buffers));
    return std::unique_ptr<Storage>(
        new Storage(files, directory, std::move(threads), std::move(database), std::move(store)));
}

}  // namespace coffer::app
