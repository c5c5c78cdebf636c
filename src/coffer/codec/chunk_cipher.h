// Bytes in chunks, each encrypted and authenticated by itself, so that a range costs its chunks: a
// chunk that was changed, moved, exchanged or cut off is found when it is opened.
//
// docs/formats/encryption.md has the form; AES-256-GCM is NIST SP 800-38D. A key encrypts one
// sequence of chunks and no other, so that number and end of a chunk make its nonce, and a chunk of
// another sequence opens by no key that is tried on it.
#pragma once

#include <cstdint>
#include <memory>

#include "coffer/base/bytes.h"
#include "coffer/codec/aead.h"

namespace coffer::codec {

// What a chunk takes, and what it holds. Only the last one may be shorter.
inline constexpr size_t kSealedChunkBytes = 64_KiB;
inline constexpr size_t kPlainChunkBytes = kSealedChunkBytes - kAeadTagBytes;

// How many chunks `plain_bytes` become; no bytes are one empty chunk, so that their absence is
// authentic, too.
uint64_t ChunkCount(uint64_t plain_bytes);

// What they take when sealed, and back. UnsealedSize is of what SealedSize gives: 0 for what no
// sealed content has.
uint64_t SealedSize(uint64_t plain_bytes);
uint64_t UnsealedSize(uint64_t sealed_bytes);

// One thread at a time.
class ChunkCipher {
  public:
    explicit ChunkCipher(const AeadKey& key);
    ~ChunkCipher();

    // Encrypts in place: `chunk` is its plain bytes and, behind them, room for the tag.
    void Seal(uint64_t number, bool last, ByteSpan chunk);

    // The same piece by piece, so that each is in the processor's cache for whatever else is done
    // with it: begin, encrypt the pieces in their order, all but the last a multiple of 16 bytes
    // long, and end with the tag.
    void BeginSeal(uint64_t number, bool last);
    void Encrypt(ByteSpan piece);
    void EndSeal(ByteSpan tag);

    // Decrypts into `plain`, which is as long as `chunk` without its tag, and may be its memory.
    // False, with `plain` unspecified, where `chunk` is not what Seal made of that chunk by this
    // key.
    bool Open(uint64_t number, bool last, ByteView chunk, ByteSpan plain);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coffer::codec
