// All digests of a blob in one pass: MD5, SHA-256, the checksum that a client asked for, and the
// CRC32C of each chunk; this one alone where the source computes the digest that is needed. One
// thread at a time.
#pragma once

#include <functional>
#include <optional>

#include "coffer/base/bytes.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/multi_hasher.h"
#include "coffer/store/store.h"

namespace coffer::store::engine {

class BlobHasher {
  public:
    explicit BlobHasher(const StageHints& hints);

    // Pieces of any size.
    void Update(ByteView data);

    // As Update of each. Where both can be paired it costs little more than one of them, as long as
    // the pieces are of one size, a whole number of blocks of codec::kDigestBlockBytes, and so was
    // all that came before.
    static void UpdatePair(BlobHasher& first, ByteView of_first, BlobHasher& second,
                           ByteView of_second);

    // Whether a pair costs less than one after the other.
    bool can_pair() const { return all_ && all_->is_together(); }

    // Call it once, last.
    Digests Finish();

    // The chunks' checksums, as they follow the bytes in a blob's file; whole after Finish.
    Bytes TakeTable() { return std::move(table_); }

  private:
    size_t ToChunkEnd() const;
    void UpdateChunk(ByteView piece);  // all of it inside one chunk
    void EndChunk();

    const std::function<codec::Sha256Digest()> sha256_of_source_;
    std::optional<codec::MultiHasher> all_;  // unless the source says its digest
    uint64_t size_bytes_ = 0;
    uint32_t chunk_crc_ = 0;  // of the chunk that has begun
    Bytes table_;
};

}  // namespace coffer::store::engine
