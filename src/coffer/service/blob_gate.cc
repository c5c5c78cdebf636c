#include "coffer/service/blob_gate.h"

#include <cstring>
#include <utility>

#include "coffer/runtime/suspend.h"

namespace coffer::service {

BlobGate::Hold::Hold(Hold&& other) noexcept
    : gate_(std::exchange(other.gate_, nullptr)), sha256_(other.sha256_), alone_(other.alone_) {}

BlobGate::Hold& BlobGate::Hold::operator=(Hold&& other) noexcept {
    if (this != &other) {
        Release();
        gate_ = std::exchange(other.gate_, nullptr);
        sha256_ = other.sha256_;
        alone_ = other.alone_;
    }
    return *this;
}

BlobGate::Hold::~Hold() {
    Release();
}

void BlobGate::Hold::Release() {
    if (gate_ != nullptr) std::exchange(gate_, nullptr)->GiveBack(sha256_, alone_);
}

size_t BlobGate::DigestHash::operator()(const codec::Sha256Digest& digest) const {
    size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
}

BlobGate::Shard& BlobGate::ShardOf(const codec::Sha256Digest& sha256) {
    // Another byte than those that the map hashes, so that shards do not share buckets.
    return shards_[static_cast<size_t>(sha256[31]) % shards_.size()];
}

bool BlobGate::TryShare(const codec::Sha256Digest& sha256, std::function<void()> wake) {
    Shard& shard = ShardOf(sha256);
    MutexLock lock(shard.mutex);
    Entry& entry = shard.entries[sha256];
    if (entry.alone) {
        if (wake) entry.waiting.push_back(std::move(wake));
        return false;
    }
    ++entry.shared;
    return true;
}

Task<BlobGate::Hold> BlobGate::Share(codec::Sha256Digest sha256) {
    // Nobody has it alone, nearly always: then there is nothing to wait for.
    bool held = TryShare(sha256, nullptr);
    while (!held) {
        co_await runtime::Suspend([&](const runtime::Waker& wake) {
            held = TryShare(sha256, wake);
            if (held) wake();
        });
    }
    co_return Hold(this, sha256, false);
}

std::optional<BlobGate::Hold> BlobGate::TryAlone(const codec::Sha256Digest& sha256) {
    Shard& shard = ShardOf(sha256);
    MutexLock lock(shard.mutex);
    Entry& entry = shard.entries[sha256];
    if (entry.alone || entry.shared > 0) return std::nullopt;
    entry.alone = true;
    return Hold(this, sha256, true);
}

void BlobGate::GiveBack(const codec::Sha256Digest& sha256, bool alone) {
    std::vector<std::function<void()>> wake;
    {
        Shard& shard = ShardOf(sha256);
        MutexLock lock(shard.mutex);
        const auto found = shard.entries.find(sha256);
        Entry& entry = found->second;
        if (alone)
            entry.alone = false;
        else
            --entry.shared;
        if (entry.shared > 0) return;
        wake = std::move(entry.waiting);
        shard.entries.erase(found);
    }
    for (const auto& resume : wake)
        resume();
}

}  // namespace coffer::service
