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

// Reads plain bytes, and gives them encrypted. What it computes runs on `pool`, unless it is
// little. What the constructor is given outlives it.
class SealingSource final : public ByteSource {
  public:
    // `hints`: of the plain bytes. Where their number is promised, and is another in the end, what
    // came is no whole blob: compare digests().size_bytes with it.
    SealingSource(ByteSource& plain, const codec::AeadKey& key, const store::StageHints& hints,
                  runtime::BlockingPool& pool, runtime::Buffer buffer);

    // What it needs to work in.
    static Result<runtime::Buffer> TakeBuffer(runtime::BufferPool& pool,
                                              const store::StageHints& hints);

    // Errors are those of the plain source; kInvalid "IncompleteBody" where more comes than was
    // promised.
    Task<Result<size_t>> Read(ByteSpan out) override;

    // Of the plain bytes; once, after the end.
    store::Digests TakeDigests();

  private:
    struct Batch;
    Task<Result<>> Refill();
    Task<Result<size_t>> FillChunk(ByteSpan room);
    Task<Result<>> LookForEnd();
    void HashAndSeal(const Batch& batch);

    ByteSource& plain_;
    codec::ChunkCipher cipher_;
    codec::MultiHasher hasher_;
    const std::optional<uint64_t> promised_;
    runtime::BlockingPool& pool_;
    const runtime::Buffer buffer_;
    ByteSpan ready_;                  // encrypted, not given out yet
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
