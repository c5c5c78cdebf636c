#include "coffer/codec/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace coffer::codec {
namespace {

using namespace std::string_literals;

TEST(Hex, IsLowerCaseAndReadInEitherCase) {
    EXPECT_EQ(ToHex(AsBytes("\x00\x7f\xab\xff"s)), "007fabff");
    EXPECT_EQ(FromHex("007FabFf"), "\x00\x7f\xab\xff"s);
    EXPECT_EQ(FromHex(""), "");
}

TEST(Hex, IsWrittenToTheBeginningOfABuffer) {
    std::array<char, 6> buffer = {'-', '-', '-', '-', '-', '-'};
    EXPECT_EQ(ToHex(AsBytes("\x7f\xab"), buffer), "7fab");
    EXPECT_EQ(std::string_view(buffer.data(), buffer.size()), "7fab--");
    EXPECT_EQ(ToHex({}, buffer), "");
}

TEST(Hex, RefusesWhatIsNotDigits) {
    for (const std::string_view text : {"0", "000", "0g", "g0", " 00", "0x00", "00\n", "-1"}) {
        EXPECT_EQ(FromHex(text), std::nullopt) << text;
    }
}

TEST(Hex, FillsExactlyTheGivenBytes) {
    std::array<std::byte, 2> out;
    EXPECT_TRUE(FromHex("01fe", out));
    EXPECT_EQ(out[1], std::byte{0xfe});
    EXPECT_FALSE(FromHex("01", out));
    EXPECT_FALSE(FromHex("01fe02", out));
}

}  // namespace
}  // namespace coffer::codec
