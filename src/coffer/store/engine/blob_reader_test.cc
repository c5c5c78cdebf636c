#include "coffer/store/engine/blob_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <string>
#include <vector>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/store/engine/blob_hasher.h"

#include "tests/support/random_bytes.h"

namespace coffer::store::engine {
namespace {

class BlobReaderTest : public ::testing::Test {
  protected:
    static std::string RandomText(size_t size) { return testing::RandomText(size, size); }

    // The whole file of a blob.
    static std::string FileOf(const std::string& text) {
        BlobHasher hasher({});
        hasher.Update(AsBytes(text));
        const Digests digests = hasher.Finish();
        const auto footer = EncodeFooter({digests.size_bytes, digests.sha256});
        return text + std::string(AsText(hasher.TakeTable())) + std::string(AsText(footer));
    }

    void WriteFile(std::string_view content) {
        (void)fs_.Remove("/blob");
        ASSERT_TRUE(fs_.Open("/blob", os::OpenMode::kCreate).value()->WriteAt(0, AsBytes(content)));
    }

    Result<std::string> Read(const std::string& blob, ByteRange range) {
        TRY(auto file, fs_.Open("/blob", os::OpenMode::kRead));
        ByteView piece;
        TRY(BlobReader reader, BlobReader::Open(std::move(file), codec::Sha256(AsBytes(blob)),
                                                range, buffer_, piece, access_));
        std::string text;
        while (!piece.empty()) {
            text += AsText(piece);
            TRY(piece, reader.Next(buffer_, access_));
        }
        EXPECT_EQ(reader.remaining_bytes(), 0u);
        return text;
    }

    std::string ReadDespiteBusy(const codec::Sha256Digest& sha256, ByteRange range) {
        ByteView piece;
        const auto open = [&](Access access) {
            return BlobReader::Open(fs_.Open("/blob", os::OpenMode::kRead).value(), sha256, range,
                                    buffer_, piece, access);
        };
        auto opened = open(Access::kCached);
        if (!opened) opened = open(Access::kBlocking);
        BlobReader reader = std::move(opened.value());
        std::string text;
        while (!piece.empty()) {
            text += AsText(piece);
            auto next = reader.Next(buffer_, Access::kCached);
            if (!next && next.error().kind() == ErrorKind::kBusy) {
                next = reader.Next(buffer_, Access::kBlocking);
            }
            piece = next.value();
        }
        return text;
    }

