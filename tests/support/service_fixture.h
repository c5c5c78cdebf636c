// The services over a memory file system and a SQLite catalogue in a temporary directory: what a
// test of the domain's rules stands on.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/catalog/copies.h"
#include "coffer/catalog/schema.h"
#include "coffer/db/sqlite/sqlite.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/service/bucket_directories.h"
#include "coffer/service/buckets.h"
#include "coffer/service/core.h"
#include "coffer/service/objects.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/uploads.h"
#include "coffer/store/engine/engine.h"

#include "tests/support/interrupted_database.h"
#include "tests/support/run_task.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"

namespace coffer::testing {

class ServiceFixture {
  public:
    // `given`: a store in place of the engine.
    explicit ServiceFixture(std::unique_ptr<store::Store> given = nullptr) {
        COFFER_CHECK(files.MakeDirectory("/data").has_value());
        COFFER_CHECK(files.MakeDirectory("/data/.coffer").has_value());
        COFFER_CHECK(files.SyncDirectory("/").has_value());
        COFFER_CHECK(files.SyncDirectory("/data").has_value());
        database = std::make_unique<InterruptedDatabase>(
            db::OpenSqlite(directory.path() + "/catalogue.db", {}).value());
        COFFER_CHECK(catalog::Prepare(*database).has_value());
        store = given ? std::move(given)
                      : store::OpenEngine(files, "/data/.coffer", pool, buffers).value();
        reclaimer = std::make_unique<service::Reclaimer>(*database, *store, gate);
        stores = std::make_unique<service::Stores>(*store);
        damage = std::make_unique<service::DamageLog>(*database);
        encryptor = std::make_unique<service::Encryptor>(*database);
        encryptor->Unlock(TestKeys());
        core = std::make_unique<service::Core>(service::Core{*database, *store, buffers, clock,
                                                             gate, *reclaimer, directories, *stores,
                                                             *damage, *encryptor, pool});
    }

    static service::BucketName Bucket(std::string_view name) {
        return service::BucketName::Parse(name).value();
    }
    static service::ObjectKey Key(std::string_view key) {
        return service::ObjectKey::Parse(key).value();
    }

    void MakeBucket(std::string_view name) {
        COFFER_CHECK(RunTask(service::Buckets(*core).Create(Bucket(name))).has_value());
    }

    Result<service::PutResult> Put(service::PutRequest request, std::string body) {
        runtime::StringSource source(std::move(body));
        return RunTask(objects().Put(std::move(request), source));
    }
    Result<service::PutResult> Put(std::string_view bucket, std::string_view key,
                                   std::string body) {
        return Put({Bucket(bucket), Key(key), {}, {}, {}}, std::move(body));
    }

    Result<std::string> Get(service::GetRequest request) {
        return RunTask(ReadBody(std::move(request)));
    }
    Result<std::string> Get(std::string_view bucket, std::string_view key) {
        return Get({.bucket = Bucket(bucket), .key = Key(key)});
    }

    Result<service::DeleteResult> Delete(std::string_view bucket, std::string_view key) {
        return RunTask(objects().Delete({.bucket = Bucket(bucket), .key = Key(key)}));
    }

    // Copies that lie on the store, after everything that can go has gone.
    size_t StoredCopies() {
        COFFER_CHECK(RunTask(reclaimer->RunOnce()).has_value());
        return RunTask(store->List("", 10'000)).value().copies.size();
    }

    // The row of a content's copy.
    catalog::Copy CopyOf(const std::string& content, catalog::StoreId on = catalog::kEngineStore) {
        std::optional<catalog::Copy> copy;
        COFFER_CHECK(database
                         ->ReadBlocking([&](db::Transaction& tx) -> Result<> {
                             TRY(copy,
                                 catalog::FindCopyOf(tx, codec::Sha256(AsBytes(content)), on));
                             return Ok();
                         })
                         .has_value());
        return copy.value();
    }

    service::Objects objects() { return service::Objects(*core); }
    service::Uploads uploads() { return service::Uploads(*core); }

    TemporaryDirectory directory;
    os::MemoryFileSystem files;
    ManualClock clock{FromMicros(1'767'225'600'000'000)};
    runtime::BlockingPool pool{"test-disk", 2, 64};
    runtime::BufferPool buffers{64_MiB};
    service::BlobGate gate;
    service::BucketDirectories directories{files, "/data"};
    std::unique_ptr<InterruptedDatabase> database;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<service::Reclaimer> reclaimer;
    std::unique_ptr<service::Stores> stores;
    std::unique_ptr<service::DamageLog> damage;
    std::unique_ptr<service::Encryptor> encryptor;
    std::unique_ptr<service::Core> core;

  private:
    Task<Result<std::string>> ReadBody(service::GetRequest request) {
        service::Objects service(*core);
        CO_TRY(const service::GetResult result, co_await service.Get(std::move(request)));
        co_return co_await runtime::ReadAll(*result.body, 256_MiB);
    }
};

}  // namespace coffer::testing
