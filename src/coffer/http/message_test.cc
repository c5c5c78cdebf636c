#include "coffer/http/message.h"

#include <gtest/gtest.h>

namespace coffer::http {
namespace {

TEST(Headers, NamesCompareWithoutRegardToCase) {
    Headers headers;
    headers.Add("Content-Type", "text/plain");
    EXPECT_EQ(headers.Get("content-TYPE"), "text/plain");
    EXPECT_FALSE(headers.Get("Content-Typ"));
    EXPECT_EQ(headers.GetOr("ETag", "none"), "none");
}

TEST(Headers, KeepOrderAndDuplicates) {
    Headers headers;
    headers.Add("A", "1");
    headers.Add("B", "2");
    headers.Add("a", "3");
    EXPECT_EQ(headers.Count("A"), 2u);
    EXPECT_EQ(headers.Get("a"), "1");
    std::string all;
    for (const Header& header : headers)
        all += header.name + header.value;
    EXPECT_EQ(all, "A1B2a3");
}

TEST(Headers, SetTakesThePlaceOfAllOfThatName) {
    Headers headers;
    headers.Add("A", "1");
    headers.Add("a", "2");
    headers.Set("A", "3");
    EXPECT_EQ(headers.Count("A"), 1u);
    EXPECT_EQ(headers.Get("A"), "3");
    headers.Remove("a");
    EXPECT_EQ(headers.size(), 0u);
}

TEST(ReasonPhrase, IsTheStandardOneOrNone) {
    EXPECT_EQ(ReasonPhrase(404), "Not Found");
    EXPECT_EQ(ReasonPhrase(299), "");
}

}  // namespace
}  // namespace coffer::http
