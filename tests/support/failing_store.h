// A store in memory that can be told to fail.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/memory_store.h"

namespace coffer::testing {

class FailingStore final : public MemoryStore {
  public:
    // Asked before a call does anything: the call fails with what it fails with. Null: never. On
    // the thread of the call; set while there is none.
    using Check = std::function<Result<>(const std::string& key)>;

    using MemoryStore::MemoryStore;

    Task<Result<std::string>> Commit(std::unique_ptr<store::Staged> staged) override {
        if (before_commit) {
            CO_TRY(before_commit(std::string()));
        }
        co_return co_await MemoryStore::Commit(std::move(staged));
    }

    Task<Result<std::unique_ptr<ByteSource>>> Read(std::string key,
                                                   store::ByteRange range) override {
        if (before_read) {
            CO_TRY(before_read(key));
        }
        co_return co_await MemoryStore::Read(std::move(key), range);
    }

    Task<Result<>> Remove(std::string key) override {
        if (before_remove) {
            CO_TRY(before_remove(key));
        }
        co_return co_await MemoryStore::Remove(std::move(key));
    }

    Task<Result<std::string>> Quarantine(std::string key, std::string note) override {
        if (before_quarantine) {
            CO_TRY(before_quarantine(key));
        }
        co_return co_await MemoryStore::Quarantine(std::move(key), std::move(note));
    }

    Task<Result<store::CopyStat>> Stat(std::string key) override {
        if (before_stat) {
            CO_TRY(before_stat(key));
        }
        co_return co_await MemoryStore::Stat(std::move(key));
    }

    Task<Result<store::ListPage>> List(std::string cursor, size_t limit) override {
        if (before_list) {
            CO_TRY(before_list(cursor));
        }
        co_return co_await MemoryStore::List(std::move(cursor), limit);
    }

    Check before_commit;  // with no key: there is none yet
    Check before_read;
    Check before_remove;
    Check before_quarantine;
    Check before_stat;
    Check before_list;  // with the cursor
};

}  // namespace coffer::testing
