#include "coffer/store/engine/pack_format.h"

#include <gtest/gtest.h>

#include <limits>

#include "coffer/codec/hex.h"

namespace coffer::store::engine {
namespace {

constexpr uint64_t kId = 0x0123456789abcdef;

RecordHeader SomeRecord() {
    return {kId, 64, 3, codec::Sha256(AsBytes("abc"))};
}

TEST(PackFormat, HeadersAreAsTheDocumentSays) {
    EXPECT_EQ(codec::ToHex(EncodeSegmentHeader({1, kId})),
              "436f66725061636b"  // magic
              "01000000"          // format version
              "00000100"          // bytes of a chunk
              "efcdab8967452301"  // id
              "01000000"          // number
              "0000000000000000000000000000000000000000000000000000000000000000"
              "15218473");
    EXPECT_EQ(codec::ToHex(EncodeRecordHeader(SomeRecord())),
              "43526563"                          // magic
              "6c697665"                          // live
              "efcdab8967452301"                  // the segment's id
              "40000000"                          // offset
              "03000000"                          // size
              "ba7816bf8f01cfea414140de5dae2223"  // SHA-256 of "abc"
              "b00361a396177a9cb410ff61f20015ad"
              "0100"  // format version
              "0000"  // reserved
              "b21be86a");
}

TEST(PackFormat, HeadersComeBack) {
    const SegmentHeader segment = DecodeSegmentHeader(EncodeSegmentHeader({42, kId})).value();
    EXPECT_EQ(segment.number, 42u);
    EXPECT_EQ(segment.id, kId);
    const RecordHeader record = DecodeRecordHeader(EncodeRecordHeader(SomeRecord())).value();
    EXPECT_EQ(record.segment_id, kId);
    EXPECT_EQ(record.offset, 64u);
    EXPECT_EQ(record.size_bytes, 3u);
    EXPECT_EQ(record.sha256, SomeRecord().sha256);
    EXPECT_EQ(record.state, RecordState::kLive);
}

TEST(PackFormat, TheStateAloneChangesInARecordThatIsRemoved) {
    auto header = EncodeRecordHeader(SomeRecord());
    std::ranges::copy(AsBytes(kRemovedState), header.begin() + kStateOffset);
    EXPECT_EQ(DecodeRecordHeader(header).value().state, RecordState::kRemoved);
    RecordHeader removed = SomeRecord();
    removed.state = RecordState::kRemoved;
    EXPECT_EQ(header, EncodeRecordHeader(removed));
}

TEST(PackFormat, EveryBitOfAHeaderMatters) {
    for (size_t bit = 0; bit < 8 * kRecordHeaderBytes; ++bit) {
        auto record = EncodeRecordHeader(SomeRecord());
        record[bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_EQ(DecodeRecordHeader(record).error().kind(), ErrorKind::kCorrupt) << bit;
        auto segment = EncodeSegmentHeader({1, kId});
        segment[bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_EQ(DecodeSegmentHeader(segment).error().kind(), ErrorKind::kCorrupt) << bit;
    }
}

TEST(PackFormat, WhatWasNeverWrittenIsNoRecord) {
    const Bytes zeros(kRecordHeaderBytes);
    EXPECT_EQ(DecodeRecordHeader(zeros).error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(DecodeSegmentHeader(zeros).error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(DecodeRecordHeader(ByteView(zeros).first(63)).error().kind(), ErrorKind::kCorrupt);
}

TEST(PackFormat, RecordsTakeWhatTheDocumentSays) {
    EXPECT_EQ(RecordBytes(0), 64u);
    EXPECT_EQ(RecordBytes(3), 128u);
    EXPECT_EQ(RecordBytes(60), 128u);
    EXPECT_EQ(RecordBytes(61), 192u);
    EXPECT_EQ(ContentOffset(3), 68u);
    EXPECT_EQ(ContentOffset(64_KiB), 68u);
    EXPECT_EQ(ContentOffset(64_KiB + 1), 72u);
    EXPECT_LE(RecordBytes(kMaxPackedBytes), 256_KiB);  // a buffer of the pool
}

TEST(PackFormat, AKeyHasOneSpelling) {
    const PackKey key{0x2a, 0x1040, 0x400, 0xba7816bf};
    EXPECT_EQ(ToString(key), "p0000002a/00001040/400/ba7816bf");
    EXPECT_EQ(ParsePackKey(ToString(key)), key);
    for (const std::string_view wrong :
         {"", "p", "0000002a/00001040/400/ba7816bf", "p0000002A/00001040/400/ba7816bf",
          "p0000002a/00001040/0400/ba7816bf", "p0000002a/00001041/400/ba7816bf",
          "p0000002a/00000000/400/ba7816bf", "p0000002a/00001040/400/ba7816b",
          "p0000002a/00001040/400/ba7816bf0", "p0000002a/00001040/40000/ba7816bf",
          "p0000002a/00001040//ba7816bf", "p0000002a/00001040/-40/ba7816bf",
          "p0000002a/00001040/400-ba7816bf", "p+000002a/00001040/400/ba7816bf"}) {
        EXPECT_EQ(ParsePackKey(wrong), std::nullopt) << wrong;
    }
    EXPECT_EQ(ParsePackKey(ToString({1, 64, 0, 0})), (PackKey{1, 64, 0, 0}));
}

TEST(PackFormat, KeysSortAsTheirRecordsLie) {
    EXPECT_LT(ToString({1, 64, 9, 9}), ToString({1, 128, 1, 1}));
    EXPECT_LT(ToString({9, 1_MiB, 9, 9}), ToString({10, 64, 1, 1}));
}

TEST(PackFormat, ASegmentsNameHasOneSpelling) {
    EXPECT_EQ(SegmentName(0x2a), "0000002a.pack");
    constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
    EXPECT_EQ(ParseSegmentName(SegmentName(kMost)), kMost);
    for (const std::string_view wrong :
         {"", "2a.pack", "0000002A.pack", "0000002a.pack2", "0000002a", ".tmp-0000002a"})
        EXPECT_EQ(ParseSegmentName(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace coffer::store::engine
