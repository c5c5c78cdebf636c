// Encryption of a blob's bytes on their way to a store, and back. codec/chunk_cipher.h says how a
// chunk is encrypted; here they follow each other.
#pragma once

#include <memory>
#include <optional>

#include "coffer/codec/chunk_cipher.h"
#include "coffer/codec/multi_hasher.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/runtime/byte_stream.h"
#include "coffer/store/store.h"

namespace coffer::service {

// Reads plain bytes, and gives them encrypted: in place, in the memory that it is given to fill,
// where there is room for a chunk. What it computes runs on `pool`, unless it is little. What the
// constructor is given outlives it.
class SealingSource final : public ByteSource {
  public:
    // `hints`: of the plain bytes. Where their number is promised, and is another in the end, what
    // came is no whole blob: compare TakeDigests().size_bytes with it.
    SealingSource(ByteSource& plain, const codec::AeadKey& key, const store::StageHints& hints,
                  runtime::BlockingPool& pool, runtime::BufferPool& buffers);

    // Errors are those of the plain source; kInvalid "IncompleteBody" where more comes than was
    // promised; kBusy (buffers, the pool).
    Task<Result<size_t>> Read(ByteSpan out) override;

    // Of the encrypted bytes; once, after the end.
    codec::Sha256Digest TakeSealedSha256() { return hasher_.FinishBeside(); }

    // Of the plain bytes; once, after the end.
    store::Digests TakeDigests();

  private:
    Task<Result<size_t>> Refill(ByteSpan room);
    Task<Result<size_t>> FillChunk(ByteSpan room);
    Task<Result<>> LookForEnd();
    uint64_t MayStillCome() const;
    size_t RoomForNext() const;
    void HashAndSeal(ByteSpan chunks);

    ByteSource& plain_;
    codec::ChunkCipher cipher_;
    codec::MultiHasher hasher_;  // beside: what is encrypted
    const std::optional<uint64_t> promised_;
    runtime::BlockingPool& pool_;
    runtime::BufferPool& buffers_;
    runtime::Buffer own_;             // for chunks that do not fit where they are wanted
    ByteSpan ready_;                  // encrypted in own_, not given out yet
    std::optional<std::byte> ahead_;  // what was read to see whether there is more
    uint64_t total_ = 0;              // plain bytes
    uint64_t number_ = 0;             // of the next chunk
    bool ended_ = false;
};

// The bytes of `range`, which is not empty and lies inside a blob's plain bytes, from a copy of it.
// Every chunk is checked before a byte of it is given out: kCorrupt where it is not the one that
// was written there. The first has been checked when this returns. Else errors of the store.
Task<Result<std::unique_ptr<ByteSource>>> OpenSealed(store::Store& store, std::string copy_key,
                                                     uint64_t sealed_bytes, codec::AeadKey key,
                                                     store::ByteRange range,
                                                     runtime::BufferPool& buffers);

}  // namespace coffer::service
