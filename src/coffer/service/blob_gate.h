// Keeps a blob's bytes from being removed under whoever needs them.
//
// Everybody who reads a blob, or is about to refer to it, holds it meanwhile; any number may hold
// one at once. What removes bytes takes the blob alone, and gives up at once where somebody holds
// it. So between "the bytes are there" and "a row says so" nothing can take them away, and a
// reader's bytes stay until it is done.
//
// Any thread may call it. It outlives what it gives out.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/codec/digest.h"
#include "coffer/runtime/task.h"

namespace coffer::service {

class BlobGate {
  public:
    // Gives the blob back when destroyed. Movable, so that a stream can own what it reads.
    class Hold {
      public:
        Hold() = default;
        Hold(Hold&& other) noexcept;
        Hold& operator=(Hold&& other) noexcept;
        ~Hold();

      private:
        friend class BlobGate;
        Hold(BlobGate* gate, const codec::Sha256Digest& sha256, bool alone)
            : gate_(gate), sha256_(sha256), alone_(alone) {}
        void Release();

        BlobGate* gate_ = nullptr;
        codec::Sha256Digest sha256_{};
        bool alone_ = false;
    };

    // Waits while somebody has the blob alone, which is for as long as a removal takes.
    Task<Hold> Share(codec::Sha256Digest sha256);

    // Nothing where anybody holds the blob.
    std::optional<Hold> TryAlone(const codec::Sha256Digest& sha256);

  private:
    struct Entry {
        int shared = 0;
        bool alone = false;
        std::vector<std::function<void()>> waiting;
    };
    struct DigestHash {
        size_t operator()(const codec::Sha256Digest& digest) const;
    };
    struct Shard {
        Mutex mutex;
        std::unordered_map<codec::Sha256Digest, Entry, DigestHash> entries GUARDED_BY(mutex);
    };

    // True; or false, and `wake`, unless it is null, is called once the blob is free again.
    bool TryShare(const codec::Sha256Digest& sha256, std::function<void()> wake);
    void GiveBack(const codec::Sha256Digest& sha256, bool alone);
    Shard& ShardOf(const codec::Sha256Digest& sha256);

    std::array<Shard, 16> shards_;
};

}  // namespace coffer::service
