#include "coffer/runtime/buffer_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace coffer::runtime {
namespace {

TEST(BufferPool, GivesAlignedBuffersOfTheStatedSize) {
    BufferPool pool(1_MiB);
    const Result<Buffer> buffer = pool.Take();
    ASSERT_TRUE(buffer);
    EXPECT_EQ(buffer.value().span().size(), kBufferBytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.value().span().data()) % kBufferAlignment, 0u);
}

TEST(BufferPool, GivesSmallBodiesLittle) {
    BufferPool pool(2 * kBufferBytes);
    for (const size_t bytes : {1, 4096, 4097, 65536, 65537, 262144}) {
        const Result<Buffer> buffer = pool.TakeAtLeast(bytes);
        ASSERT_TRUE(buffer);
        const ByteSpan span = buffer.value().span();
        EXPECT_GE(span.size(), bytes);
        EXPECT_LE(span.size(), bytes <= 65536 ? std::max<size_t>(2 * bytes, 4096) : kBufferBytes);
        EXPECT_EQ(pool.taken_bytes(), span.size());
        std::ranges::fill(span, std::byte{1});  // all of it is there
    }
    EXPECT_EQ(pool.taken_bytes(), 0u);
    std::vector<Buffer> buffers;
    while (auto buffer = pool.TakeAtLeast(5000))
        buffers.push_back(std::move(buffer.value()));
    EXPECT_EQ(buffers.size(), 2 * kBufferBytes / 8192);  // as many as the limit has room for
    buffers.clear();
    EXPECT_EQ(pool.taken_bytes(), 0u);
}

TEST(BufferPool, RefusesWhatIsOverTheLimitUntilSomethingComesBack) {
    BufferPool pool(2 * kBufferBytes);
    Result<Buffer> first = pool.Take();
    const Result<Buffer> second = pool.Take();
    ASSERT_TRUE(first && second);
    EXPECT_EQ(pool.taken_bytes(), 2 * kBufferBytes);
    EXPECT_EQ(pool.Take().error().kind(), ErrorKind::kBusy);
    first.value() = Buffer();
    EXPECT_EQ(pool.taken_bytes(), kBufferBytes);
    EXPECT_TRUE(pool.Take());
}

TEST(BufferPool, ABufferThatIsMovedComesBackOnce) {
    BufferPool pool(1_MiB);
    {
        Buffer a = pool.Take().value();
        Buffer b(std::move(a));
        EXPECT_FALSE(a);
        EXPECT_TRUE(a.span().empty());
        Buffer c = pool.Take().value();
        c = std::move(b);
        EXPECT_EQ(pool.taken_bytes(), kBufferBytes);
    }
    EXPECT_EQ(pool.taken_bytes(), 0u);
}

TEST(BufferPool, GivesTheSameMemoryAgainWhileItIsWarm) {
    BufferPool pool(1_MiB);
    const std::byte* const first = pool.Take().value().span().data();
    EXPECT_EQ(pool.Take().value().span().data(), first);
}

TEST(BufferPool, TakesBackMoreThanItKeeps) {
    BufferPool pool(100 * kBufferBytes);
    std::vector<Buffer> buffers;
    for (int i = 0; i < 100; ++i)
        buffers.push_back(pool.Take().value());
    EXPECT_FALSE(pool.Take());
    buffers.clear();
    EXPECT_EQ(pool.taken_bytes(), 0u);
}

}  // namespace
}  // namespace coffer::runtime
