// MD5, SHA-256 and, where one was asked for, a checksum of S3's: all of one stream in one pass. And
// SHA-256 of a second stream beside it: of what the first one is encrypted to.
//
// On processors with instructions for SHA-256 it costs about what MD5 alone does
// (md5_sha256_blocks.h); on others OpenSSL computes one after the other. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "coffer/base/bytes.h"
#include "coffer/codec/block_buffer.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/md5_sha256_blocks.h"

namespace coffer::codec {

class MultiHasher {
  public:
    // How MD5 and SHA-256 are computed. kTogether only where HasSha256Instructions().
    enum class Method : uint8_t { kTogether, kOpenSsl };
    static Method BestMethod();

    explicit MultiHasher(std::optional<ChecksumAlgorithm> checksum, Method method = BestMethod());

    // Pieces of any size, of the stream and of the one beside it. They cost least where they are
    // of one size, and that of a whole number of blocks.
    void Update(ByteView data, ByteView beside = {});

    // As Update of each. Where both are kTogether, it costs little more than one of them as long as
    // the pieces are of one size, a whole number of blocks, and so was all that came before.
    static void UpdatePair(MultiHasher& first, ByteView of_first, MultiHasher& second,
                           ByteView of_second);

    bool is_together() const { return md5_ == nullptr; }

    struct Digests {
        Md5Digest md5;
        Sha256Digest sha256;
        std::string checksum;  // raw, as Hasher::Finish gives it; empty where none was asked for
    };

    // Call it once, after the last piece.
    Digests Finish();

    // Of the stream beside: the same, before or after Finish.
    Sha256Digest FinishBeside();

  private:
    void UpdateBeside(ByteView beside);
    void UpdateTogether(ByteView data, ByteView beside);
    void UpdateAfterPair(ByteView data, size_t blocks);
    void FinishTogether(Digests& digests);

    Md5Sha256State state_;
    BlockBuffer buffer_;
    Sha256State beside_state_ = kSha256Start;
    BlockBuffer beside_buffer_;
    std::unique_ptr<Hasher> md5_;  // these three: null for kTogether
    std::unique_ptr<Hasher> sha256_;
    std::unique_ptr<Hasher> beside_;    // null until its first piece, too
    std::unique_ptr<Hasher> checksum_;  // null: none asked for, or it is SHA-256
    const bool checksum_is_sha256_;
};

}  // namespace coffer::codec
