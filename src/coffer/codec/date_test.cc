#include "coffer/codec/date.h"

#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

constexpr int64_t kSecond = 1'000'000;

int64_t Http(std::string_view text) {
    const auto time = ParseHttpDate(text);
    return time ? ToMicros(*time) / kSecond : -1;
}

int64_t Iso(std::string_view text) {
    const auto time = ParseIso8601(text);
    return time ? ToMicros(*time) : -1;
}

// The example of RFC 9110, 5.6.7, in its three forms.
TEST(HttpDate, ReadsTheThreeForms) {
    EXPECT_EQ(Http("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    EXPECT_EQ(Http("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
    EXPECT_EQ(Http("Sun Nov  6 08:49:37 1994"), 784111777);
    EXPECT_EQ(Http("Wed Nov 16 08:49:37 1994"), 784111777 + 10 * 86400);
}

TEST(HttpDate, ReadsWhatClientsSendBesides) {
    EXPECT_EQ(Http("Sun, 6 Nov 1994 08:49:37 GMT"), 784111777);
    EXPECT_EQ(Http("Sun, 06 Nov 1994 08:49:37 +0000"), 784111777);
    EXPECT_EQ(Http("Sun, 06 Nov 1994 08:49:37 -0000"), 784111777);
    EXPECT_EQ(Http("Sun, 06 Nov 1994 09:49:37 +0100"), 784111777);
    EXPECT_EQ(Http("Sun, 06 Nov 1994 08:49:37 UTC"), 784111777);
    EXPECT_EQ(Http("Mon, 06 Nov 1994 08:49:37 GMT"), 784111777);
}

TEST(HttpDate, TwoDigitYearsAreOf1970To2069) {
    EXPECT_EQ(Http("Thursday, 01-Jan-70 00:00:01 GMT"), 1);
    EXPECT_EQ(Http("Tuesday, 01-Jan-69 00:00:00 GMT"), 3124224000);
}

TEST(HttpDate, RefusesWhatIsNone) {
    for (const std::string_view text : {"",
                                        "Sun",
                                        "Sun, 06 Nov 1994 08:49:37",
                                        "Sun, 06 Nov 1994 08:49:37 PST",
                                        "Sun, 06 Nov 1994 08:49:37 GMT ",
                                        " Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sun, 31 Apr 1994 08:49:37 GMT",
                                        "Sun, 29 Feb 2023 08:49:37 GMT",
                                        "Sun, 00 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 1994 24:00:00 GMT",
                                        "Sun, 06 Nov 1994 08:60:37 GMT",
                                        "Sun, 06 Nov 1994 08:49:61 GMT",
                                        "Sun, 06 nov 1994 08:49:37 GMT",
                                        "Foo, 06 Nov 1994 08:49:37 GMT",
                                        "Sun, 06 Nov 94 08:49:37 GMT",
                                        "Sun, 06 Nov 0000 08:49:37 GMT",
                                        "Sun, +6 Nov 1994 08:49:37 GMT",
                                        "Sun Nov 6 08:49:37 1994 GMT",
                                        "784111777",
                                        "Sun, 06 Nov 1994 08:49:37 +2400",
                                        "Fri, 31 Dec 9999 23:59:59 -0001"}) {
        EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
    }
}

TEST(HttpDate, IsWrittenInTheFirstForm) {
    EXPECT_EQ(FormatHttpDate(FromMicros(784111777 * kSecond + 999'999)),
              "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(FormatHttpDate(FromMicros(-1)), "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST(Iso8601, ReadsFractionsAndZones) {
    const int64_t base = 1767323045 * kSecond;  // 2026-01-02T03:04:05Z
    EXPECT_EQ(Iso("2026-01-02T03:04:05Z"), base);
    EXPECT_EQ(Iso("2026-01-02T03:04:05.678Z"), base + 678'000);
    EXPECT_EQ(Iso("2026-01-02T03:04:05.6Z"), base + 600'000);
    EXPECT_EQ(Iso("2026-01-02T03:04:05.123456789Z"), base + 123'456);
    EXPECT_EQ(Iso("2026-01-02T04:04:05+01:00"), base);
    EXPECT_EQ(Iso("2026-01-01T21:34:05.5-0530"), base + 500'000);
    EXPECT_EQ(Iso("2024-02-29T00:00:00Z"), 1709164800 * kSecond);
    EXPECT_EQ(Iso("2016-12-31T23:59:60Z"), 1483228800 * kSecond);
}

TEST(Iso8601, RefusesWhatIsNone) {
    for (const std::string_view text :
         {"", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "2026-01-02T03:04Z",
          "2026-1-2T03:04:05Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05,5Z",
          "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
          "2026-01-02T03:04:05z", "2026-01-02T03:04:05ZZ", "2026-01-02T03:04:05+1:00",
          "2026-01-02T03:04:05+01", "-026-01-02T03:04:05Z", "0000-01-01T00:00:00Z",
          "0001-01-01T00:00:00+00:01", "20260102T030405Z"}) {
        EXPECT_EQ(ParseIso8601(text), std::nullopt) << text;
    }
}

TEST(Iso8601, IsWrittenAsS3Does) {
    EXPECT_EQ(FormatIso8601(FromMicros(1767323045 * kSecond + 678'999)),
              "2026-01-02T03:04:05.678Z");
    EXPECT_EQ(FormatIso8601(FromMicros(0)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(FormatIso8601(FromMicros(-1)), "1969-12-31T23:59:59.999Z");
    for (const std::string_view text : {"0001-01-01T00:00:00.000Z", "1900-02-28T23:59:59.001Z",
                                        "2024-02-29T12:34:56.789Z", "9999-12-31T23:59:59.999Z"}) {
        Iso8601Buffer buffer;
        EXPECT_EQ(FormatIso8601(*ParseIso8601(text), buffer), text);
    }
}

TEST(BasicDate, IsReadAndWritten) {
    const Timestamp time = FromMicros(1767323045 * kSecond);
    EXPECT_EQ(ParseBasicDate("20260102T030405Z"), time);
    EXPECT_EQ(FormatBasicDate(time), "20260102T030405Z");
    for (const std::string_view text :
         {"", "20260102", "20260102T030405", "20260102T030405Z ", "20260132T030405Z",
          "2026010203040506", "20260102t030405z", "2026-01-02T03:04:05Z"}) {
        EXPECT_EQ(ParseBasicDate(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace coffer::codec
