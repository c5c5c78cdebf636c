#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/base/clock.h"
#include "coffer/base/error.h"
#include "coffer/base/log.h"
#include "coffer/base/random.h"
#include "coffer/base/result.h"
#include "coffer/base/strong_id.h"
#include "coffer/base/text_arena.h"

namespace coffer {
namespace {

using ::testing::ElementsAreArray;
using ::testing::EndsWith;
using ::testing::HasSubstr;

Result<int> Half(int n) {
    if (n % 2 != 0) return Error(ErrorKind::kInvalid, "odd");
    return n / 2;
}

Result<int> Quarter(int n) {
    TRY(const int half, Half(n));
    return Half(half);
}

TEST(Result, TryGoesOnWithTheValueOrReturnsTheError) {
    EXPECT_EQ(Quarter(8).value(), 2);
    ASSERT_FALSE(Quarter(6));
    EXPECT_EQ(Quarter(6).error().kind(), ErrorKind::kInvalid);
}

TEST(Error, SaysKindCodeAndContext) {
    const Error error(ErrorKind::kNotFound, "NoSuchKey", "no object 'a'");
    EXPECT_EQ(error.Wrap("copy").ToString(), "not-found (NoSuchKey): copy: no object 'a'");
}

TEST(Error, ErrnoKeepsWhatCodeDecidesBy) {
    EXPECT_EQ(ErrnoError(ENOSPC, "write").kind(), ErrorKind::kNoSpace);
    EXPECT_EQ(ErrnoError(EDQUOT, "write").kind(), ErrorKind::kNoSpace);
    EXPECT_EQ(ErrnoError(EMFILE, "open").kind(), ErrorKind::kBusy);
    EXPECT_EQ(ErrnoError(EIO, "read").kind(), ErrorKind::kIo);
    EXPECT_THAT(ErrnoError(ENOENT, "open /x").message(), HasSubstr("open /x: No such file"));
}

TEST(Error, OnlyPassingFaultsAreRetryable) {
    EXPECT_TRUE(Error(ErrorKind::kBusy, "").retryable());
    EXPECT_FALSE(Error(ErrorKind::kNoSpace, "").retryable());
    EXPECT_FALSE(Error(ErrorKind::kCorrupt, "").retryable());
}

struct CatTag;
TEST(StrongId, ComparesByValue) {
    using CatId = StrongId<CatTag>;
    EXPECT_LT(CatId(1), CatId(2));
    EXPECT_EQ(CatId(3), CatId(3));
}

TEST(TextArena, KeepsTextsWhereTheyAreWhenItIsMoved) {
    TextArena arena;
    std::vector<std::string_view> kept;
    std::vector<std::string> texts;
    for (size_t i = 0; i < 300; ++i)
        texts.emplace_back(i * i % 500, static_cast<char>('a' + i % 26));
    for (size_t i = 0; i < 150; ++i)
        kept.push_back(arena.Keep(texts[i]));
    TextArena moved = std::move(arena);
    arena = TextArena();
    for (size_t i = 150; i < 300; ++i)
        kept.push_back(moved.Keep(texts[i]));
    EXPECT_THAT(kept, ElementsAreArray(texts));
}

TEST(Random, DiffersFromCallToCall) {
    EXPECT_NE(RandomUint64(), RandomUint64());
}

class LogTest : public ::testing::Test {
  protected:
    void TearDown() override { ConfigureLog(LogFormat::kText, LogLevel::kInfo); }
    static std::string Capture(std::string_view message, std::string_view value) {
        testing::internal::CaptureStderr();
        Log(LogLevel::kWarning, message, {{"value", value}, {"count", 3}});
        return testing::internal::GetCapturedStderr();
    }
};

TEST_F(LogTest, TextLineNeverBreaksWhateverTheValue) {
    EXPECT_THAT(Capture("hello", "a\nb \x1b[31m"),
                EndsWith("warning hello value=\"a\\nb \\u001b[31m\" count=3\n"));
}

TEST_F(LogTest, JsonLineQuotesTextAndKeepsNumbers) {
    ConfigureLog(LogFormat::kJson, LogLevel::kInfo);
    EXPECT_THAT(Capture("hello", "say \"hi\""),
                EndsWith(R"("message":"hello","value":"say \"hi\"","count":3})"
                         "\n"));
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
    ConfigureLog(LogFormat::kText, LogLevel::kError);
    EXPECT_EQ(Capture("hello", "x"), "");
}

}  // namespace
}  // namespace coffer
