#include "bench/loader/content.h"

#include <gtest/gtest.h>

#include "coffer/codec/digest.h"
#include "coffer/codec/hex.h"

namespace coffer::bench {
namespace {

Bytes WholeBody(const Content& content, uint64_t number) {
    Bytes body(content.common().begin(), content.common().end());
    for (const char c : content.TailOf(number))
        body.push_back(static_cast<std::byte>(c));
    return body;
}

TEST(Content, KnowsTheDigestOfEachBody) {
    for (const size_t size : {size_t{16}, size_t{100}, size_t{4096}, size_t{1} << 20}) {
        const Content content(size, 42);
        for (const uint64_t number : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
            const Bytes body = WholeBody(content, number);
            ASSERT_EQ(body.size(), size);
            EXPECT_EQ(content.Sha256Of(number), codec::ToHex(codec::Sha256(body)));
        }
    }
}

TEST(Content, HasNoBodyTwice) {
    const Content one(4096, 1);
    const Content other(4096, 2);
    EXPECT_NE(WholeBody(one, 1), WholeBody(one, 2));
    EXPECT_NE(WholeBody(one, 1), WholeBody(other, 1));
}

TEST(Content, NoticesAWrongByteAnywhere) {
    const Content content(1000, 3);
    Bytes body = WholeBody(content, 9);
    const ByteView view = body;
    EXPECT_TRUE(content.Matches(9, 0, view));
    EXPECT_TRUE(content.Matches(9, 980, view.subspan(980)));
    EXPECT_TRUE(content.Matches(9, 990, view.subspan(990)));
    EXPECT_FALSE(content.Matches(8, 0, view));
    EXPECT_FALSE(content.Matches(9, 1, view));
    for (size_t i = 0; i < body.size(); ++i) {
        body[i] ^= std::byte{1};
        EXPECT_FALSE(content.Matches(9, 0, view)) << i;
        body[i] ^= std::byte{1};
    }
}

}  // namespace
}  // namespace coffer::bench
