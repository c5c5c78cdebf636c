#include "coffer/codec/chunk_cipher.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

namespace coffer::codec {
namespace {

AeadKey KeyOf(uint8_t byte) {
    AeadKey key;
    key.fill(std::byte{byte});
    return key;
}

ByteSpan Span(std::string& text) {
    return std::as_writable_bytes(std::span(text));
}

std::string Sealed(std::string plain, uint64_t number, bool last, uint8_t key = 1) {
    plain.resize(plain.size() + kAeadTagBytes);
    ChunkCipher(KeyOf(key)).Seal(number, last, Span(plain));
    return plain;
}

bool Opens(std::string sealed, uint64_t number, bool last, uint8_t key = 1) {
    std::string plain(sealed.size() - std::min(sealed.size(), kAeadTagBytes), '\0');
    return ChunkCipher(KeyOf(key)).Open(number, last, AsBytes(sealed), Span(plain));
}

TEST(ChunkCipher, IsAes256Gcm) {
    std::string chunk(16 + kAeadTagBytes, '\0');
    ChunkCipher(AeadKey{}).Seal(0, false, Span(chunk));
    // Key, nonce and text of zeros: McGrew and Viega, "The Galois/Counter Mode of Operation", test
    // case 14.
    EXPECT_EQ(chunk,
              "\xce\xa7\x40\x3d\x4d\x60\x6b\x6e\x07\x4e\xc5\xd3\xba\xf3\x9d\x18"
              "\xd0\xd1\xc8\xa7\x99\x99\x6b\xf0\x26\x5b\x98\xb5\xd4\x8a\xb9\x19");
}

TEST(ChunkCipher, OpensWhatItSealed) {
    ChunkCipher cipher(KeyOf(7));
    for (const size_t size : {size_t{0}, size_t{1}, size_t{17}, kPlainChunkBytes}) {
        const std::string plain(size, 'x');
        std::string chunk = plain + std::string(kAeadTagBytes, '\0');
        cipher.Seal(3, true, Span(chunk));
        if (size > 16) {
            EXPECT_EQ(chunk.find("xxxxxxxxx"), std::string::npos);
        }
        std::string opened(size, '\0');
        ASSERT_TRUE(cipher.Open(3, true, AsBytes(chunk), Span(opened)));
        EXPECT_EQ(opened, plain);
        ASSERT_TRUE(cipher.Open(3, true, AsBytes(chunk), Span(chunk).first(size))) << "in place";
        EXPECT_EQ(chunk.substr(0, size), plain);
    }
}

TEST(ChunkCipher, SealsTheSamePieceByPiece) {
    const std::string plain(1000, 'x');
    std::string chunk = plain + std::string(kAeadTagBytes, '\0');
    ChunkCipher cipher(KeyOf(1));
    cipher.BeginSeal(3, true);
    const ByteSpan bytes = Span(chunk);
    cipher.Encrypt(bytes.first(16));
    cipher.Encrypt(bytes.subspan(16, 480));
    cipher.Encrypt(bytes.subspan(496, 504));
    cipher.EndSeal(bytes.last(kAeadTagBytes));
    EXPECT_EQ(chunk, Sealed(plain, 3, true));
}

TEST(ChunkCipher, FindsAChunkThatIsNotInItsPlace) {
    const std::string sealed = Sealed("content", 5, false);
    EXPECT_TRUE(Opens(sealed, 5, false));
    EXPECT_FALSE(Opens(sealed, 4, false)) << "moved";
    EXPECT_FALSE(Opens(sealed, 5 + (uint64_t{1} << 32), false)) << "moved far";
    EXPECT_FALSE(Opens(sealed, 5, true)) << "what followed was cut off";
    EXPECT_FALSE(Opens(sealed, 5, false, 2)) << "of another blob";
}

TEST(ChunkCipher, FindsEveryFlippedBit) {
    const std::string sealed = Sealed("some content", 0, true);
    for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        std::string damaged = sealed;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(Opens(damaged, 0, true)) << "bit " << bit;
    }
}

TEST(ChunkCipher, FindsAShorterChunk) {
    const std::string sealed = Sealed("some content", 0, true);
    for (size_t size = 0; size < sealed.size(); ++size)
        EXPECT_FALSE(Opens(sealed.substr(0, size), 0, true)) << size << " bytes";
}

TEST(ChunkCipher, CountsWhatChunksTake) {
    EXPECT_EQ(SealedSize(0), kAeadTagBytes);
    EXPECT_EQ(SealedSize(1), 1 + kAeadTagBytes);
    EXPECT_EQ(SealedSize(kPlainChunkBytes), kSealedChunkBytes);
    EXPECT_EQ(SealedSize(kPlainChunkBytes + 1), kSealedChunkBytes + 1 + kAeadTagBytes);
    for (const uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{65'519}, uint64_t{65'520},
                                uint64_t{65'521}, uint64_t{131'040}, uint64_t{5} << 40}) {
        EXPECT_EQ(UnsealedSize(SealedSize(size)), size);
    }
}

}  // namespace
}  // namespace coffer::codec
