#include "coffer/app/bootstrap/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace coffer::app::bootstrap {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string AsJson(std::string_view yaml) {
    const auto value = ReadYaml(yaml);
    return value ? codec::WriteJson(value.value()) : value.error().message();
}

TEST(Yaml, ScalarsAreWhatTheCoreSchemaSays) {
    EXPECT_EQ(AsJson("[1, -5, true, False, null, ~, \"1\", 'true', plain]"),
              R"([1,-5,true,false,null,null,"1","true","plain"])");
    EXPECT_EQ(AsJson("[yes, off, 2012-10-17, 1.5, 10GiB]"),
              R"(["yes","off","2012-10-17","1.5","10GiB"])");
    // What is written otherwise than a number is would come back as something else.
    EXPECT_EQ(AsJson("[007, +1, 99999999999999999999]"), R"(["007","+1","99999999999999999999"])");
}

TEST(Yaml, CollectionsKeepTheirOrder) {
    EXPECT_EQ(AsJson("b:\n  - x: 1\n  - []\na: {}\nnothing:\n"),
              R"({"b":[{"x":1},[]],"a":{},"nothing":null})");
    EXPECT_EQ(AsJson(R"({"a": ["json", 1]})"), R"({"a":["json",1]})");
    EXPECT_EQ(AsJson("one: &it {a: 1}\ntwo: *it\n"), R"({"one":{"a":1},"two":{"a":1}})");
    EXPECT_EQ(AsJson("text: |\n  two\n  lines\n"), "{\"text\":\"two\\nlines\\n\"}");
    EXPECT_EQ(AsJson(""), "{}");
}

TEST(Yaml, MistakesSayTheirLine) {
    EXPECT_THAT(AsJson("a: 1\nb: 2\na: 3\n"), HasSubstr("line 3: \"a\" is there twice"));
    EXPECT_THAT(AsJson("a: [1,\n"), HasSubstr("line "));
    EXPECT_THAT(AsJson("a: 1\n---\nb: 2\n"), HasSubstr("second document"));
    EXPECT_THAT(AsJson("[a, b]: 1\n"), HasSubstr("line 1: a name must be a text"));
    EXPECT_THAT(AsJson("a: !secret x\n"), AllOf(HasSubstr("a tag"), Not(HasSubstr("secret"))));
    EXPECT_THAT(AsJson("a: *nobody\n"), HasSubstr("line 1"));
}

TEST(Yaml, WhatGrowsWithoutEndIsRefused) {
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int j = 0; j < 10; ++j)
            laughs += (j == 0 ? "*a" : ", *a") + std::to_string(i - 1);
        laughs += "]\n";
    }
    EXPECT_THAT(AsJson(laughs), HasSubstr("too many values"));
    std::string long_text = "a: &a " + std::string(1'000'000, 'x') + "\nall: [";
    for (int i = 0; i < 17; ++i)
        long_text += "*a, ";
    EXPECT_THAT(AsJson(long_text + "]\n"), HasSubstr("too much text"));
    std::string long_names = "a: &a {" + std::string(1000, 'x') + ": }\nall: [";
    for (int i = 0; i < 17'000; ++i)
        long_names += "*a, ";
    EXPECT_THAT(AsJson(long_names + "]\n"), HasSubstr("too much text"));
    EXPECT_THAT(AsJson(std::string(100, '[') + std::string(100, ']')), HasSubstr("too deeply"));
    EXPECT_THAT(AsJson("a: &a [*a]\n"), HasSubstr("line 1"));
}

}  // namespace
}  // namespace coffer::app::bootstrap
