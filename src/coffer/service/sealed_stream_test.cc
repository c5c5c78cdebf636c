#include "coffer/service/sealed_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "tests/support/memory_store.h"
#include "tests/support/random_bytes.h"
#include "tests/support/run_task.h"

namespace coffer::service {
namespace {

using codec::kPlainChunkBytes;
using codec::kSealedChunkBytes;
using testing::RandomText;
using testing::RunTask;

constexpr size_t kSizes[] = {0,
                             1,
                             100,
                             kPlainChunkBytes - 1,
                             kPlainChunkBytes,
                             kPlainChunkBytes + 1,
                             4 * kPlainChunkBytes,
                             4 * kPlainChunkBytes + 1,
                             600'000};

codec::AeadKey Key() {
    codec::AeadKey key;
    key.fill(std::byte{7});
    return key;
}

// As docs/formats/encryption.md has it, by nothing that the source uses but the cipher.
std::string SealedOf(const std::string& plain) {
    codec::ChunkCipher cipher(Key());
    std::string sealed;
    const uint64_t chunks = codec::ChunkCount(plain.size());
    for (uint64_t number = 0; number < chunks; ++number) {
        std::string chunk = plain.substr(number * kPlainChunkBytes, kPlainChunkBytes);
        chunk.resize(chunk.size() + codec::kAeadTagBytes);
        cipher.Seal(number, number + 1 == chunks, std::as_writable_bytes(std::span(chunk)));
        sealed += chunk;
    }
    return sealed;
}

// Gives little at a time, as a connection does.
class DrippingSource final : public ByteSource {
  public:
    explicit DrippingSource(std::string data) : all_(std::move(data)) {}
    Task<Result<size_t>> Read(ByteSpan out) override {
        co_return co_await all_.Read(out.first(std::min<size_t>(out.size(), 9'999)));
    }

  private:
    runtime::StringSource all_;
};

class SealedStreamTest : public ::testing::Test {
  protected:
    // What `source` gives to somebody with room for `room` bytes at a time.
    static Result<std::string> ReadAll(ByteSource& source, size_t room) {
        std::string all;
        std::string piece(room, '\0');
        for (;;) {
            TRY(const size_t n, RunTask(source.Read(std::as_writable_bytes(std::span(piece)))));
            if (n == 0) return all;
            all += piece.substr(0, n);
        }
    }

    runtime::BlockingPool pool_{"test", 1, 16};
    runtime::BufferPool buffers_{16_MiB};
};

TEST_F(SealedStreamTest, GivesTheSameBytesHoweverMuchRoomThereIs) {
    for (const size_t size : kSizes) {
        const std::string plain = RandomText(size, size);
        const std::string expected = SealedOf(plain);
        for (const size_t room : {size_t{1000}, kSealedChunkBytes - 1, kSealedChunkBytes,
                                  kSealedChunkBytes + 1, 3 * kSealedChunkBytes, size_t{1} << 20}) {
            for (const bool promised : {false, true}) {
                SCOPED_TRACE(std::to_string(size) + " " + std::to_string(room));
                DrippingSource source(plain);
                store::StageHints hints;
                if (promised) hints.size_bytes = size;
                SealingSource sealing(source, Key(), hints, pool_, buffers_);
                ASSERT_TRUE(ReadAll(sealing, room).value() == expected);
                EXPECT_EQ(sealing.TakeSealedSha256(), codec::Sha256(AsBytes(expected)));
                const store::Digests digests = sealing.TakeDigests();
                EXPECT_EQ(digests.size_bytes, size);
                EXPECT_EQ(digests.sha256, codec::Sha256(AsBytes(plain)));
                EXPECT_EQ(digests.md5, codec::Md5(AsBytes(plain)));
            }
        }
    }
}

// As a store does that makes room for what was promised, and a byte to see the end by.
TEST_F(SealedStreamTest, NeedsNoMemoryWhereThereIsRoomForAChunk) {
    runtime::BufferPool none(0);
    for (const size_t size : kSizes) {
        const std::string plain = RandomText(size, size);
        runtime::StringSource source(plain);
        SealingSource sealing(source, Key(), {.size_bytes = size}, pool_, none);
        const size_t room = std::min(codec::SealedSize(size) + 1, runtime::kBufferBytes);
        EXPECT_TRUE(ReadAll(sealing, room).value() == SealedOf(plain)) << size;
    }
}

TEST_F(SealedStreamTest, IsBusyWhereItHasNoMemoryAndIsGivenNone) {
    runtime::BufferPool none(0);
    runtime::StringSource source("some plain text");
    SealingSource sealing(source, Key(), {}, pool_, none);
    EXPECT_EQ(ReadAll(sealing, 1000).error().kind(), ErrorKind::kBusy);
}

TEST_F(SealedStreamTest, RefusesMoreThanWasPromised) {
    for (const size_t size : kSizes) {
        const std::string plain = RandomText(size + 1, size);
        for (const size_t room : {size_t{1000}, size_t{1} << 20}) {
            runtime::StringSource source(plain);
            SealingSource sealing(source, Key(), {.size_bytes = size}, pool_, buffers_);
            EXPECT_EQ(ReadAll(sealing, room).error().code(), "IncompleteBody") << size;
        }
    }
}

TEST_F(SealedStreamTest, SaysHowMuchCameWhereThatIsLessThanPromised) {
    for (const size_t size : kSizes) {
        const std::string plain = RandomText(size, size);
        runtime::StringSource source(plain);
        SealingSource sealing(source, Key(), {.size_bytes = size + 100'000}, pool_, buffers_);
        EXPECT_TRUE(ReadAll(sealing, 1 << 20));
        EXPECT_EQ(sealing.TakeDigests().size_bytes, size);
    }
}

TEST_F(SealedStreamTest, WhatItSealedOpensHoweverMuchRoomThereIs) {
    constexpr size_t kSize = 600'000;
    const std::string plain = RandomText(kSize, 1);
    testing::MemoryStore store;
    runtime::StringSource sealed(SealedOf(plain));
    const std::string key = RunTask(store.Commit(RunTask(store.Stage(sealed, {})).value())).value();
    const std::pair<uint64_t, uint64_t> ranges[] = {{0, kSize},
                                                    {0, 1},
                                                    {kSize - 1, 1},
                                                    {kPlainChunkBytes - 1, 2},
                                                    {kPlainChunkBytes, 2 * kPlainChunkBytes},
                                                    {100, 400'000}};
    for (const auto& [offset, length] : ranges) {
        for (const size_t room : {size_t{1000}, kPlainChunkBytes - 1, kPlainChunkBytes,
                                  kPlainChunkBytes + 1, runtime::kBufferBytes, size_t{1} << 20}) {
            SCOPED_TRACE(std::to_string(offset) + " " + std::to_string(room));
            const auto opened = RunTask(OpenSealed(store, key, codec::SealedSize(kSize), Key(),
                                                   {offset, length}, buffers_));
            ASSERT_TRUE(ReadAll(*opened.value(), room).value() == plain.substr(offset, length));
        }
    }
}

TEST_F(SealedStreamTest, GivesNoByteOfAChunkThatIsNotTheOneWritten) {
    constexpr size_t kSize = 600'000;
    const std::string plain = RandomText(kSize, 1);
    testing::MemoryStore store;
    runtime::StringSource sealed(SealedOf(plain));
    const std::string key = RunTask(store.Commit(RunTask(store.Stage(sealed, {})).value())).value();
    std::string damaged = SealedOf(plain);
    damaged[5 * kSealedChunkBytes + 10] ^= 1;
    store.Swap(key, damaged);
    for (const size_t room : {size_t{1000}, runtime::kBufferBytes}) {
        const auto opened =
            RunTask(OpenSealed(store, key, codec::SealedSize(kSize), Key(), {0, kSize}, buffers_));
        std::string piece(room, '\0');
        std::string got;
        for (;;) {
            const auto n = RunTask(opened.value()->Read(std::as_writable_bytes(std::span(piece))));
            if (!n) {
                EXPECT_EQ(n.error().kind(), ErrorKind::kCorrupt);
                break;
            }
            ASSERT_GT(n.value(), 0u);
            got += piece.substr(0, n.value());
        }
        EXPECT_EQ(got.size(), 5 * kPlainChunkBytes);
        EXPECT_TRUE(plain.starts_with(got));
    }
    const auto short_one =
        RunTask(OpenSealed(store, key, codec::kAeadTagBytes - 1, Key(), {0, 1}, buffers_));
    EXPECT_EQ(short_one.error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace coffer::service
