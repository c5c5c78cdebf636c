// All of a server but its ports, over one FileSystem: catalogue, engine, services, recovery. It
// starts and ends as app::Server does, but nothing runs in the background by itself: what a test
// does to it happens in the same order every time.
#pragma once

#include <memory>
#include <string>

#include "coffer/base/clock.h"
#include "coffer/db/sqlite/sqlite.h"
#include "coffer/os/file_system.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/service/bucket_directories.h"
#include "coffer/service/buckets.h"
#include "coffer/service/compactor.h"
#include "coffer/service/core.h"
#include "coffer/service/encryptor.h"
#include "coffer/service/objects.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/uploads.h"
#include "coffer/store/store.h"

#include "tests/support/file_system_vfs.h"

namespace coffer::testing {

class Instance {
  public:
    // Where it keeps its data on every file system.
    static constexpr const char* kDirectory = "/data";
    static constexpr const char* kOwnDirectory = "/data/.coffer";

    // Makes the directories, durably.
    static void MakeDirectories(os::FileSystem& files);

    // Opens what is there, or begins anew; what a crash left is gone when this returns. `files`
    // outlives it. Any thread may use the services; several threads may at once.
    static Result<std::unique_ptr<Instance>> Start(os::FileSystem& files);

    // Without Stop: as a process that was killed.
    ~Instance() = default;

    // Ends in good order: the next one has nothing to recover.
    Result<> Stop();

    // Waits until what the last commit set going has ended (a checkpoint).
    void Settle();

    // Removes the bytes of what was deleted.
    Result<int64_t> Reclaim();

    // Gives back the space between small blobs, as far as it is worth while.
    Result<> Compact();

    // By all compactions of this process.
    uint64_t moved_copies() const { return compactor_->moved_copies(); }

    bool recovered() const { return recovered_; }  // from a crash
    service::Core& core() { return *core_; }
    service::Objects objects() { return service::Objects(*core_); }
    service::Uploads uploads() { return service::Uploads(*core_); }
    service::Buckets buckets() { return service::Buckets(*core_); }

    ManualClock clock{FromMicros(1'767'225'600'000'000)};

  private:
    explicit Instance(os::FileSystem& files);
    Result<> Open(os::FileSystem& files);

    FileSystemVfs vfs_;
    runtime::BlockingPool pool_{"test-disk", 1, 64};
    runtime::BufferPool buffers_{16_MiB};
    service::BlobGate gate_;
    service::BucketDirectories directories_;
    std::unique_ptr<db::Database> database_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<service::Reclaimer> reclaimer_;
    std::unique_ptr<service::Compactor> compactor_;
    std::unique_ptr<service::Stores> stores_;
    std::unique_ptr<service::DamageLog> damage_;
    std::unique_ptr<service::Encryptor> encryptor_;
    std::unique_ptr<service::Core> core_;
    bool recovered_ = false;
};

}  // namespace coffer::testing
