#include "tests/support/instance.h"

#include "coffer/base/check.h"
#include "coffer/catalog/schema.h"
#include "coffer/service/recovery.h"
#include "coffer/store/engine/engine.h"

#include "tests/support/run_task.h"
#include "tests/support/test_keys.h"

namespace coffer::testing {

void Instance::MakeDirectories(os::FileSystem& files) {
    COFFER_CHECK(files.MakeDirectory(kDirectory).has_value());
    COFFER_CHECK(files.MakeDirectory(kOwnDirectory).has_value());
    COFFER_CHECK(files.SyncDirectory("/").has_value());
    COFFER_CHECK(files.SyncDirectory(kDirectory).has_value());
}

Instance::Instance(os::FileSystem& files) : vfs_(files), directories_(files, kDirectory) {}

Result<std::unique_ptr<Instance>> Instance::Start(os::FileSystem& files) {
    std::unique_ptr<Instance> instance(new Instance(files));
    TRY(instance->Open(files));
    return instance;
}

Result<> Instance::Open(os::FileSystem& files) {
    db::SqliteOptions options;
    options.scan_threads = 1;
    options.checkpoint_bytes = 96_KiB;  // so that a short history has several
    options.files = vfs_.sqlite_files();
    TRY(database_, db::OpenSqlite(std::string(kOwnDirectory) + "/catalogue.db", options));
    TRY(catalog::Prepare(*database_));
    store::EngineOptions engine;
    engine.pack_limit_bytes = 10_KiB;
    engine.packs = {.segment_bytes = 12_KiB, .ahead = false};  // several, here too
    TRY(store_, store::OpenEngine(files, kOwnDirectory, pool_, buffers_, engine));
    reclaimer_ = std::make_unique<service::Reclaimer>(*database_, *store_, gate_);
    compactor_ = std::make_unique<service::Compactor>(
        *database_, *store_, dynamic_cast<store::Compactable&>(*store_), gate_, *reclaimer_);
    stores_ = std::make_unique<service::Stores>(*store_);
    damage_ = std::make_unique<service::DamageLog>(*database_);
    encryptor_ = std::make_unique<service::Encryptor>(*database_);
    encryptor_->Unlock(TestKeys());
    core_ = std::make_unique<service::Core>(service::Core{*database_, *store_, buffers_, clock,
                                                          gate_, *reclaimer_, directories_,
                                                          *stores_, *damage_, *encryptor_, pool_});
    TRY(const service::LastEnd last, service::BeginServing(*database_));
    recovered_ = last != service::LastEnd::kInOrder;
    TRY(directories_.MakeBuckets(*database_, clock.Now()));
    // A descriptor that is short may be so for ever here.
    if (recovered_ && !RunTask(service::RecoverInBackground(*core_, service::WhenBusy::kGiveUp)))
        return Error(ErrorKind::kIo, "the recovery failed");
    TRY(Reclaim());
    Settle();
    return Ok();
}

Result<> Instance::Stop() {
    TRY(RunTask(service::EndServing(*core_, true)));
    Settle();
    return Ok();
}

void Instance::Settle() {
    // The writer takes it up when it is done with what the one before set going.
    (void)database_->WriteBlocking([](db::Transaction&) -> Result<> { return Ok(); });
}

Result<> Instance::Compact() {
    for (int steps = 0; steps < 1000; ++steps) {
        TRY(const bool more, RunTask(compactor_->Step()));
        if (!more) return Ok();
    }
    return Error(ErrorKind::kInternal, "the compaction does not come to its end");
}

Result<int64_t> Instance::Reclaim() {
    return RunTask(reclaimer_->RunOnce());
}

}  // namespace coffer::testing
