// A store in memory whose copies tests can damage and lose. Every commit gets a key of its own, so
// that the same content can lie there twice.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/store/store.h"

namespace coffer::testing {

class MemoryStore : public store::Store {
  public:
    // `prefix`: what its keys begin with.
    explicit MemoryStore(std::string prefix = "m") : prefix_(std::move(prefix)) {}

    // From `offset` on the bytes of the copy are not what they were.
    void Damage(const std::string& key, uint64_t offset = 0) {
        MutexLock lock(mutex_);
        copies_.at(key).damaged_from = offset;
    }
    // For so many reads: then somebody has put it right, under the same key.
    void DamageFor(const std::string& key, int reads) {
        Damage(key);
        MutexLock lock(mutex_);
        copies_.at(key).damaged_reads = reads;
    }
    void Lose(const std::string& key) {
        MutexLock lock(mutex_);
        copies_.erase(key);
    }
    // Damage that no checksum of the store's tells.
    void Swap(const std::string& key, std::string bytes) {
        MutexLock lock(mutex_);
        copies_.at(key).bytes = std::move(bytes);
    }
    // The copy can't be looked at: a listing leaves it out.
    void Hide(const std::string& key, bool hidden = true) {
        MutexLock lock(mutex_);
        copies_.at(key).hidden = hidden;
    }
    std::string BytesOf(const std::string& key) {
        MutexLock lock(mutex_);
        return copies_.at(key).bytes;
    }
    std::vector<std::string> Keys() {
        MutexLock lock(mutex_);
        std::vector<std::string> keys;
        for (const auto& [key, copy] : copies_)
            keys.push_back(key);
        return keys;
    }
    size_t size() {
        MutexLock lock(mutex_);
        return copies_.size();
    }
    // What has gone in by Stage, and come out by Read, so far.
    uint64_t staged_bytes() const { return staged_bytes_; }
    uint64_t read_bytes() const { return read_bytes_; }

    // What was set aside, by the key that it had.
    std::map<std::string, std::string> quarantine() {
        MutexLock lock(mutex_);
        return quarantine_;
    }

    Task<Result<std::unique_ptr<store::Staged>>> Stage(ByteSource& source,
                                                       store::StageHints hints) override {
        auto staged = std::make_unique<StagedBytes>();
        CO_TRY(staged->bytes, co_await runtime::ReadAll(source, 256_MiB));
        const ByteView bytes = AsBytes(staged->bytes);
        staged_bytes_ += bytes.size();
        staged->known = {bytes.size(), codec::Sha256(bytes), codec::Md5(bytes), {}};
        if (hints.sha256_of_source) {
            EXPECT_EQ(hints.sha256_of_source(), staged->known.sha256);
        }
        if (hints.checksum) {
            const auto hasher = codec::NewHasher(*hints.checksum);
            hasher->Update(bytes);
            staged->known.checksum = hasher->Finish();
        }
        co_return std::move(staged);
    }

    Task<Result<std::string>> Commit(std::unique_ptr<store::Staged> staged) override {
        auto& bytes = dynamic_cast<StagedBytes&>(*staged);
        MutexLock lock(mutex_);
        std::string key = fmt::format("{}-{:04}", prefix_, ++last_);
        copies_[key] = {std::move(bytes.bytes), bytes.known.sha256, UINT64_MAX};
        co_return key;
    }

    Task<Result<std::unique_ptr<ByteSource>>> Read(std::string key,
                                                   store::ByteRange range) override {
        MutexLock lock(mutex_);
        const auto found = copies_.find(key);
        if (found == copies_.end()) co_return NoSuchCopy();
        StoredBytes& copy = found->second;
        if (copy.damaged_from != UINT64_MAX && copy.damaged_reads-- == 0)
            copy.damaged_from = UINT64_MAX;
        if (copy.damaged_from <= range.offset && range.length > 0) co_return Damaged();
        const uint64_t good = std::min(range.length, copy.damaged_from - range.offset);
        co_return std::make_unique<Bytes>(copy.bytes.substr(range.offset, good),
                                          good < range.length, read_bytes_);
    }

    Task<Result<>> Remove(std::string key) override {
        MutexLock lock(mutex_);
        if (copies_.erase(key) == 0) co_return NoSuchCopy();
        co_return Ok();
    }

    Task<Result<>> SyncRemovals() override { co_return Ok(); }

    Task<Result<std::string>> Quarantine(std::string key, std::string) override {
        MutexLock lock(mutex_);
        const auto found = copies_.find(key);
        if (found == copies_.end()) co_return NoSuchCopy();
        quarantine_[key] = std::move(found->second.bytes);
        copies_.erase(found);
        co_return "quarantine/" + key;
    }

    Task<Result<store::CopyStat>> Stat(std::string key) override {
        MutexLock lock(mutex_);
        const auto found = copies_.find(key);
        if (found == copies_.end()) co_return NoSuchCopy();
        co_return store::CopyStat{found->second.bytes.size(), found->second.sha256};
    }

    Task<Result<store::ListPage>> List(std::string cursor, size_t limit) override {
        MutexLock lock(mutex_);
        store::ListPage page;
        for (auto at = copies_.upper_bound(cursor); at != copies_.end(); ++at) {
            if (at->second.hidden) {
                page.left_out.push_back(
                    {at->first, Error(ErrorKind::kIo, "a copy can't be looked at")});
                continue;
            }
            if (page.copies.size() == limit) {
                page.next_cursor = page.copies.back().key;
                break;
            }
            page.copies.push_back({at->first, {at->second.bytes.size(), at->second.sha256}});
        }
        co_return page;
    }

    store::Capabilities GetCapabilities() const override { return {.sign = false, .local = true}; }

  private:
    struct StoredBytes {
        std::string bytes;
        codec::Sha256Digest sha256{};
        uint64_t damaged_from = UINT64_MAX;
        int damaged_reads = -1;  // how many are still to find it so; below 0: all
        bool hidden = false;
    };

    struct StagedBytes final : store::Staged {
        const store::Digests& digests() const override { return known; }
        std::string bytes;
        store::Digests known;
    };

    class Bytes final : public ByteSource {
      public:
        Bytes(std::string good, bool damaged, std::atomic<uint64_t>& read_bytes)
            : source_(std::move(good)), damaged_(damaged), read_bytes_(read_bytes) {}
        Task<Result<size_t>> Read(ByteSpan out) override {
            CO_TRY(const size_t n, co_await source_.Read(out));
            if (n == 0 && damaged_) co_return Damaged();
            read_bytes_ += n;
            co_return n;
        }

      private:
        runtime::StringSource source_;
        const bool damaged_;
        std::atomic<uint64_t>& read_bytes_;
    };

    static Error NoSuchCopy() { return Error(ErrorKind::kNotFound, "there is no such copy"); }
    static Error Damaged() { return Error(ErrorKind::kCorrupt, "the copy is damaged"); }

    const std::string prefix_;
    Mutex mutex_;
    std::map<std::string, StoredBytes> copies_ GUARDED_BY(mutex_);
    std::map<std::string, std::string> quarantine_ GUARDED_BY(mutex_);
    int last_ GUARDED_BY(mutex_) = 0;
    std::atomic<uint64_t> staged_bytes_ = 0;
    std::atomic<uint64_t> read_bytes_ = 0;
};

}  // namespace coffer::testing
