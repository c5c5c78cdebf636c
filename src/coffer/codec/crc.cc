// CRC32, CRC32C and CRC64NVME: one algorithm, three polynomials.
//
// Polynomials are held reflected: the highest bit is the coefficient of x^0. Long data is folded
// 256 or 64 bytes at a time with carry-less multiplication, of four lanes or one an instruction (V.
// Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel
// 2009); the rest, and processors without these, go by CRC32C's own instruction or by tables, eight
// bytes a step.
#include <array>
#include <bit>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "coffer/codec/digest.h"

namespace coffer::codec {
namespace {

static_assert(std::endian::native == std::endian::little, "the tables are for little-endian words");

template <class Word, Word kPolynomial>
class Crc {
  public:
    static Word Update(Word crc, ByteView data) {
        Word state = ~crc;
#if defined(__x86_64__)
        if (data.size() >= kFoldWideFrom && HasWideCarrylessMultiplication()) {
            const size_t folded = data.size() / 256 * 256;
            state = FoldWide(state, data.first(folded));
            data = data.subspan(folded);
        }
        if (data.size() >= kFoldFrom && HasCarrylessMultiplication()) {
            const size_t folded = data.size() / 64 * 64;
            state = Fold(state, data.first(folded));
            data = data.subspan(folded);
        }
#endif
        return ~ByWords(state, data);
    }

    // Appending B multiplies what A left by x^(8 * length of B).
    static Word Combine(Word crc_a, Word crc_b, uint64_t length_b) {
        Word shifted = crc_a;
        for (int k = 0; length_b != 0; ++k, length_b >>= 1) {
            if ((length_b & 1) != 0) shifted = Multiply(shifted, kZeros[k]);
        }
        return shifted ^ crc_b;
    }

    // The state after eight bytes, and after one, by tables.
    static constexpr Word AfterWord(Word state, uint64_t word) {
        const Tables& t = kTables;
        word ^= state;
        return t[7][word & 0xff] ^ t[6][word >> 8 & 0xff] ^ t[5][word >> 16 & 0xff] ^
               t[4][word >> 24 & 0xff] ^ t[3][word >> 32 & 0xff] ^ t[2][word >> 40 & 0xff] ^
               t[1][word >> 48 & 0xff] ^ t[0][word >> 56];
    }
    static constexpr Word AfterByte(Word state, uint8_t byte) {
        return (state >> 8) ^ kTables[0][(state ^ byte) & 0xff];
    }

  private:
    static constexpr int kBits = sizeof(Word) * 8;
    static constexpr Word kOne = Word{1} << (kBits - 1);

    // The one polynomial that has an instruction: beside it folding pays off later.
    static constexpr bool kHasInstruction = kPolynomial == 0x82f63b78;
    static constexpr size_t kFoldFrom = kHasInstruction ? 256 : 128;
    static constexpr size_t kFoldWideFrom = 1024;

    static constexpr Word TimesX(Word a) { return (a >> 1) ^ ((a & 1) != 0 ? kPolynomial : 0); }

    static constexpr Word Multiply(Word a, Word b) {
        Word product = 0;
        for (Word bit = kOne; bit != 0; bit >>= 1) {
            if ((a & bit) != 0) product ^= b;
            b = TimesX(b);
        }
        return product;
    }

    // kZeros[k]: x^(8 * 2^k), which appends 2^k zero bytes.
    static constexpr std::array<Word, 64> MakeZeros() {
        std::array<Word, 64> zeros{};
        zeros[0] = kOne >> 8;
        for (size_t k = 1; k < zeros.size(); ++k)
            zeros[k] = Multiply(zeros[k - 1], zeros[k - 1]);
        return zeros;
    }
    static constexpr std::array<Word, 64> kZeros = MakeZeros();

    using Tables = std::array<std::array<Word, 256>, 8>;

