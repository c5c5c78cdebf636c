#include "coffer/codec/range.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::codec {
namespace {

// "offset+length" of what is served from an object of `size`, "ignored" (200 with all of it), or
// "416".
std::string Serve(std::string_view header, uint64_t size) {
    const auto range = ParseRange(header);
    if (!range) return "ignored";
    const auto resolved = ResolveRange(*range, size);
    if (!resolved) return "416";
    return std::to_string(resolved->offset) + "+" + std::to_string(resolved->length);
}

TEST(Range, ServesTheThreeForms) {
    EXPECT_EQ(Serve("bytes=0-0", 10), "0+1");
    EXPECT_EQ(Serve("bytes=2-5", 10), "2+4");
    EXPECT_EQ(Serve("bytes=2-", 10), "2+8");
    EXPECT_EQ(Serve("bytes=-3", 10), "7+3");
    EXPECT_EQ(Serve("Bytes=2-5", 10), "2+4");
}

TEST(Range, EndsWithTheObject) {
    EXPECT_EQ(Serve("bytes=2-99", 10), "2+8");
    EXPECT_EQ(Serve("bytes=-99", 10), "0+10");
}

TEST(Range, CannotBeSatisfiedPastTheEnd) {
    EXPECT_EQ(Serve("bytes=10-", 10), "416");
    EXPECT_EQ(Serve("bytes=10-20", 10), "416");
    EXPECT_EQ(Serve("bytes=-0", 10), "416");
    EXPECT_EQ(Serve("bytes=0-", 0), "416");
    EXPECT_EQ(Serve("bytes=-5", 0), "416");
}

TEST(Range, IsIgnoredWhereItIsNoSingleByteRange) {
    for (const std::string_view header :
         {"", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "bytes=0-1,", "items=0-1",
          "bytes=a-b", "bytes=1-b", "bytes=+1-2", "bytes=1--2", "bytes=0x1-2", "bytes 0-1",
          "bytes=1", "bytes=1- 2", "bytes=\xc2\xb2-3"}) {
        EXPECT_EQ(Serve(header, 10), "ignored") << header;
    }
}

TEST(Range, NumbersThatDoNotFitCountAsTheGreatest) {
    const uint64_t max = ~uint64_t{0};
    EXPECT_EQ(Serve("bytes=1-18446744073709551615", 10), "1+9");
    EXPECT_EQ(Serve("bytes=1-18446744073709551616", 10), "1+9");
    EXPECT_EQ(Serve("bytes=1-99999999999999999999999999999999", 10), "1+9");
    EXPECT_EQ(Serve("bytes=-99999999999999999999999999999999", 10), "0+10");
    EXPECT_EQ(Serve("bytes=18446744073709551616-", 10), "416");
    EXPECT_EQ(Serve("bytes=18446744073709551609-", 10), "416");
    EXPECT_EQ(Serve("bytes=0-", max), "0+18446744073709551615");
}

}  // namespace
}  // namespace coffer::codec
