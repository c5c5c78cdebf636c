#include "coffer/codec/md5_sha256_blocks.h"

#include <bit>
#include <cstring>
#include <utility>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "coffer/base/check.h"

namespace coffer::codec {

#if defined(__x86_64__)

namespace {

#define COFFER_SHA_FUNCTION __attribute__((target("sha,ssse3,sse4.1")))
#define COFFER_SHA_CODE __attribute__((target("sha,ssse3,sse4.1"), always_inline)) inline

// Of round i of MD5: floor(2^32 * |sin(i + 1)|).
constexpr std::array<uint32_t, 64> kMd5Constants = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

// Of round i of SHA-256: the fraction of the cube root of the i-th prime.
alignas(16) constexpr std::array<uint32_t, 64> kSha256Constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

constexpr int kMd5Shifts[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

constexpr size_t Md5WordOf(size_t round) {
    constexpr size_t kSteps[4] = {1, 5, 3, 7};
    constexpr size_t kStarts[4] = {0, 1, 5, 0};
    return (kStarts[round / 16] + kSteps[round / 16] * round) % 16;
}

// Keeps the compiler from adding to `sum` in another order, and from sorting the rounds of one
// digest apart from those of another.
COFFER_SHA_CODE void AddedBefore(uint32_t& sum) {
    asm volatile("" : "+r"(sum));
}

COFFER_SHA_CODE void AddedBefore(__m128i& sum) {
    asm volatile("" : "+x"(sum));
}

struct Md5Words {
    uint32_t a, b, c, d;
};

// An MD5 on its way through its blocks.
struct Md5Lane {
    Md5Words words;
    Md5Words before;  // the current block
    const std::byte* block;
};

COFFER_SHA_CODE Md5Lane LaneOf(const std::array<uint32_t, 4>& state, const std::byte* blocks) {
    return {.words = {state[0], state[1], state[2], state[3]}, .before = {}, .block = blocks};
}

COFFER_SHA_CODE void Store(const Md5Lane& lane, std::array<uint32_t, 4>& state) {
    state = {lane.words.a, lane.words.b, lane.words.c, lane.words.d};
}

// `b` comes last from the round before: whatever does not need it is added first.
template <size_t kRound>
COFFER_SHA_CODE void Md5Round(uint32_t& a, uint32_t b, uint32_t c, uint32_t d,
                              const std::byte* block) {
    uint32_t word;
    std::memcpy(&word, block + 4 * Md5WordOf(kRound), 4);
    a += word + kMd5Constants[kRound];
    AddedBefore(a);
    if constexpr (kRound < 16) {
        a += d ^ (b & (c ^ d));
    } else if constexpr (kRound < 32) {
        a += c & ~d;
        AddedBefore(a);
        a += b & d;  // no bit is in both, so that the sum is F's "or"
    } else if constexpr (kRound < 48) {
        a += b ^ (c ^ d);
    } else {
        a += c ^ (b | ~d);
    }
    a = b + std::rotl(a, kMd5Shifts[kRound / 16][kRound % 4]);
}

// Rounds 4 * kGroup and the next three.
template <size_t kGroup>
COFFER_SHA_CODE void Rounds(Md5Lane& lane) {
    Md5Words& s = lane.words;
    Md5Round<4 * kGroup>(s.a, s.b, s.c, s.d, lane.block);
    Md5Round<4 * kGroup + 1>(s.d, s.a, s.b, s.c, lane.block);
    Md5Round<4 * kGroup + 2>(s.c, s.d, s.a, s.b, lane.block);
    Md5Round<4 * kGroup + 3>(s.b, s.c, s.d, s.a, lane.block);
}

COFFER_SHA_CODE void BeginBlock(Md5Lane& lane) {
    lane.before = lane.words;
}

COFFER_SHA_CODE void EndBlock(Md5Lane& lane) {
    lane.words.a += lane.before.a;
    lane.words.b += lane.before.b;
    lane.words.c += lane.before.c;
    lane.words.d += lane.before.d;
    lane.block += kDigestBlockBytes;
}

// A SHA-256 on its way through its blocks.
struct Sha256Lane {
    __m128i abef, cdgh;
    __m128i abef_before, cdgh_before;  // the current block
    __m128i schedule[4];               // words 4i to 4i + 3 of the message, in [i % 4]
    const std::byte* block;
};

template <size_t kGroup>
COFFER_SHA_CODE void Rounds(Sha256Lane& lane) {
    __m128i& words = lane.schedule[kGroup % 4];
    if constexpr (kGroup < 4) {
        const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
        words = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lane.block) + kGroup);
        words = _mm_shuffle_epi8(words, big_endian);
    } else {
        const __m128i before = lane.schedule[(kGroup + 3) % 4];
        const __m128i w7 = _mm_alignr_epi8(before, lane.schedule[(kGroup + 2) % 4], 4);
        words = _mm_sha256msg1_epu32(words, lane.schedule[(kGroup + 1) % 4]);
        words = _mm_sha256msg2_epu32(_mm_add_epi32(words, w7), before);
    }
    const auto* constants = reinterpret_cast<const __m128i*>(kSha256Constants.data()) + kGroup;
    const __m128i sum = _mm_add_epi32(words, _mm_load_si128(constants));
    lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, sum);
    lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32(sum, 0x0e));
    AddedBefore(lane.abef);
}

