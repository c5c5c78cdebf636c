// Cuts a stream into the blocks of 64 bytes that MD5 and SHA-256 are made of, and ends it as both
// ask for: a one bit, zeros, and the length in bits (RFC 1321, 3.1; FIPS 180-4, 5.1.1).
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "coffer/base/bytes.h"
#include "coffer/base/check.h"
#include "coffer/codec/md5_sha256_blocks.h"

namespace coffer::codec {

class BlockBuffer {
  public:
    // Calls `compress(const std::byte* blocks, size_t count)` for what is whole now.
    template <class Compress>
    void Update(ByteView data, Compress compress) {
        const size_t begun = size_bytes_ % kDigestBlockBytes;
        size_bytes_ += data.size();
        if (begun != 0) {
            const ByteView piece = data.first(std::min(data.size(), kDigestBlockBytes - begun));
            std::ranges::copy(piece, block_.begin() + static_cast<ptrdiff_t>(begun));
            if (begun + piece.size() < kDigestBlockBytes) return;
            compress(block_.data(), size_t{1});
            data = data.subspan(piece.size());
        }
        const size_t blocks = data.size() / kDigestBlockBytes;
        if (blocks > 0) compress(data.data(), blocks);
        std::ranges::copy(data.subspan(blocks * kDigestBlockBytes), block_.begin());
    }

    // Whether what has come so far are whole blocks.
    bool IsWhole() const { return size_bytes_ % kDigestBlockBytes == 0; }

    // Counts blocks that the caller has compressed by itself. What came before is whole.
    void Pass(size_t blocks) {
        COFFER_CHECK(IsWhole());
        size_bytes_ += blocks * kDigestBlockBytes;
    }

    struct End {
        std::array<std::byte, 2 * kDigestBlockBytes> bytes{};
        size_t blocks = 0;
    };

    // The last one or two blocks. MD5 has the length little-endian, SHA-256 big-endian.
    End Finish(bool big_endian_length) const {
        End end;
        const size_t begun = size_bytes_ % kDigestBlockBytes;
        std::copy_n(block_.begin(), begun, end.bytes.begin());
        end.bytes[begun] = std::byte{0x80};
        uint64_t bits = size_bytes_ * 8;
        end.blocks = begun + 1 + sizeof bits <= kDigestBlockBytes ? 1 : 2;
        if (big_endian_length) bits = __builtin_bswap64(bits);
        std::memcpy(end.bytes.data() + end.blocks * kDigestBlockBytes - sizeof bits, &bits,
                    sizeof bits);
        return end;
    }

  private:
    std::array<std::byte, kDigestBlockBytes> block_;  // begun and not full
    uint64_t size_bytes_ = 0;
};

}  // namespace coffer::codec
