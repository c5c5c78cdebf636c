// The compression functions of MD5 and SHA-256, advanced together.
//
// MD5 is one chain of additions, each waiting for the one before; most of the processor idles
// meanwhile. SHA-256 by the processor's own instructions fits into that time, so that both cost
// what MD5 alone does; a second SHA-256 in the same pass costs about half of what one costs by
// itself, and both digests of a second stream nearly nothing. Pure functions; any thread.
//
// Sources: RFC 1321, 3.4 (MD5); FIPS 180-4, 6.2.2 (SHA-256); Intel, "SHA Extensions" (2013).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace coffer::codec {

inline constexpr size_t kDigestBlockBytes = 64;

using Sha256State = std::array<uint32_t, 8>;

// Chaining values before the first block.
inline constexpr Sha256State kSha256Start = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
struct Md5Sha256State {
    std::array<uint32_t, 4> md5 = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    Sha256State sha256 = kSha256Start;
};

// Whether this processor has the instructions (SHA, SSSE3, SSE4.1) that the next functions take.
bool HasSha256Instructions();

// Takes `count` blocks of each. They are the same memory, but at a message's end, where the two
// write its length differently.
void CompressMd5Sha256(Md5Sha256State& state, const std::byte* md5_blocks,
                       const std::byte* sha256_blocks, size_t count);

// Takes `count` blocks of one stream for both, and as many of another for `beside`.
void CompressMd5Sha256Beside(Md5Sha256State& state, const std::byte* blocks, Sha256State& beside,
                             const std::byte* beside_blocks, size_t count);

// Takes `count` blocks of one stream, and as many of another, each for both.
void CompressMd5Sha256Pair(Md5Sha256State& first, const std::byte* first_blocks,
                           Md5Sha256State& second, const std::byte* second_blocks, size_t count);

// SHA-256 alone.
void CompressSha256(Sha256State& state, const std::byte* blocks, size_t count);

}  // namespace coffer::codec
