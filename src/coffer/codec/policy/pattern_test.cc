#include "coffer/codec/policy/pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <string>

#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

bool Matches(std::string_view pattern, std::string_view text) {
    return Pattern::Parse(pattern, {.variables = false})->MatchesText(text);
}

// With variables: "yes", "no", "unknown", or "malformed".
std::string Resolve(std::string_view pattern, std::string_view text,
                    const FixedValues::Map& values = {}, const PatternSyntax& syntax = {}) {
    const auto parsed = Pattern::Parse(pattern, syntax);
    if (!parsed) return "malformed";
    FixedValues source(values);
    const Principal alice = User("1", "alice");
    Request request(alice, "s3:GetObject", "*", source);
    const Match match = parsed->Matches(text, request);
    return match == Match::kUnknown ? "unknown" : match == Match::kYes ? "yes" : "no";
}

TEST(PolicyPattern, StarIsAnythingAndQuestionMarkIsOne) {
    EXPECT_TRUE(Matches("", ""));
    EXPECT_FALSE(Matches("", "a"));
    EXPECT_TRUE(Matches("*", ""));
    EXPECT_TRUE(Matches("*", "a/b/c"));
    EXPECT_TRUE(Matches("a*", "a"));
    EXPECT_FALSE(Matches("a?", "a"));
    EXPECT_TRUE(Matches("a?", "ab"));
    EXPECT_TRUE(Matches("*a*b*", "xxaxxbxx"));
    EXPECT_FALSE(Matches("*a*b*", "xxbxxaxx"));
    EXPECT_TRUE(Matches("a*a", "aa"));
    EXPECT_FALSE(Matches("a*a", "a"));
    EXPECT_TRUE(Matches("**?**", "x"));
    EXPECT_FALSE(Matches("**?**", ""));
    EXPECT_TRUE(Matches("photos/*/2026-??.jpg", "photos/a/b/2026-01.jpg"));
    EXPECT_FALSE(Matches("photos", "Photos"));
}

TEST(PolicyPattern, QuestionMarkIsOneCharacterOfUtf8) {
    EXPECT_TRUE(Matches("caf?", "caf\xc3\xa9"));
    EXPECT_FALSE(Matches("caf??", "caf\xc3\xa9"));
    EXPECT_TRUE(Matches("*?", "\xf0\x9f\x98\x80"));
    EXPECT_FALSE(Matches("*??", "\xf0\x9f\x98\x80"));
    EXPECT_FALSE(Matches("?*?", "\xf0\x9f\x98\x80"));
    EXPECT_TRUE(Matches("*?\xc3\xa9", "a\xc3\xa9\xc3\xa9"));
}

// The definition, by trying everything.
bool MatchesByDefinition(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*')
        return MatchesByDefinition(pattern.substr(1), text) ||
               (!text.empty() && MatchesByDefinition(pattern, text.substr(1)));
    if (text.empty() || (pattern[0] != '?' && pattern[0] != text[0])) return false;
    return MatchesByDefinition(pattern.substr(1), text.substr(1));
}

TEST(PolicyPattern, MatchesWhatTheDefinitionMatches) {
    const char* given = std::getenv("COFFER_TEST_SEED");
    const uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
    SCOPED_TRACE("COFFER_TEST_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto text = [&random](std::string_view alphabet, size_t max) {
        std::string made;
        for (size_t size = random() % (max + 1); made.size() < size;)
            made += alphabet[random() % alphabet.size()];
        return made;
    };
    int matches = 0;
    for (int i = 0; i < 50'000; ++i) {
        const std::string pattern = text("ab*?*", 7);
        const std::string subject = text("ab", 9);
        const bool expected = MatchesByDefinition(pattern, subject);
        ASSERT_EQ(Matches(pattern, subject), expected) << pattern << " and " << subject;
        matches += expected ? 1 : 0;

        const auto parsed = Pattern::Parse(pattern, {});
        ASSERT_EQ(parsed->CanBe(subject), expected) << pattern << " and " << subject;
        // Whatever matches shows what its beginnings can be.
        if (expected && !subject.empty()) {
            const size_t cut = random() % subject.size();
            ASSERT_TRUE(parsed->CanBeginWith(subject.substr(0, cut))) << pattern << " " << subject;
        }
    }
    EXPECT_GT(matches, 1000);
}