    // tables[k][b]: byte b followed by k zero bytes.
    static constexpr Tables MakeTables() {
        Tables tables{};
        for (size_t b = 0; b < 256; ++b) {
            Word word = static_cast<Word>(b);
            for (int bit = 0; bit < 8; ++bit)
                word = TimesX(word);
            tables[0][b] = word;
        }
        for (size_t k = 1; k < 8; ++k) {
            for (size_t b = 0; b < 256; ++b) {
                const Word before = tables[k - 1][b];
                tables[k][b] = (before >> 8) ^ tables[0][before & 0xff];
            }
        }
        return tables;
    }
    static constexpr Tables kTables = MakeTables();

    // Eight bytes a step, by the instruction or by tables.
    static Word ByWords(Word state, ByteView data) {
#if defined(__x86_64__)
        if constexpr (kHasInstruction) {
            if (HasSse42()) return ByInstruction(state, data);
        }
#endif
        return ByTables(state, data);
    }

    static Word ByTables(Word state, ByteView data) {
        for (; data.size() >= 8; data = data.subspan(8)) {
            uint64_t word;
            std::memcpy(&word, data.data(), 8);
            state = AfterWord(state, word);
        }
        for (const std::byte byte : data)
            state = AfterByte(state, static_cast<uint8_t>(byte));
        return state;
    }

#if defined(__x86_64__)
    static bool HasSse42() {
        static const bool has = __builtin_cpu_supports("sse4.2") != 0;
        return has;
    }

    __attribute__((target("sse4.2"))) static uint32_t ByInstruction(uint32_t state, ByteView data) {
        uint64_t wide = state;
        for (; data.size() >= 8; data = data.subspan(8)) {
            uint64_t word;
            std::memcpy(&word, data.data(), 8);
            wide = _mm_crc32_u64(wide, word);
        }
        state = static_cast<uint32_t>(wide);
        for (const std::byte byte : data)
            state = _mm_crc32_u8(state, static_cast<uint8_t>(byte));
        return state;
    }

    static bool HasCarrylessMultiplication() {
        static const bool has = __builtin_cpu_supports("pclmul") != 0;
        return has;
    }

    static bool HasWideCarrylessMultiplication() {
        static const bool has = __builtin_cpu_supports("avx512f") != 0 &&
                                __builtin_cpu_supports("vpclmulqdq") != 0 &&
                                HasCarrylessMultiplication();
        return has;
    }

    // x^n, a factor for a half of a lane. The product of two reflected halves comes out one bit
    // low, hence n - 1.
    static constexpr uint64_t Factor(uint64_t n) {
        Word power = kOne;
        for (uint64_t i = 1; i < n; ++i)
            power = TimesX(power);
        return uint64_t{power} << (64 - kBits);
    }

    // `lane` moved ahead by the distance that `factors` stand for, plus `next`. The low half comes
    // first in the data.
    __attribute__((target("pclmul"), always_inline)) static __m128i Step(__m128i lane,
                                                                         __m128i factors,
                                                                         __m128i next) {
        return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(lane, factors, 0x00),
                                           _mm_clmulepi64_si128(lane, factors, 0x11)),
                             next);
    }

