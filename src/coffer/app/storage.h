// What a process has open of a data directory: the catalogue, the store, and what the services
// stand on. The server and the commands that open a directory themselves have one.
#pragma once

#include <memory>

#include "coffer/app/data_directory.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/runtime/executors.h"
#include "coffer/runtime/metrics.h"
#include "coffer/service/bucket_directories.h"
#include "coffer/service/core.h"
#include "coffer/service/encryptor.h"
#include "coffer/service/reclaimer.h"

namespace coffer::app {

// Members are destroyed from the last to the first: what the services stand on before the store and
// the catalogue, and the threads that all of them run on at the end.
struct Storage {
    // What everything runs on.
    struct Threads {
        Threads();
        runtime::BufferPool buffers;
        runtime::Executors executors;  // one for each core
        runtime::BlockingPool disk;
    };

    // Opens the catalogue, or makes it, and the store. `files`, `directory` and `registry`, where
    // the catalogue counts what it does, outlive it. Blocks.
    static Result<std::unique_ptr<Storage>> Open(os::FileSystem& files,
                                                 const DataDirectory& directory,
                                                 runtime::Registry* registry = nullptr);

    SystemClock clock;
    std::unique_ptr<Threads> threads;
    std::unique_ptr<db::Database> database;
    std::unique_ptr<store::Store> store;
    service::BlobGate gate;
    service::Reclaimer reclaimer;
    service::BucketDirectories directories;
    service::Stores stores;
    service::DamageLog damage;
    service::Encryptor encryptor;  // locked: it has no keys
    service::Core core;

  private:
    Storage(os::FileSystem& files, const DataDirectory& directory, std::unique_ptr<Threads> threads,
            std::unique_ptr<db::Database> database, std::unique_ptr<store::Store> store);
};

}  // namespace coffer::app
