#include "coffer/codec/digest.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <random>

namespace coffer::codec {
namespace {

std::string Hex(std::string_view bytes) {
    std::string hex;
    for (const char c : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        hex += kDigits[static_cast<uint8_t>(c) >> 4];
        hex += kDigits[static_cast<uint8_t>(c) & 15];
    }
    return hex;
}

template <size_t kSize>
std::string Hex(const std::array<std::byte, kSize>& bytes) {
    return Hex(AsText(bytes));
}

std::string Finish(std::unique_ptr<Hasher> hasher, std::string_view data) {
    hasher->Update(AsBytes(data));
    return Hex(hasher->Finish());
}

TEST(Crc, GivesThePublishedCheckValues) {
    const ByteView check = AsBytes("123456789");
    EXPECT_EQ(Crc32(0, check), 0xcbf43926u);
    EXPECT_EQ(Crc32c(0, check), 0xe3069283u);
    EXPECT_EQ(Crc64Nvme(0, check), 0xae8b14860a799888u);
}

// RFC 3720, B.4.
TEST(Crc, GivesTheIscsiVectors) {
    std::string ascending(32, '\0');
    for (int i = 0; i < 32; ++i)
        ascending[i] = static_cast<char>(i);
    EXPECT_EQ(Crc32c(0, AsBytes(std::string(32, '\0'))), 0x8a9136aau);
    EXPECT_EQ(Crc32c(0, AsBytes(std::string(32, '\xff'))), 0x62a8ab43u);
    EXPECT_EQ(Crc32c(0, AsBytes(ascending)), 0x46dd794eu);
}

// NVM Express NVM Command Set Specification 1.0, figure "64b CRC Test Cases".
TEST(Crc, GivesTheNvmeVectors) {
    EXPECT_EQ(Crc64Nvme(0, AsBytes(std::string(4096, '\0'))), 0x6482d367eb22b64eu);
    EXPECT_EQ(Crc64Nvme(0, AsBytes(std::string(4096, '\xff'))), 0xc0ddba7302eca3acu);
}

// One bit at a time, as the polynomials define it; independent of tables and folding.
uint64_t SlowCrc(uint64_t reflected_polynomial, uint64_t ones, std::string_view data) {
    uint64_t state = ones;
    for (const char c : data) {
        state ^= static_cast<uint8_t>(c);
        for (int i = 0; i < 8; ++i) {
            state = (state >> 1) ^ ((state & 1) != 0 ? reflected_polynomial : 0);
        }
    }
    return state ^ ones;
}

class DigestProperty : public ::testing::Test {
  protected:
    void SetUp() override { RecordProperty("seed", std::to_string(seed_)); }

    std::string RandomBytes(size_t size) {
        std::string bytes(size, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random_());
        return bytes;
    }

