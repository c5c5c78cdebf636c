#include "coffer/codec/uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::Field;

TEST(PercentEncode, LeavesOnlyTheUnreserved) {
    EXPECT_EQ(PercentEncode("AZaz09-._~"), "AZaz09-._~");
    EXPECT_EQ(PercentEncode("a b+c/d%=&*'\"\xc3\xa9\n"s),
              "a%20b%2Bc%2Fd%25%3D%26%2A%27%22%C3%A9%0A");
    EXPECT_EQ(PercentEncode("a/b c//", Slash::kKeep), "a/b%20c//");
    EXPECT_TRUE(IsUnreserved("AZaz09-._~/", Slash::kKeep));
    EXPECT_FALSE(IsUnreserved("a/b"));
    EXPECT_FALSE(IsUnreserved("a b", Slash::kKeep));
}

TEST(PercentDecode, UndoesTheEncodingOfEveryByte) {
    std::string all;
    for (int b = 0; b < 256; ++b)
        all += static_cast<char>(b);
    EXPECT_EQ(PercentDecode(PercentEncode(all)).value(), all);
    EXPECT_EQ(QueryDecode(PercentEncode(all)).value(), all);
    EXPECT_EQ(PercentDecode("%2f%2F").value(), "//");
}

TEST(PercentDecode, DecodesOnce) {
    EXPECT_EQ(PercentDecode("%252e%252e").value(), "%2e%2e");
}

TEST(PercentDecode, TakesRawBytesThatClientsSend) {
    EXPECT_EQ(PercentDecode("/b/caf\xc3\xa9|[x]\"{}^`<>#").value(), "/b/caf\xc3\xa9|[x]\"{}^`<>#");
}

TEST(PercentDecode, KnowsPlusAsASpaceInQueriesOnly) {
    EXPECT_EQ(PercentDecode("a+b%2B").value(), "a+b+");
    EXPECT_EQ(QueryDecode("a+b%2B").value(), "a b+");
}

TEST(PercentDecode, RefusesBrokenEscapes) {
    for (const std::string_view text : {"%", "a%", "%2", "%g0", "%0g", "%%20", "% 20", "%-1"}) {
        ASSERT_FALSE(PercentDecode(text)) << text;
        EXPECT_EQ(PercentDecode(text).error().code(), "InvalidURI");
        EXPECT_FALSE(QueryDecode(text)) << text;
    }
}

TEST(SplitTarget, SplitsAtTheFirstQuestionMark) {
    EXPECT_EQ(SplitTarget("/b/k").path, "/b/k");
    EXPECT_EQ(SplitTarget("/b/k").query, std::nullopt);
    EXPECT_EQ(SplitTarget("/b/k?").query, "");
    EXPECT_EQ(SplitTarget("/b/k?a=b?c").path, "/b/k");
    EXPECT_EQ(SplitTarget("/b/k?a=b?c").query, "a=b?c");
    EXPECT_EQ(SplitTarget("/b/k%3Fx").query, std::nullopt);
}

TEST(Query, KeepsOrderDuplicatesAndWhatStandsAlone) {
    const auto query = Query::Parse("uploads&prefix=a%2Fb+c&x=1&x=2&acl=&a=b=c").value();
    EXPECT_THAT(
        query.parameters(),
        ElementsAre(QueryParameter{"uploads", "", false, "uploads"},
                    QueryParameter{"prefix", "a/b c", true, "prefix=a%2Fb+c"},
                    QueryParameter{"x", "1", true, "x=1"}, QueryParameter{"x", "2", true, "x=2"},
                    QueryParameter{"acl", "", true, "acl="},
                    QueryParameter{"a", "b=c", true, "a=b=c"}));
    EXPECT_EQ(query.Get("x"), "1");
    EXPECT_EQ(query.Count("x"), 2u);
    EXPECT_EQ(query.Get("uploads"), "");
    EXPECT_TRUE(query.Has("acl"));
    EXPECT_FALSE(query.Has("ACL"));
    EXPECT_EQ(query.Get("y"), std::nullopt);
}

TEST(Query, DecodesNamesAndPassesOverEmptyParts) {
    EXPECT_THAT(Query::Parse("&&%61=1&&b&").value().parameters(),
                ElementsAre(Field(&QueryParameter::name, "a"), Field(&QueryParameter::name, "b")));
    EXPECT_TRUE(Query::Parse("").value().parameters().empty());
    EXPECT_EQ(Query::Parse("=v").value().Get(""), "v");
}

TEST(Query, RefusesBrokenEscapesAndTooManyParameters) {
    EXPECT_FALSE(Query::Parse("prefix=50%"));
    EXPECT_FALSE(Query::Parse("%zz=1"));
    std::string many;
    for (size_t i = 0; i < Query::kMaxParameters; ++i)
        many += "a&";
    EXPECT_TRUE(Query::Parse(many));
    EXPECT_EQ(Query::Parse(many + "a").error().code(), "InvalidURI");
}

}  // namespace
}  // namespace coffer::codec
