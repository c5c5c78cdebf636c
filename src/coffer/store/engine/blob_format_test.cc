#include "coffer/store/engine/blob_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "coffer/codec/hex.h"

namespace coffer::store::engine {
namespace {

Footer SomeFooter() {
    return {3, codec::Sha256(AsBytes("abc"))};
}

TEST(BlobFormat, TheFooterIsAsTheDocumentSays) {
    const auto footer = EncodeFooter(SomeFooter());
    EXPECT_EQ(codec::ToHex(footer),
              "436f6672426c6f62"                  // magic
              "01000000"                          // format version
              "00000100"                          // bytes of a chunk
              "0300000000000000"                  // size
              "ba7816bf8f01cfea414140de5dae2223"  // SHA-256 of "abc"
              "b00361a396177a9cb410ff61f20015ad"
              "00000000"  // reserved
              "384d430a");
}

TEST(BlobFormat, TheFooterComesBack) {
    const Footer footer = DecodeFooter(EncodeFooter(SomeFooter()), FileBytes(3)).value();
    EXPECT_EQ(footer.size_bytes, 3u);
    EXPECT_EQ(footer.sha256, SomeFooter().sha256);
}

TEST(BlobFormat, EveryBitOfTheFooterMatters) {
    for (size_t bit = 0; bit < 8 * kFooterBytes; ++bit) {
        auto footer = EncodeFooter(SomeFooter());
        footer[bit / 8] ^= std::byte{1} << (bit % 8);
        const auto decoded = DecodeFooter(footer, FileBytes(3));
        ASSERT_FALSE(decoded) << "bit " << bit;
        EXPECT_EQ(decoded.error().kind(), ErrorKind::kCorrupt);
    }
}

TEST(BlobFormat, AFooterInAFileOfAnotherLengthIsCorrupt) {
    for (const uint64_t file_bytes : {FileBytes(3) - 1, FileBytes(3) + 1, uint64_t{0}}) {
        EXPECT_EQ(DecodeFooter(EncodeFooter(SomeFooter()), file_bytes).error().kind(),
                  ErrorKind::kCorrupt);
    }
    EXPECT_EQ(
        DecodeFooter(ByteView(EncodeFooter(SomeFooter())).first(63), FileBytes(3)).error().kind(),
        ErrorKind::kCorrupt);
}

TEST(BlobFormat, ALaterVersionIsNotCorruptButUnsupported) {
    auto footer = EncodeFooter(SomeFooter());
    footer[8] = std::byte{2};
    const uint32_t crc = codec::Crc32c(0, ByteView(footer).first(60));
    for (size_t i = 0; i < 4; ++i)
        footer[60 + i] = static_cast<std::byte>(crc >> (8 * i));
    EXPECT_EQ(DecodeFooter(footer, FileBytes(3)).error().kind(), ErrorKind::kUnsupported);
}

TEST(BlobFormat, ALengthStandsForOneSizeOrForNone) {
    EXPECT_EQ(FileBytes(0), 64u);
    EXPECT_EQ(FileBytes(1), 69u);
    EXPECT_EQ(FileBytes(65536), 65604u);
    EXPECT_EQ(FileBytes(65537), 65609u);
    std::set<uint64_t> lengths;
    for (uint64_t size = 0; size < 3 * kChunkBytes; ++size) {
        lengths.insert(FileBytes(size));
        ASSERT_EQ(BlobBytes(FileBytes(size)), size);
    }
    for (uint64_t length = 0; length < FileBytes(3 * kChunkBytes); ++length) {
        if (!lengths.contains(length)) {
            ASSERT_EQ(BlobBytes(length), std::nullopt) << length;
        }
    }
    EXPECT_EQ(BlobBytes(FileBytes(kMaxBlobBytes)), kMaxBlobBytes);
    EXPECT_EQ(BlobBytes(FileBytes(kMaxBlobBytes) + 5), std::nullopt);
    EXPECT_EQ(BlobBytes(UINT64_MAX), std::nullopt);
}

TEST(BlobFormat, TheTableIsLittleEndian) {
    Bytes table;
    AppendChunkCrc(table, 0x01020304);
    AppendChunkCrc(table, 0xfffefdfc);
    EXPECT_EQ(codec::ToHex(table), "04030201fcfdfeff");
    EXPECT_EQ(ChunkCrcAt(table, 1), 0xfffefdfcu);
}

TEST(BlobFormat, AKeyIsTheDigestBelowItsDirectory) {
    const std::string key = KeyOf(SomeFooter().sha256);
    EXPECT_EQ(key, "ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(ParseKey(key), SomeFooter().sha256);
}

TEST(BlobFormat, NothingElseIsAKey) {
    const std::string key = KeyOf(SomeFooter().sha256);
    std::string capital = key;
    capital[1] = 'A';
    capital[4] = 'A';
    for (const std::string& wrong :
         {std::string(), key + "0", key.substr(1), "/" + key, "../" + key, "bb" + key.substr(2),
          capital, "ba\\" + key.substr(3), key.substr(0, 66) + "g", key.substr(0, 66) + '\0',
          "ba/../../../../../../etc/passwd" + std::string(67 - 31, '/')}) {
        EXPECT_EQ(ParseKey(wrong), std::nullopt) << wrong;
    }
}

}  // namespace
}  // namespace coffer::store::engine
