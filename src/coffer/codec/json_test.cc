#include "coffer/codec/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace coffer::codec {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

std::string Refusal(std::string_view text, const JsonLimits& limits = {}) {
    const auto value = ParseJson(text, limits);
    if (value) return "";
    EXPECT_EQ(value.error().kind(), ErrorKind::kInvalid);
    return value.error().message();
}

// A text read and written again.
std::string Again(std::string_view text) {
    const auto value = ParseJson(text);
    return value ? WriteJson(value.value()) : value.error().ToString();
}

TEST(Json, ReadsEveryKindOfValue) {
    const JsonValue value =
        ParseJson(R"( {"s":"a\u00e9\ud83d\ude00","n":[1,-2.5,1e3],"t":true,"z":null,"o":{}} )")
            .value();
    EXPECT_EQ(*value.Find("s")->AsString(), "a\xc3\xa9\xf0\x9f\x98\x80");
    const JsonValue::Array& numbers = *value.Find("n")->AsArray();
    EXPECT_EQ(numbers[0].AsInt(), 1);
    EXPECT_EQ(numbers[1].AsDouble(), -2.5);
    EXPECT_EQ(numbers[2].AsDouble(), 1000.0);
    EXPECT_EQ(numbers[2].AsInt(), std::nullopt);
    EXPECT_EQ(value.Find("t")->AsBool(), true);
    EXPECT_TRUE(value.Find("z")->IsNull());
    EXPECT_TRUE(value.Find("o")->AsObject()->empty());
    EXPECT_EQ(value.Find("S"), nullptr);
    EXPECT_EQ(value.Find("s")->AsInt(), std::nullopt);
    EXPECT_EQ(value.Find("s")->Find("x"), nullptr);
}

TEST(Json, RefusesOneNameTwice) {
    EXPECT_THAT(Refusal(R"({"a":1,"b":2,"a":3})"), HasSubstr("twice"));
    EXPECT_THAT(Refusal(R"({"a":1,"\u0061":3})"), HasSubstr("twice"));
    EXPECT_THAT(Refusal(R"([{"x":{"":1,"":1}}])"), HasSubstr("twice"));
    EXPECT_EQ(Refusal(R"({"a":1,"A":2,"b":{"a":3}})"), "");
}

TEST(Json, RefusesNumbersThatNothingHolds) {
    for (const std::string_view text :
         {"1e400", "-1e400", "1e-400", "1e99999999999", "NaN", "Infinity", "-Infinity", "01", "+1",
          "1.", ".5", "-", "0x1", "1e"}) {
        EXPECT_NE(Refusal(text), "") << text;
    }
    EXPECT_NE(Refusal(std::string(400, '9')), "");
    EXPECT_EQ(ParseJson("18446744073709551615").value().AsDouble(), 18446744073709551616.0);
    EXPECT_EQ(ParseJson("9223372036854775807").value().AsInt(),
              std::numeric_limits<int64_t>::max());
    EXPECT_EQ(ParseJson("9223372036854775808").value().AsInt(), std::nullopt);
}

TEST(Json, RefusesWhatIsNotJson) {
    for (const std::string_view text :
         {"",      " ",   "{",      "[1,]",      "{\"a\":1,}", "{a:1}",    "'a'",
          "[1 2]", "1 2", "{}x",    "{} {}",     "// c\n1",    "/* c */1", "nul",
          "True",  "\"a", "\"\n\"", "\"\\x41\"", "\"\\u12\"",  "]",        "\xef\xbb\xbf{}"}) {
        EXPECT_NE(Refusal(text), "") << text;
    }
    EXPECT_NE(Refusal("{}\0"s), "");
    EXPECT_NE(Refusal("\0"s), "");
}

TEST(Json, RefusesWhatIsNotUtf8) {
    for (const std::string_view text :
         {"\"\xe9\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\\ud800\"", "\"\\ud800x\"",
          "\"\\udc00\"", "\"\\ud800\\ud800\""}) {
        EXPECT_NE(Refusal(text), "") << text;
    }
}

TEST(Json, LimitsDepthAndValues) {
    const auto nested = [](size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(Refusal(nested(32)), "");
    EXPECT_NE(Refusal(nested(33)), "");
    EXPECT_NE(Refusal(std::string(1'000'000, '[')), "");
    const JsonLimits few{.max_depth = 2, .max_values = 4};
    EXPECT_EQ(Refusal("[1,2,3]", few), "");
    EXPECT_THAT(Refusal("[1,2,3,4]", few), HasSubstr("too many values"));
}

TEST(Json, IsWrittenAsItWasRead) {
    for (const std::string_view text :
         {"null", "true", "-1", "0.1", "1e+300", "5e-324", "\"\"", "[]", "{}",
          R"({"b":[1,{"a":null}],"a":"\"\\\n\r\t\u0001\u007f/"})", "\"caf\xc3\xa9\""}) {
        EXPECT_EQ(Again(text), text);
    }
    EXPECT_EQ(Again(" [ 1 , 2.0 ] "), "[1,2.0]");
    EXPECT_EQ(Again("\"\\u00e9\\u0000\\/\""), "\"\xc3\xa9\\u0000/\"");
}

TEST(Json, WritesWhatJsonCannotHold) {
    EXPECT_EQ(WriteJson(std::numeric_limits<double>::infinity()), "null");
    EXPECT_EQ(WriteJson("a\xff\xe2\x82z\xf0\x9f\x98\x80"),
              "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xf0\x9f\x98\x80\"");
}

TEST(Json, BuildsValuesInCode) {
    const JsonValue value(JsonValue::Object{
        {"name", "a"}, {"list", JsonValue::Array{int64_t{1}, true, JsonValue(), 2.0}}});
    EXPECT_EQ(WriteJson(value), R"({"name":"a","list":[1,true,null,2.0]})");
}

}  // namespace
}  // namespace coffer::codec