// Any choice of where the stars end, tried one after the other, would take longer than anyone
// waits.
TEST(PolicyPattern, KnowsWhatItBeginsWith) {
    const auto beginning = [](std::string_view text, PatternSyntax syntax = {}) {
        return std::string(Pattern::Parse(text, syntax).value().FixedBeginning());
    };
    EXPECT_EQ(beginning("arn:aws:s3:::b/a*b"), "arn:aws:s3:::b/a");
    EXPECT_EQ(beginning("home/${aws:username}/x"), "home/");
    EXPECT_EQ(beginning("${*}fixed?"), "*fixed");
    EXPECT_EQ(beginning("all"), "all");
    EXPECT_EQ(beginning("*all"), "");
    EXPECT_EQ(beginning("?all"), "");
    EXPECT_EQ(beginning(""), "");
    EXPECT_EQ(beginning("All", {.ignore_case = true}), "");
}

TEST(PolicyPattern, DoesNotTryAllChoices) {
    std::string pattern;
    for (int i = 0; i < 1000; ++i)
        pattern += "*a";
    EXPECT_FALSE(Matches(pattern + "b", std::string(20'000, 'a')));
    EXPECT_TRUE(Matches(pattern, std::string(20'000, 'a')));
    EXPECT_FALSE(Matches("*" + std::string(5000, 'a') + "b*", std::string(1'000'000, 'a')));
}

TEST(PolicyPattern, PutsInTheValuesOfVariables) {
    EXPECT_EQ(Resolve("home/${aws:username}/*", "home/alice/x"), "yes");
    EXPECT_EQ(Resolve("home/${AWS:UserName}/*", "home/alice/x"), "yes");
    EXPECT_EQ(Resolve("home/${aws:username}/*", "home/bob/x"), "no");
    EXPECT_EQ(Resolve("${s3:prefix}", "a", {{"s3:prefix", {"a"}}}), "yes");
    EXPECT_EQ(Resolve("${jwt:sub}", "x", {{"jwt:sub", {"x"}}}), "yes");
    EXPECT_EQ(Resolve("${s3:ExistingObjectTag/Team}-${aws:userid}", "red-ID-alice",
                      {{"s3:existingobjecttag/Team", {"red"}}}),
              "yes");
}

TEST(PolicyPattern, TakesNoWildcardFromAValue) {
    EXPECT_EQ(Resolve("home/${s3:prefix}", "home/bob", {{"s3:prefix", {"*"}}}), "no");
    EXPECT_EQ(Resolve("home/${s3:prefix}", "home/*", {{"s3:prefix", {"*"}}}), "yes");
    EXPECT_EQ(Resolve("home/${s3:prefix}", "home/b", {{"s3:prefix", {"?"}}}), "no");
    EXPECT_EQ(Resolve("${s3:prefix}", "alice", {{"s3:prefix", {"${aws:username}"}}}), "no");
}

TEST(PolicyPattern, DoesNotKnowVariablesWithoutOneValue) {
    EXPECT_EQ(Resolve("${s3:prefix}*", "anything"), "unknown");
    EXPECT_EQ(Resolve("${s3:prefix}*", "a", {{"s3:prefix", {"a", "b"}}}), "unknown");
    EXPECT_EQ(Resolve("${s3:prefix, 'home'}/*", "home/x"), "yes");
    EXPECT_EQ(Resolve("${s3:prefix,'home'}/*", "work/x"), "no");
    EXPECT_EQ(Resolve("${s3:prefix, 'a*'}", "ab"), "no");
    EXPECT_EQ(Resolve("${s3:prefix, 'home'}", "home", {{"s3:prefix", {"work"}}}), "no");
}

TEST(PolicyPattern, HasNamesForItsOwnCharacters) {
    EXPECT_EQ(Resolve("${*}${?}${$}", "*?$"), "yes");
    EXPECT_EQ(Resolve("a${*}", "ab"), "no");
    EXPECT_EQ(Resolve("${$}{aws:username}", "${aws:username}"), "yes");
    EXPECT_EQ(Resolve("$5 {x}", "$5 {x}"), "yes");
}

TEST(PolicyPattern, RefusesVariablesThatMeanNothing) {
    for (const std::string_view pattern :
         {"${", "${aws:username", "${}", "${username}", "${s3:nothing}", "${aws:username, x}",
          "${aws:username, 'x}", "${aws:username, 'a'b'}", "${s3:ExistingObjectTag}"}) {
        EXPECT_EQ(Resolve(pattern, ""), "malformed") << pattern;
        EXPECT_EQ(Resolve(pattern, pattern, {}, {.variables = false}), "yes") << pattern;
    }
}

TEST(PolicyPattern, IgnoresCaseWhereItIsAsked) {
    const PatternSyntax syntax{.wildcards = false, .ignore_case = true};
    EXPECT_EQ(Resolve("PuBlic", "pUblic", {}, syntax), "yes");
    EXPECT_EQ(Resolve("X-${s3:prefix}", "x-AB", {{"s3:prefix", {"Ab"}}}, syntax), "yes");
    EXPECT_EQ(Resolve("a*", "ab", {}, syntax), "no");
    EXPECT_EQ(Resolve("\xc3\x89", "\xc3\xa9", {}, syntax), "no");
}

TEST(PolicyPattern, KnowsHowItCanBegin) {
    const auto can_begin = [](std::string_view pattern, std::string_view prefix) {
        return Pattern::Parse(pattern, {})->CanBeginWith(prefix);
    };
    EXPECT_TRUE(can_begin("bucket/*", "bucket/"));
    EXPECT_TRUE(can_begin("bucket/a", "bucket/"));
    EXPECT_TRUE(can_begin("b*", "bucket/"));
    EXPECT_TRUE(can_begin("b?cket*", "bucket/"));
    EXPECT_TRUE(can_begin("${aws:username}/x", "bucket/"));
    EXPECT_TRUE(can_begin("bucket/${aws:username}", "bucket/"));
    EXPECT_FALSE(can_begin("bucket", "bucket/"));
    EXPECT_FALSE(can_begin("bucket/", "bucket/"));
    EXPECT_FALSE(can_begin("bucket2/*", "bucket/"));
    EXPECT_FALSE(Pattern::Parse("bucket/*", {})->CanBe("bucket"));
    EXPECT_TRUE(Pattern::Parse("bucket*", {})->CanBe("bucket"));
    EXPECT_TRUE(Pattern::Parse("bucket${aws:username}", {})->CanBe("bucket"));
}

TEST(PolicyPattern, IsCutLikeAnArn) {
    const auto parts = Pattern::Parse("arn:aws:s3:::b:${aws:username}:c", {})->SplitArn(6);
    ASSERT_EQ(parts.size(), 6u);
    EXPECT_TRUE(parts[2].MatchesText("s3"));
    EXPECT_TRUE(parts[3].MatchesText(""));
    FixedValues none;
    const Principal alice = User("1", "alice");
    Request request(alice, "s3:GetObject", "*", none);
    EXPECT_EQ(parts[5].Matches("b:alice:c", request), Match::kYes);
    EXPECT_EQ(Pattern::Parse("a:b", {})->SplitArn(6).size(), 2u);
}

}  // namespace
}  // namespace coffer::codec::policy
