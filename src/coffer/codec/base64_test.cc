#include "coffer/codec/base64.h"

#include <gtest/gtest.h>

#include <array>

namespace coffer::codec {
namespace {

// RFC 4648, 10.
TEST(Base64, GivesThePublishedVectors) {
    const std::array<std::pair<std::string_view, std::string_view>, 7> vectors = {{
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    }};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(Base64Encode(AsBytes(bytes)), text);
        EXPECT_EQ(Base64Decode(text), bytes);
        const std::string_view unpadded = text.substr(0, text.find('='));
        EXPECT_EQ(Base64UrlEncode(AsBytes(bytes)), unpadded);
        EXPECT_EQ(Base64UrlDecode(unpadded), bytes);
    }
}

TEST(Base64, EachAlphabetRefusesTheOther) {
    EXPECT_EQ(Base64Encode(AsBytes("\xfb\xff\xfe")), "+//+");
    EXPECT_EQ(Base64UrlEncode(AsBytes("\xfb\xff\xfe")), "-__-");
    EXPECT_EQ(Base64Decode("-__-"), std::nullopt);
    EXPECT_EQ(Base64UrlDecode("+//+"), std::nullopt);
}

TEST(Base64, RefusesEveryOtherFormOfAValue) {
    for (const std::string_view text :
         {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "==", "Z", "Zm9v=", "Zm9vZg==Zm9v", "Zm=v",
          "Zg==\n", " Zm9v", "Zm 9", "Zm9v\n", "Zm9v====", "Zh==", "Zm9=", "Zm8\xc3"}) {
        EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
    }
    for (const std::string_view text : {"Zg==", "Z", "Zh", "Zm9", "Zm9v "}) {
        EXPECT_EQ(Base64UrlDecode(text), std::nullopt) << text;
    }
}

TEST(Base64, FillsExactlyTheGivenBytes) {
    std::array<std::byte, 3> out;
    EXPECT_TRUE(Base64Decode("Zm9v", out));
    EXPECT_EQ(AsText(out), "foo");
    EXPECT_FALSE(Base64Decode("Zm8=", out));
    EXPECT_FALSE(Base64Decode("Zm9vYg==", out));
    EXPECT_TRUE(Base64Decode("", ByteSpan{}));
}

}  // namespace
}  // namespace coffer::codec