    // The state after `data`, a multiple of 64 bytes and not empty.
    __attribute__((target("pclmul"))) static Word Fold(Word state, ByteView data) {
        const auto load = [&](size_t i) {
            return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data.data()) + i);
        };
        constexpr std::array<uint64_t, 2> kBy512 = {Factor(512 + 64), Factor(512)};
        const __m128i by_512 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kBy512.data()));
        __m128i a = _mm_xor_si128(load(0), _mm_set_epi64x(0, static_cast<long long>(state)));
        __m128i b = load(1);
        __m128i c = load(2);
        __m128i d = load(3);
        for (data = data.subspan(64); !data.empty(); data = data.subspan(64)) {
            a = Step(a, by_512, load(0));
            b = Step(b, by_512, load(1));
            c = Step(c, by_512, load(2));
            d = Step(d, by_512, load(3));
        }
        return Join(a, b, c, d);
    }

    // The state that four lanes, one behind the other, stand for.
    __attribute__((target("pclmul"))) static Word Join(__m128i a, __m128i b, __m128i c, __m128i d) {
        constexpr std::array<uint64_t, 2> kBy128 = {Factor(128 + 64), Factor(128)};
        const __m128i by_128 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kBy128.data()));
        const __m128i all = Step(Step(Step(a, by_128, b), by_128, c), by_128, d);
        std::array<std::byte, 16> rest;
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rest.data()), all);
        return ByWords(0, rest);
    }

    // Step, of four lanes at once.
    __attribute__((target("avx512f,vpclmulqdq"), always_inline)) static __m512i StepWide(
        __m512i lanes, __m512i factors, __m512i next) {
        constexpr int kXorOfThree = 0x96;
        return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(lanes, factors, 0x00),
                                         _mm512_clmulepi64_epi128(lanes, factors, 0x11), next,
                                         kXorOfThree);
    }

    // As Fold; `data` is a multiple of 256 bytes.
    __attribute__((target("avx512f,vpclmulqdq,pclmul"))) static Word FoldWide(Word state,
                                                                              ByteView data) {
        const auto load = [&](size_t i) __attribute__((target("avx512f"), always_inline)) {
            return _mm512_loadu_si512(data.data() + 64 * i);
        };
        constexpr std::array<uint64_t, 2> kBy2048 = {Factor(2048 + 64), Factor(2048)};
        constexpr std::array<uint64_t, 2> kBy512 = {Factor(512 + 64), Factor(512)};
        const __m512i by_2048 = _mm512_broadcast_i32x4(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(kBy2048.data())));
        const __m512i by_512 = _mm512_broadcast_i32x4(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(kBy512.data())));
        __m512i a = load(0);
        a = _mm512_xor_si512(
            a, _mm512_zextsi128_si512(_mm_set_epi64x(0, static_cast<long long>(state))));
        __m512i b = load(1);
        __m512i c = load(2);
        __m512i d = load(3);
        for (data = data.subspan(256); !data.empty(); data = data.subspan(256)) {
            a = StepWide(a, by_2048, load(0));
            b = StepWide(b, by_2048, load(1));
            c = StepWide(c, by_2048, load(2));
            d = StepWide(d, by_2048, load(3));
        }
        const __m512i all = StepWide(StepWide(StepWide(a, by_512, b), by_512, c), by_512, d);
        return Join(_mm512_extracti32x4_epi32(all, 0), _mm512_extracti32x4_epi32(all, 1),
                    _mm512_extracti32x4_epi32(all, 2), _mm512_extracti32x4_epi32(all, 3));
    }
#endif
};

using Crc32Code = Crc<uint32_t, 0xedb88320>;
using Crc32cCode = Crc<uint32_t, 0x82f63b78>;
using Crc64NvmeCode = Crc<uint64_t, 0x9a6c9329ac4bc9b5>;

// The check value, of "12345678" and '9': where the processor has the instruction, no test runs
// CRC32C's tables.
static_assert(~Crc32cCode::AfterByte(Crc32cCode::AfterWord(~0U, 0x3837363534333231), '9') ==
              0xe3069283);

}  // namespace

uint32_t Crc32(uint32_t crc, ByteView data) {
    return Crc32Code::Update(crc, data);
}
uint32_t Crc32c(uint32_t crc, ByteView data) {
    return Crc32cCode::Update(crc, data);
}
uint64_t Crc64Nvme(uint64_t crc, ByteView data) {
    return Crc64NvmeCode::Update(crc, data);
}

uint32_t CombineCrc32(uint32_t crc_a, uint32_t crc_b, uint64_t length_b) {
    return Crc32Code::Combine(crc_a, crc_b, length_b);
}
uint32_t CombineCrc32c(uint32_t crc_a, uint32_t crc_b, uint64_t length_b) {
    return Crc32cCode::Combine(crc_a, crc_b, length_b);
}
uint64_t CombineCrc64Nvme(uint64_t crc_a, uint64_t crc_b, uint64_t length_b) {
    return Crc64NvmeCode::Combine(crc_a, crc_b, length_b);
}

}  // namespace coffer::codec
