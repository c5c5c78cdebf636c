// An engine over a file system that tests can hurt, and the few calls that they need of it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/os/file_system.h"
#include "coffer/store/engine/engine.h"

#include "tests/support/run_task.h"

namespace coffer::testing {

// The engine's directory on every file system of these tests: there, and durable.
inline constexpr const char* kEngineDirectory = "/data";

inline void MakeEngineDirectory(os::FileSystem& file_system) {
    (void)file_system.MakeDirectory(kEngineDirectory).value();
    (void)file_system.SyncDirectory("/").value();
}

class EngineRig {
  public:
    explicit EngineRig(os::FileSystem& file_system, store::EngineOptions options = InTurn())
        : file_system_(file_system), options_(options) {
        ConfigureLog(LogFormat::kText,
                     LogLevel::kWarning);  // it says when it cleans up after a crash
    }

    // Nothing happens but what a call makes happen, and segments are small.
    static store::EngineOptions InTurn() {
        return {.packs = {.segment_bytes = 256_KiB, .ahead = false}};
    }

    // The same, and every blob is a file.
    static store::EngineOptions FilesOnly() {
        store::EngineOptions options = InTurn();
        options.pack_limit_bytes = 0;
        return options;
    }

    // In place of the one before, as a new process would. After an error there is none.
    Result<> Open() {
        store_.reset();
        TRY(store_, store::OpenEngine(file_system_, kEngineDirectory, pool_, buffers_, options_));
        return Ok();
    }

    bool is_open() const { return store_ != nullptr; }
    store::Store& store() { return *store_; }
    size_t taken_buffer_bytes() const { return buffers_.taken_bytes(); }

    Result<std::unique_ptr<store::Staged>> Stage(const std::string& content) {
        runtime::StringSource source(content);
        return RunTask(store_->Stage(source, {}));
    }

    Result<std::string> Commit(std::unique_ptr<store::Staged> staged) {
        return RunTask(store_->Commit(std::move(staged)));
    }

    Result<std::string> Put(const std::string& content) {
        TRY(auto staged, Stage(content));
        return Commit(std::move(staged));
    }

    Result<std::string> Get(const std::string& key, store::ByteRange range) {
        TRY(const auto source, RunTask(store_->Read(key, range)));
        return RunTask(runtime::ReadAll(*source, range.length));
    }

    Result<> Remove(const std::string& key) { return RunTask(store_->Remove(key)); }

    Result<store::ListPage> List() { return RunTask(store_->List("", 1000)); }

  private:
    os::FileSystem& file_system_;
    const store::EngineOptions options_;
    runtime::BufferPool buffers_{8_MiB};
    runtime::BlockingPool pool_{"store", 1, 64};
    std::unique_ptr<store::Store> store_;
};

}  // namespace coffer::testing