    const std::mt19937_64::result_type seed_ = std::random_device{}();
    std::mt19937_64 random_{seed_};
};

TEST_F(DigestProperty, AgreesWithTheDefinitionAtEverySizeAndAlignment) {
    SCOPED_TRACE(seed_);
    const std::string buffer = RandomBytes(1800);
    for (size_t size = 0; size < 1700; size += size < 700 ? 1 : 7) {
        const std::string_view data = std::string_view(buffer).substr(size % 17, size);
        ASSERT_EQ(Crc32(0, AsBytes(data)), SlowCrc(0xedb88320, 0xffffffff, data)) << size;
        ASSERT_EQ(Crc32c(0, AsBytes(data)), SlowCrc(0x82f63b78, 0xffffffff, data)) << size;
        ASSERT_EQ(Crc64Nvme(0, AsBytes(data)), SlowCrc(0x9a6c9329ac4bc9b5, ~uint64_t{0}, data))
            << size;
    }
}

TEST_F(DigestProperty, GoesOnAndCombinesWhereverTheDataIsCut) {
    SCOPED_TRACE(seed_);
    for (int round = 0; round < 200; ++round) {
        const std::string data = RandomBytes(random_() % 5000);
        const size_t cut = random_() % (data.size() + 1);
        const ByteView all = AsBytes(data);
        const ByteView a = all.first(cut);
        const ByteView b = all.subspan(cut);
        ASSERT_EQ(Crc32(Crc32(0, a), b), Crc32(0, all));
        ASSERT_EQ(Crc32c(Crc32c(0, a), b), Crc32c(0, all));
        ASSERT_EQ(Crc64Nvme(Crc64Nvme(0, a), b), Crc64Nvme(0, all));
        ASSERT_EQ(CombineCrc32(Crc32(0, a), Crc32(0, b), b.size()), Crc32(0, all));
        ASSERT_EQ(CombineCrc32c(Crc32c(0, a), Crc32c(0, b), b.size()), Crc32c(0, all));
        ASSERT_EQ(CombineCrc64Nvme(Crc64Nvme(0, a), Crc64Nvme(0, b), b.size()), Crc64Nvme(0, all));
    }
}

TEST(Crc, CombinesLengthsThatNoMemoryHolds) {
    // 2^61 bytes are 2^64 bits, so a count of bits would wrap to none. Appending them twice is
    // appending 2^62.
    const uint64_t half = uint64_t{1} << 61;
    const uint32_t twice = CombineCrc32(CombineCrc32(1, 0, half), 0, half);
    EXPECT_EQ(twice, CombineCrc32(1, 0, 2 * half));
    EXPECT_NE(CombineCrc64Nvme(1, 0, half), 1u);
}

TEST(Digest, GivesThePublishedVectors) {
    EXPECT_EQ(Hex(Md5(AsBytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");  // RFC 1321, A.5
    EXPECT_EQ(Hex(Md5({})), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(Hex(Sha256(AsBytes("abc"))),  // FIPS 180-2, B.1
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(Hex(Sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hmac, GivesThePublishedVectors) {
    const ByteView data = AsBytes("what do ya want for nothing?");
    EXPECT_EQ(Hex(HmacSha256(AsBytes("Jefe"), data)),  // RFC 4231, 4.3
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(Hex(HmacSha256(AsBytes(std::string(131, '\xaa')),  // RFC 4231, 4.7
                             AsBytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(Hex(HmacSha1(AsBytes("Jefe"), data)),  // RFC 2202, 3
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

// The keys and messages of all lengths, against OpenSSL's own HMAC.
TEST_F(DigestProperty, HmacAgreesWithOpenSslAtEveryLength) {
    SCOPED_TRACE(seed_);
    for (size_t size = 0; size < 300; ++size) {
        const std::string key = RandomBytes(size % 150);
        const std::string data = RandomBytes(size);
        Sha256Digest expected;
        unsigned int length = 0;
        ASSERT_NE(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                       reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                       reinterpret_cast<unsigned char*>(expected.data()), &length),
                  nullptr);
        ASSERT_EQ(HmacSha256(AsBytes(key), AsBytes(data)), expected) << size;
    }
}

TEST(Hmac, TakesAnEmptyKeyAndEmptyData) {
    EXPECT_EQ(Hex(HmacSha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    EXPECT_EQ(Hex(HmacSha1({}, {})), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

TEST(Hasher, GivesBigEndianCrcsAndRawDigests) {
    EXPECT_EQ(Finish(NewHasher(ChecksumAlgorithm::kCrc32), "123456789"), "cbf43926");
    EXPECT_EQ(Finish(NewHasher(ChecksumAlgorithm::kCrc32c), "123456789"), "e3069283");
    EXPECT_EQ(Finish(NewHasher(ChecksumAlgorithm::kCrc64Nvme), "123456789"), "ae8b14860a799888");
    EXPECT_EQ(Finish(NewHasher(ChecksumAlgorithm::kSha1), "abc"),
              "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(Finish(NewHasher(ChecksumAlgorithm::kSha256), "abc"), Hex(Sha256(AsBytes("abc"))));
    EXPECT_EQ(Finish(NewMd5(), "abc"), Hex(Md5(AsBytes("abc"))));
}

TEST(Checksum, EveryAlgorithmHasItsNamesAndSize) {
    for (int i = 0; i < 5; ++i) {
        const auto algorithm = static_cast<ChecksumAlgorithm>(i);
        EXPECT_EQ(ParseChecksumName(ChecksumName(algorithm)), algorithm);
        EXPECT_EQ(ChecksumElement(algorithm), "Checksum" + std::string(ChecksumName(algorithm)));
        EXPECT_EQ(NewHasher(algorithm)->Finish().size(), ChecksumSize(algorithm));
    }
    EXPECT_EQ(ChecksumHeader(ChecksumAlgorithm::kCrc64Nvme), "x-amz-checksum-crc64nvme");
    EXPECT_EQ(ParseChecksumName("crc32c"), ChecksumAlgorithm::kCrc32c);
    EXPECT_EQ(ParseChecksumName("md5"), std::nullopt);
    EXPECT_EQ(ParseChecksumName("CRC32 "), std::nullopt);
    EXPECT_EQ(ParseChecksumName(""), std::nullopt);
}

}  // namespace
}  // namespace coffer::codec
