#include "coffer/store/engine/blob_hasher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "coffer/store/engine/blob_format.h"

#include "tests/support/random_bytes.h"

namespace coffer::store::engine {
namespace {

class BlobHasherSizes : public ::testing::TestWithParam<size_t> {};

TEST_P(BlobHasherSizes, ComputesTheSameInPiecesOfAnySize) {
    const std::string text = testing::RandomText(GetParam(), GetParam());
    const ByteView bytes = AsBytes(text);
    for (const size_t step : {size_t{1000}, size_t{65536}, size_t{65537}, size_t{1} << 30}) {
        BlobHasher hasher({.checksum = codec::ChecksumAlgorithm::kCrc32c});
        for (size_t at = 0; at < bytes.size(); at += step) {
            hasher.Update(bytes.subspan(at, std::min(step, bytes.size() - at)));
        }
        const Digests digests = hasher.Finish();
        const Bytes table = hasher.TakeTable();
        EXPECT_EQ(digests.size_bytes, bytes.size());
        EXPECT_EQ(digests.sha256, codec::Sha256(bytes));
        EXPECT_EQ(digests.md5, codec::Md5(bytes));
        const uint32_t crc = codec::Crc32c(0, bytes);
        EXPECT_EQ(digests.checksum,
                  std::string({static_cast<char>(crc >> 24), static_cast<char>(crc >> 16),
                               static_cast<char>(crc >> 8), static_cast<char>(crc)}));
        ASSERT_EQ(table.size(), kChunkCrcBytes * ChunkCount(bytes.size()));
        for (size_t i = 0; i < ChunkCount(bytes.size()); ++i) {
            const ByteView rest = bytes.subspan(i * kChunkBytes);
            EXPECT_EQ(ChunkCrcAt(table, i),
                      codec::Crc32c(0, rest.first(std::min(rest.size(), kChunkBytes))));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, BlobHasherSizes,
                         ::testing::Values(0, 1, 65535, 65536, 65537, 131072, 300000));

TEST(BlobHasher, ComputesNoChecksumThatNobodyAskedFor) {
    BlobHasher hasher({});
    hasher.Update(AsBytes("abc"));
    EXPECT_EQ(hasher.Finish().checksum, "");
}

TEST(BlobHasher, TakesTheDigestOfASourceThatKnowsIt) {
    const std::string content(200'000, 'x');
    codec::Sha256Digest known{};
    BlobHasher hasher({.sha256_of_source = [&known] { return known; }});
    hasher.Update(AsBytes(content));
    known.fill(std::byte{7});  // a source knows it when it has ended
    const Digests digests = hasher.Finish();
    EXPECT_EQ(digests.size_bytes, content.size());
    EXPECT_EQ(digests.sha256, known);
    EXPECT_EQ(digests.md5, codec::Md5Digest{});
    EXPECT_EQ(hasher.TakeTable().size(), 4u * 4u);
}

TEST(BlobHasher, GivesSha256AsTheChecksumToo) {
    BlobHasher hasher({.checksum = codec::ChecksumAlgorithm::kSha256});
    hasher.Update(AsBytes("abc"));
    const Digests digests = hasher.Finish();
    EXPECT_EQ(digests.checksum, AsText(digests.sha256));
}

}  // namespace
}  // namespace coffer::store::engine
