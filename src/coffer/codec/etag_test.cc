#include "coffer/codec/etag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<EntityTag> Tags(std::string_view header) {
    const EntityTagList list = EntityTagList::Parse(header);
    EXPECT_FALSE(list.any) << header;
    return list.tags;
}

TEST(EntityTagList, TakesTagsWithAndWithoutQuotes) {
    EXPECT_THAT(Tags("\"a\""), ElementsAre(EntityTag{"a", false}));
    EXPECT_THAT(Tags("a"), ElementsAre(EntityTag{"a", false}));
    EXPECT_THAT(Tags(" \"a-2\" ,b,\tW/\"c\""),
                ElementsAre(EntityTag{"a-2", false}, EntityTag{"b", false}, EntityTag{"c", true}));
}

TEST(EntityTagList, ACommaInQuotesIsPartOfTheTag) {
    EXPECT_THAT(Tags("\"a,b\", \"c\""),
                ElementsAre(EntityTag{"a,b", false}, EntityTag{"c", false}));
}

TEST(EntityTagList, PassesOverEmptyElements) {
    EXPECT_THAT(Tags(""), IsEmpty());
    EXPECT_THAT(Tags(" ,, "), IsEmpty());
    EXPECT_THAT(Tags(",a,"), ElementsAre(EntityTag{"a", false}));
    EXPECT_THAT(Tags(std::string(60'000, ',') + "\"a,b\""), ElementsAre(EntityTag{"a,b", false}));
}

TEST(EntityTagList, AStarAloneMatchesAnything) {
    const EntityTagList list = EntityTagList::Parse(" * ");
    EXPECT_TRUE(list.any);
    EXPECT_TRUE(list.MatchesStrongly("x"));
    EXPECT_TRUE(list.MatchesWeakly("x"));
    EXPECT_FALSE(EntityTagList::Parse("\"*\"").MatchesStrongly("x"));
    EXPECT_FALSE(EntityTagList::Parse("*, \"a\"").MatchesStrongly("x"));
}

TEST(EntityTagList, WeakTagsMatchOnlyWeakly) {
    const EntityTagList list = EntityTagList::Parse("W/\"a\"");
    EXPECT_FALSE(list.MatchesStrongly("a"));
    EXPECT_TRUE(list.MatchesWeakly("a"));
    EXPECT_TRUE(EntityTagList::Parse("\"b\", \"a\"").MatchesStrongly("a"));
}

TEST(EntityTagList, WhatIsMalformedMatchesNothing) {
    EXPECT_FALSE(EntityTagList::Parse("\"a").MatchesStrongly("a"));
    EXPECT_FALSE(EntityTagList::Parse("a\"").MatchesStrongly("a"));
    EXPECT_FALSE(EntityTagList::Parse("w/\"a\"").MatchesWeakly("a"));
    EXPECT_FALSE(EntityTagList::Parse("\"a\"b").MatchesStrongly("a"));
}

}  // namespace
}  // namespace coffer::codec