    os::MemoryFileSystem memory_;
    os::FaultFileSystem fs_{memory_};
    Access access_ = Access::kBlocking;
    Bytes buffer_ = Bytes(256_KiB);
};

TEST_F(BlobReaderTest, GivesEveryRange) {
    for (const size_t size : {size_t{0}, size_t{1}, 64_KiB - 1, 64_KiB, 64_KiB + 1, 128_KiB,
                              128_KiB + 1, 256_KiB, 700_KiB}) {
        const std::string blob = RandomText(size);
        WriteFile(FileOf(blob));
        std::vector<size_t> marks = {0, size / 3, size};
        for (const size_t mark : {size_t{1}, 64_KiB - 1, 64_KiB, 64_KiB + 1, 128_KiB, 512_KiB}) {
            if (mark <= size) marks.push_back(mark);
        }
        for (const size_t begin : marks) {
            for (const size_t end : marks) {
                if (begin > end) continue;
                EXPECT_EQ(Read(blob, {begin, end - begin}).value(), blob.substr(begin, end - begin))
                    << size << ": " << begin << "-" << end;
            }
        }
    }
}

TEST_F(BlobReaderTest, RefusesARangeThatIsNotInside) {
    for (const size_t size : {size_t{10}, 700_KiB}) {
        const std::string blob = RandomText(size);
        WriteFile(FileOf(blob));
        for (const ByteRange range : {ByteRange{0, size + 1}, ByteRange{size + 1, 0},
                                      ByteRange{UINT64_MAX, 1}, ByteRange{1, UINT64_MAX}}) {
            EXPECT_EQ(Read(blob, range).error().kind(), ErrorKind::kInvalid);
        }
    }
}

TEST_F(BlobReaderTest, CrossesTheWindowsOfALargeTable) {
    const std::string blob = RandomText(66_MiB);
    WriteFile(FileOf(blob));
    EXPECT_TRUE(Read(blob, {0, blob.size()}).value() == blob);
    EXPECT_TRUE(Read(blob, {64_MiB - 10, 20}).value() == blob.substr(64_MiB - 10, 20));
}

// Over sizes around one and several chunks: a file cut short or made longer by any number of bytes.
TEST_F(BlobReaderTest, AFileOfAnotherLengthIsCorrupt) {
    for (const size_t size : {size_t{0}, size_t{1000}, 64_KiB, 300_KiB}) {
        const std::string blob = RandomText(size);
        const std::string file = FileOf(blob);
        for (size_t length = 0; length < file.size(); length += 511) {
            WriteFile(file.substr(0, length));
            ASSERT_EQ(Read(blob, {0, size}).error().kind(), ErrorKind::kCorrupt) << length;
        }
        for (const size_t more : {1, 4, 64, 512, 65536}) {
            WriteFile(file + std::string(more, '\0'));
            ASSERT_EQ(Read(blob, {0, size}).error().kind(), ErrorKind::kCorrupt) << more;
            WriteFile(file + file.substr(file.size() - std::min(file.size(), size_t(more))));
            ASSERT_EQ(Read(blob, {0, size}).error().kind(), ErrorKind::kCorrupt) << more;
        }
    }
}

TEST_F(BlobReaderTest, EveryBitOfTheFileMatters) {
    for (const size_t size : {size_t{100}, 300_KiB}) {
        const std::string blob = RandomText(size);
        const std::string file = FileOf(blob);
        std::mt19937_64 random(size);
        for (size_t i = 0; i < 600; ++i) {
            // Half of them in the table and the footer.
            const size_t tail = file.size() - size;
            const size_t at = i % 2 == 0 ? random() % size : size + random() % tail;
            std::string damaged = file;
            damaged[at] = static_cast<char>(damaged[at] ^ 1 << random() % 8);
            WriteFile(damaged);
            ASSERT_EQ(Read(blob, {0, size}).error().kind(), ErrorKind::kCorrupt) << at;
        }
    }
}

TEST_F(BlobReaderTest, DamageElsewhereDoesNotHinderARange) {
    const std::string blob = RandomText(300_KiB);
    std::string file = FileOf(blob);
    file[200_KiB] = static_cast<char>(~file[200_KiB]);
    WriteFile(file);
    EXPECT_EQ(Read(blob, {100, 1000}).value(), blob.substr(100, 1000));
    EXPECT_EQ(Read(blob, {256_KiB, 1000}).value(), blob.substr(256_KiB, 1000));
    EXPECT_EQ(Read(blob, {192_KiB, 1}).error().kind(), ErrorKind::kCorrupt);
}

TEST_F(BlobReaderTest, GivesNoByteOfADamagedChunk) {
    const std::string blob = RandomText(700_KiB);
    std::string file = FileOf(blob);
    file[600_KiB] = static_cast<char>(~file[600_KiB]);
    WriteFile(file);
    ByteView piece;
    BlobReader reader =
        BlobReader::Open(fs_.Open("/blob", os::OpenMode::kRead).value(),
                         codec::Sha256(AsBytes(blob)), {0, blob.size()}, buffer_, piece, access_)
            .value();
    std::string text(AsText(piece));
    for (;;) {
        const auto next = reader.Next(buffer_, access_);
        if (!next) {
            EXPECT_EQ(next.error().kind(), ErrorKind::kCorrupt);
            break;
        }
        text += AsText(next.value());
        ASSERT_LE(text.size(), 576_KiB);
    }
    EXPECT_EQ(text, blob.substr(0, text.size()));
}

TEST_F(BlobReaderTest, AnotherBlobsFileIsCorrupt) {
    WriteFile(FileOf("one"));
    EXPECT_EQ(Read("two", {0, 3}).error().kind(), ErrorKind::kCorrupt);
}

TEST_F(BlobReaderTest, ASmallBlobCostsOneRead) {
    const std::string blob = RandomText(128_KiB);
    WriteFile(FileOf(blob));
    fs_.Clear();
    ASSERT_TRUE(Read(blob, {0, blob.size()}));
    EXPECT_EQ(fs_.calls(os::Operation::kReadAt), 1u);
}

TEST_F(BlobReaderTest, ARangeCostsItsChunksOnly) {
    const std::string blob = RandomText(1_MiB);
    WriteFile(FileOf(blob));
    fs_.Clear();
    ASSERT_TRUE(Read(blob, {500_KiB, 10}));
    EXPECT_EQ(fs_.calls(os::Operation::kReadAt), 3u);  // footer, table, chunk
}

// Whichever of its reads would have to wait, the same call succeeds once it may.
TEST_F(BlobReaderTest, WhatIsNotCachedIsBusyAndCanBeReadAfterAll) {
    const std::string blob = RandomText(66_MiB);
    WriteFile(FileOf(blob));
    access_ = Access::kCached;
    const ByteRange range{64_MiB - 300_KiB, 600_KiB};  // over the end of a window of the table
    fs_.Clear();
    ASSERT_TRUE(Read(blob, range).value() == blob.substr(range.offset, range.length));
    const codec::Sha256Digest sha256 = codec::Sha256(AsBytes(blob));
    const uint64_t reads = fs_.calls(os::Operation::kReadCachedAt);
    ASSERT_GE(reads, 5u);
    EXPECT_EQ(fs_.calls(os::Operation::kReadAt), 0u);
    for (uint64_t call = 1; call <= reads; ++call) {
        fs_.Inject({os::Operation::kReadCachedAt, call, EMFILE, false});
        EXPECT_TRUE(ReadDespiteBusy(sha256, range) == blob.substr(range.offset, range.length));
    }
}

// Linux 5.9 and 5.10 do that, at any of the reads.
TEST_F(BlobReaderTest, TooFewBytesFromTheCacheAreBusyAndNotDamage) {
    for (const size_t size : {100_KiB, 700_KiB}) {
        const std::string blob = RandomText(size);
        WriteFile(FileOf(blob));
        const codec::Sha256Digest sha256 = codec::Sha256(AsBytes(blob));
        access_ = Access::kCached;
        fs_.Clear();
        ASSERT_TRUE(Read(blob, {0, size}).value() == blob);
        const uint64_t reads = fs_.calls(os::Operation::kReadCachedAt);
        for (uint64_t call = 1; call <= reads; ++call) {
            for (const size_t bytes : {0, 1, 10}) {
                const os::Fault fault{.operation = os::Operation::kReadCachedAt,
                                      .call = call,
                                      .short_read_bytes = bytes};
                fs_.Inject(fault);
                EXPECT_EQ(Read(blob, {0, size}).error().kind(), ErrorKind::kBusy) << call;
                fs_.Inject(fault);
                EXPECT_TRUE(ReadDespiteBusy(sha256, {0, size}) == blob) << call;
                EXPECT_TRUE(fs_.struck());
            }
        }
    }
}

TEST_F(BlobReaderTest, AFailingDiskIsAnError) {
    const std::string blob = RandomText(1_MiB);
    WriteFile(FileOf(blob));
    for (uint64_t call = 1; call <= 3; ++call) {
        fs_.Inject({.operation = os::Operation::kReadAt, .call = call, .errno_value = EIO});
        EXPECT_EQ(Read(blob, {0, blob.size()}).error().kind(), ErrorKind::kIo);
    }
}

}  // namespace
}  // namespace coffer::store::engine