COFFER_SHA_CODE void BeginBlock(Sha256Lane& lane) {
    lane.abef_before = lane.abef;
    lane.cdgh_before = lane.cdgh;
}

COFFER_SHA_CODE void EndBlock(Sha256Lane& lane) {
    lane.abef = _mm_add_epi32(lane.abef, lane.abef_before);
    lane.cdgh = _mm_add_epi32(lane.cdgh, lane.cdgh_before);
    lane.block += kDigestBlockBytes;
}

// Four rounds of each in turn: the processor looks ahead a few hundred instructions, and a block of
// any of them is more than that.
template <size_t... kGroups, class... Lanes>
COFFER_SHA_CODE void CompressBlock(std::index_sequence<kGroups...> /*groups*/, Lanes&... lanes) {
    const auto group = [&]<size_t kGroup>()
                           __attribute__((target("sha,ssse3,sse4.1"), always_inline)) {
                               (Rounds<kGroup>(lanes), ...);
                           };
    (group.template operator()<kGroups>(), ...);
}

// Advances each lane by `count` blocks.
template <class... Lanes>
COFFER_SHA_CODE void Compress(size_t count, Lanes&... lanes) {
    for (; count > 0; --count) {
        (BeginBlock(lanes), ...);
        CompressBlock(std::make_index_sequence<16>(), lanes...);
        (EndBlock(lanes), ...);
    }
}

// The instructions want the words as (A, B, E, F) and (C, D, G, H), the first one highest.
COFFER_SHA_CODE Sha256Lane LaneOf(const Sha256State& state, const std::byte* blocks) {
    const auto* const words = reinterpret_cast<const __m128i*>(state.data());
    const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xb1);
    const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1b);
    Sha256Lane lane{};
    lane.abef = _mm_alignr_epi8(cdab, efgh, 8);
    lane.cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
    lane.block = blocks;
    return lane;
}

COFFER_SHA_CODE void Store(const Sha256Lane& lane, Sha256State& state) {
    auto* const words = reinterpret_cast<__m128i*>(state.data());
    const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1b);
    const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xb1);
    _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

}  // namespace

bool HasSha256Instructions() {
    static const bool has = __builtin_cpu_supports("sha") != 0 &&
                            __builtin_cpu_supports("ssse3") != 0 &&
                            __builtin_cpu_supports("sse4.1") != 0;
    return has;
}

COFFER_SHA_FUNCTION void CompressMd5Sha256(Md5Sha256State& state, const std::byte* md5_blocks,
                                           const std::byte* sha256_blocks, size_t count) {
    Md5Lane md5 = LaneOf(state.md5, md5_blocks);
    Sha256Lane sha256 = LaneOf(state.sha256, sha256_blocks);
    Compress(count, sha256, md5);
    Store(md5, state.md5);
    Store(sha256, state.sha256);
}

COFFER_SHA_FUNCTION void CompressMd5Sha256Beside(Md5Sha256State& state, const std::byte* blocks,
                                                 Sha256State& beside,
                                                 const std::byte* beside_blocks, size_t count) {
    Md5Lane md5 = LaneOf(state.md5, blocks);
    Sha256Lane first = LaneOf(state.sha256, blocks);
    Sha256Lane second = LaneOf(beside, beside_blocks);
    Compress(count, first, second, md5);
    Store(md5, state.md5);
    Store(first, state.sha256);
    Store(second, beside);
}

COFFER_SHA_FUNCTION void CompressMd5Sha256Pair(Md5Sha256State& first, const std::byte* first_blocks,
                                               Md5Sha256State& second,
                                               const std::byte* second_blocks, size_t count) {
    Md5Lane first_md5 = LaneOf(first.md5, first_blocks);
    Md5Lane second_md5 = LaneOf(second.md5, second_blocks);
    Sha256Lane first_sha256 = LaneOf(first.sha256, first_blocks);
    Sha256Lane second_sha256 = LaneOf(second.sha256, second_blocks);
    Compress(count, first_sha256, second_sha256, first_md5, second_md5);
    Store(first_md5, first.md5);
    Store(second_md5, second.md5);
    Store(first_sha256, first.sha256);
    Store(second_sha256, second.sha256);
}

COFFER_SHA_FUNCTION void CompressSha256(Sha256State& state, const std::byte* blocks, size_t count) {
    Sha256Lane lane = LaneOf(state, blocks);
    Compress(count, lane);
    Store(lane, state);
}

#undef COFFER_SHA_FUNCTION
#undef COFFER_SHA_CODE

#else

bool HasSha256Instructions() {
    return false;
}

void CompressMd5Sha256(Md5Sha256State&, const std::byte*, const std::byte*, size_t) {
    COFFER_FATAL("this processor has no instructions for SHA-256");
}

void CompressMd5Sha256Beside(Md5Sha256State&, const std::byte*, Sha256State&, const std::byte*,
                             size_t) {
    COFFER_FATAL("this processor has no instructions for SHA-256");
}

void CompressMd5Sha256Pair(Md5Sha256State&, const std::byte*, Md5Sha256State&, const std::byte*,
                           size_t) {
    COFFER_FATAL("this processor has no instructions for SHA-256");
}

void CompressSha256(Sha256State&, const std::byte*, size_t) {
    COFFER_FATAL("this processor has no instructions for SHA-256");
}

#endif

}  // namespace coffer::codec
