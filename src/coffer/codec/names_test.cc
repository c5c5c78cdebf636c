#include "coffer/codec/names.h"

#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

using namespace std::string_literals;

std::string KeyError(std::string_view bytes) {
    const auto key = ObjectKey::Parse(bytes);
    return key ? "" : std::string(key.error().code());
}

bool IsBucket(std::string_view text) {
    const auto name = BucketName::Parse(text);
    if (name) return name.value().text() == text;
    EXPECT_EQ(name.error().code(), "InvalidBucketName");
    EXPECT_EQ(name.error().kind(), ErrorKind::kInvalid);
    return false;
}

TEST(ObjectKey, IsKeptExactlyAsSent) {
    for (const std::string_view bytes :
         {"a", "a//b", "../..", "./a", "/", "a/", "\\", "%2e%2e", "a+b c", "\x01\r\n\x7f",
          "caf\xc3\xa9", "cafe\xcc\x81", "\xf0\x9f\x98\x80"}) {
        ASSERT_EQ(KeyError(bytes), "") << bytes;
        EXPECT_EQ(ObjectKey::Parse(bytes).value().bytes(), bytes);
    }
}

TEST(ObjectKey, HasOneTo1024Bytes) {
    EXPECT_EQ(KeyError(""), "InvalidURI");
    EXPECT_EQ(KeyError(std::string(1024, 'k')), "");
    EXPECT_EQ(KeyError(std::string(1025, 'k')), "KeyTooLongError");
}

TEST(ObjectKey, RefusesNulAndWhatIsNotUtf8) {
    EXPECT_EQ(KeyError("a\0b"s), "InvalidURI");
    EXPECT_EQ(KeyError("\xc0\xae\xc0\xae/"), "InvalidURI");  // ".." overlong
    EXPECT_EQ(KeyError("\xed\xa0\x80"), "InvalidURI");       // a lone surrogate
    EXPECT_EQ(KeyError("latin \xe9"), "InvalidURI");
}

TEST(ObjectKey, IsOrderedByItsBytes) {
    const auto key = [](std::string_view bytes) { return ObjectKey::Parse(bytes).value(); };
    EXPECT_LT(key("A"), key("a"));
    EXPECT_LT(key("a"), key("a/"));
    EXPECT_LT(key("z"), key("\xc3\xa9"));  // bytes above 127 come last
    EXPECT_LT(key("\xef\xbf\xbd"), key("\xf0\x9f\x98\x80"));
    EXPECT_NE(key("caf\xc3\xa9"), key("cafe\xcc\x81"));
}

TEST(BucketName, TakesWhatAwsTakes) {
    for (const std::string_view name :
         {"abc", "a-b", "a.b.c", "1.2.3", "0bucket9", "192.168.5.4a", "my-minio", "a-.b"}) {
        EXPECT_TRUE(IsBucket(name)) << name;
    }
    EXPECT_TRUE(IsBucket(std::string(63, 'b')));
}

TEST(BucketName, RefusesWhatAwsRefuses) {
    for (const std::string_view name : {"",
                                        "ab",
                                        "Abc",
                                        "a_b",
                                        "a/b",
                                        "-ab",
                                        "ab-",
                                        ".ab",
                                        "ab.",
                                        "a..b",
                                        "192.168.5.4",
                                        "xn--abc",
                                        "sthree-a",
                                        "sthree-configurator-x",
                                        "amzn-s3-demo-b",
                                        "a-s3alias",
                                        "a--ol-s3",
                                        "abc.mrap",
                                        "a--x-s3",
                                        "a--table-s3",
                                        "a b",
                                        "caf\xc3\xa9",
                                        "...",
                                        "abc\n",
                                        "minio",
                                        ".minio.sys"}) {
        EXPECT_FALSE(IsBucket(name)) << name;
    }
    EXPECT_FALSE(IsBucket(std::string(64, 'b')));
    EXPECT_FALSE(IsBucket("a\0b"s));
}

// Encodes any number as UTF-8 would, well-formed or not.
std::string Encode(uint32_t code, int length) {
    if (length == 1) return {static_cast<char>(code)};
    std::string bytes(static_cast<size_t>(length), '\0');
    for (int i = length - 1; i > 0; --i) {
        bytes[i] = static_cast<char>(0x80 | (code & 0x3f));
        code >>= 6;
    }
    bytes[0] = static_cast<char>((0xf00 >> length & 0xff) | code);
    return bytes;
}

TEST(Utf8, TakesEveryCodePointInItsShortestFormOnly) {
    for (uint32_t code = 0; code < 0x110000; ++code) {
        const int shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        const bool surrogate = code >= 0xd800 && code <= 0xdfff;
        ASSERT_EQ(IsUtf8(Encode(code, shortest)), !surrogate) << code;
        if (shortest < 4) ASSERT_FALSE(IsUtf8(Encode(code, shortest + 1))) << code;
    }
    EXPECT_FALSE(IsUtf8(Encode(0x110000, 4)));
}

TEST(Utf8, RefusesTornSequencesWhereverTheyStand) {
    for (const size_t before : {0, 1, 7, 8, 9, 15, 16}) {
        const std::string text(before, 'x');
        EXPECT_TRUE(IsUtf8(text + "\xe2\x82\xac"));
        EXPECT_FALSE(IsUtf8(text + "\xe2\x82")) << before;
        EXPECT_FALSE(IsUtf8(text + "\xe2\x82" + "xxxxxxxxx")) << before;
        EXPECT_FALSE(IsUtf8(text + "\x80")) << before;
        EXPECT_FALSE(IsUtf8(text + "\xf8\x88\x80\x80\x80")) << before;
        EXPECT_FALSE(IsUtf8(text + "\xff")) << before;
    }
}

}  // namespace
}  // namespace coffer::codec
