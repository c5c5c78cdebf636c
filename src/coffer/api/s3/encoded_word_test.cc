#include "coffer/api/s3/encoded_word.h"

#include <gtest/gtest.h>

#include "coffer/codec/names.h"

namespace coffer::api::s3 {
namespace {

TEST(EncodedWord, DecodesBothEncodings) {
    EXPECT_EQ(DecodeWords("=?UTF-8?B?w6k=?="), "é");
    EXPECT_EQ(DecodeWords("=?utf-8?q?caf=C3=A9_au_lait?="), "café au lait");
    EXPECT_EQ(DecodeWords("=?ISO-8859-1?Q?caf=E9?="), "café");
}

TEST(EncodedWord, JoinsWordsAndKeepsTextAroundThem) {
    EXPECT_EQ(DecodeWords("a =?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?= b"), "a éé b");
    EXPECT_EQ(DecodeWords("plain text"), "plain text");
    EXPECT_EQ(DecodeWords("=?UTF-8?B?w6k=?= "), "é ");
}

TEST(EncodedWord, LeavesWhatIsMalformed) {
    for (const std::string_view text :
         {"=?UTF-8?B?w6k", "=?UTF-8?X?w6k=?=", "=?UTF-8?B?*?=", "=?koi8-r?B?w6k=?=", "=?",
          "=?\?=", "=?UTF-8?Q?=C?=", "=?UTF-8?B"}) {
        EXPECT_EQ(DecodeWords(text), text);
    }
}

TEST(EncodedWord, ComesBackFromWordsOfAtMost75Characters) {
    std::string text;
    for (int i = 0; i < 100; ++i)
        text += "é€😀x";
    const std::string encoded = EncodeWords(text);
    size_t begin = 0;
    while (begin < encoded.size()) {
        const size_t end = std::min(encoded.find(' ', begin), encoded.size());
        EXPECT_LE(end - begin, 75U);
        EXPECT_TRUE(
            codec::IsUtf8(DecodeWords(std::string_view(encoded).substr(begin, end - begin))));
        begin = end + 1;
    }
    EXPECT_EQ(DecodeWords(encoded), text);
    EXPECT_EQ(EncodeWords("é"), "=?UTF-8?B?w6k=?=");
}

TEST(EncodedWord, MakesUtf8OfLatin1) {
    EXPECT_EQ(Latin1ToUtf8("caf\xe9"), "café");
}

}  // namespace
}  // namespace coffer::api::s3
