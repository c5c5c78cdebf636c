#include "coffer/codec/policy/condition.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

using Values = std::vector<std::string>;

// Whether {operation: {key: values}} holds for a request in which the key has `of_request`; or why
// it is refused.
std::string Holds(const std::string& operation, const std::string& values,
                  const std::optional<Values>& of_request, bool when_unknown = false,
                  const std::string& key = "s3:prefix") {
    const auto json = ParseJson(Json(values));
    const auto parsed_key = ParseConditionKey(key);
    EXPECT_TRUE(json && parsed_key);
    const auto condition = Condition::Parse(operation, *parsed_key, json.value(), true);
    if (!condition) return condition.error().message();
    FixedValues source;
    if (of_request) source = FixedValues({{key, *of_request}});
    const Principal alice = User("1", "alice");
    Request request(alice, "s3:ListBucket", "arn:aws:s3:::b", source);
    return condition.value().Holds(request, when_unknown) ? "yes" : "no";
}

struct Case {
    const char* operation;
    const char* values;
    const char* of_request;
    const char* expected;
};

void Check(std::initializer_list<Case> cases) {
    for (const Case& each : cases)
        EXPECT_EQ(Holds(each.operation, each.values, Values{each.of_request}), each.expected)
            << each.operation << " " << each.values << " " << each.of_request;
}

// The request's value is a name.
TEST(PolicyCondition, ComparesKmsKeysByName) {
    const auto holds = [](const std::string& operation, const std::string& operand) {
        return Holds(operation, "'" + operand + "'", Values{"two"}, false,
                     "s3:x-amz-server-side-encryption-aws-kms-key-id");
    };
    for (const std::string spelling :
         {"two", "arn:aws:kms:two", "arn:aws:kms:eu-central-1:123:key/two"}) {
        EXPECT_EQ(holds("StringEquals", spelling), "yes") << spelling;
        EXPECT_EQ(holds("StringNotEquals", spelling), "no") << spelling;
        EXPECT_EQ(holds("StringLike", spelling), "yes") << spelling;
        EXPECT_EQ(holds("StringEqualsIgnoreCase", spelling), "yes") << spelling;
        EXPECT_EQ(holds("StringEquals", spelling + "x"), "no") << spelling;
    }
    for (const std::string pattern :
         {"arn:aws:kms:*:*:key/t*", "arn:aws:kms:eu-central-1:123:*", "arn:aws:kms:*", "*:key/two",
          "*/two", "arn:*two", "arn:*", "t*"})
        EXPECT_EQ(holds("StringLike", pattern), "yes") << pattern;
    EXPECT_EQ(holds("ArnEquals", "arn:aws:kms:eu-central-1:123:key/two"), "yes");
    EXPECT_EQ(holds("ArnLike", "arn:*:kms:*:*:key/t*"), "yes");
    EXPECT_EQ(holds("ArnLike", "arn:aws:kms:*:*:*"), "yes");
    EXPECT_EQ(holds("ArnLike", "*"), "yes");
    EXPECT_EQ(holds("ArnLike", "arn:aws:kms:*:*:key/one"), "no");
    EXPECT_EQ(holds("ArnNotEquals", "arn:aws:kms:eu-central-1:123:key/two"), "no");
}

TEST(PolicyCondition, ComparesStrings) {
    Check({
        {"StringEquals", "'a'", "a", "yes"},
        {"StringEquals", "'a'", "A", "no"},
        {"StringEquals", "['x','a']", "a", "yes"},
        {"StringEquals", "'a*'", "ab", "no"},
        {"StringEquals", "'a*'", "a*", "yes"},
        {"StringEquals", "''", "", "yes"},
        {"StringEquals", "'${aws:username}'", "alice", "yes"},
        {"StringNotEquals", "'a'", "b", "yes"},
        {"StringNotEquals", "['a','b']", "b", "no"},
        {"StringEqualsIgnoreCase", "'Public'", "pUBLIC", "yes"},
        {"StringNotEqualsIgnoreCase", "'Public'", "pUBLIC", "no"},
        {"StringLike", "'a*c?'", "abbcd", "yes"},
        {"StringLike", "'${*}'", "a", "no"},
        {"StringLike", "'${aws:username}/*'", "alice/x", "yes"},
        {"StringNotLike", "'a*'", "b", "yes"},
        {"StringNotLike", "['a*','b']", "ab", "no"},
        {"StringEquals", "10", "10", "yes"},
        {"StringEquals", "true", "true", "yes"},
    });
}

TEST(PolicyCondition, ComparesNumbers) {
    Check({
        {"NumericEquals", "10", "10", "yes"},
        {"NumericEquals", "'10'", "10.0", "yes"},
        {"NumericEquals", "[1,10]", "10", "yes"},
        {"NumericNotEquals", "[1,10]", "10", "no"},
        {"NumericNotEquals", "1", "10", "yes"},
        {"NumericLessThan", "10", "9", "yes"},
        {"NumericLessThan", "10", "10", "no"},
        {"NumericLessThanEquals", "'10'", "10", "yes"},
        {"NumericLessThanEquals", "10", "100", "no"},
        {"NumericGreaterThan", "-0.5", "0", "yes"},
        {"NumericGreaterThan", "10", "10", "no"},
        {"NumericGreaterThanEquals", "10", "10", "yes"},
        {"NumericLessThan", "10", "nine", "no"},
        {"NumericNotEquals", "10", "nine", "yes"},
        {"NumericLessThan", "10", "", "no"},
    });
}

TEST(PolicyCondition, ComparesDates) {
    Check({
        {"DateEquals", "'2026-01-02T03:04:05Z'", "2026-01-02T03:04:05.000Z", "yes"},
        {"DateEquals", "'2026-01-02T04:04:05+01:00'", "2026-01-02T03:04:05Z", "yes"},
        {"DateNotEquals", "'2026-01-02'", "2026-01-02T00:00:00Z", "no"},
        {"DateLessThan", "'2026-01-02'", "2026-01-01T23:59:59Z", "yes"},
        {"DateLessThan", "'2026-01-02'", "2026-01-02T00:00:00Z", "no"},
        {"DateLessThanEquals", "'2026-01-02'", "2026-01-02T00:00:00Z", "yes"},
        {"DateGreaterThan", "'2026-01-02T00:00:00Z'", "2026-01-02T00:00:01Z", "yes"},
        {"DateGreaterThanEquals", "1767312000", "2026-01-02T00:00:00Z", "yes"},
        {"DateGreaterThan", "'1767312000'", "1767312000", "no"},
        {"DateGreaterThan", "'2026-01-02'", "tomorrow", "no"},
    });
}

TEST(PolicyCondition, ComparesBooleansBytesAndAddresses) {
    Check({
        {"Bool", "'true'", "true", "yes"},
        {"Bool", "true", "TRUE", "yes"},
        {"Bool", "'false'", "true", "no"},
        {"Bool", "['true','false']", "false", "yes"},
        {"BinaryEquals", "'QmluYXJ5'", "Binary", "yes"},
        {"BinaryEquals", "'QmluYXJ5'", "binary", "no"},
        {"IpAddress", "'203.0.113.0/24'", "203.0.113.7", "yes"},
        {"IpAddress", "['192.0.2.1','2001:db8::/32']", "2001:db8::7", "yes"},
        {"IpAddress", "'203.0.113.0/24'", "203.0.114.7", "no"},
        {"IpAddress", "'0.0.0.0/0'", "unknown", "no"},
        {"NotIpAddress", "'203.0.113.0/24'", "203.0.113.7", "no"},
        {"NotIpAddress", "'203.0.113.0/24'", "203.0.114.7", "yes"},
    });
}

TEST(PolicyCondition, ComparesArnsPartByPart) {
    for (const std::string operation : {"ArnEquals", "ArnLike"}) {
        const auto like = [&](const std::string& pattern, const std::string& arn) {
            return Holds(operation, "'" + pattern + "'", Values{arn});
        };
        EXPECT_EQ(like("arn:aws:iam::1:user/*", "arn:aws:iam::1:user/a/b"), "yes");
        EXPECT_EQ(like("arn:aws:iam::*:user/a", "arn:aws:iam::1:user/a"), "yes");
        EXPECT_EQ(like("arn:aws:iam::1:user/${aws:username}", "arn:aws:iam::1:user/alice"), "yes");
        EXPECT_EQ(like("arn:aws:s3:::b:*", "arn:aws:s3:::b:c:d"), "yes");
        EXPECT_EQ(like("*", "arn:aws:s3:::b"), "yes");
        // A star does not reach over a colon.
        EXPECT_EQ(like("arn:aws:*:::x", "arn:aws:s3:::y:::x"), "no");
        EXPECT_EQ(like("arn:*:*:*:*:*", "arn:aws:s3"), "no");
    }
    EXPECT_EQ(Holds("ArnNotLike", "'arn:aws:iam::1:*'", Values{"arn:aws:iam::2:root"}), "yes");
    EXPECT_EQ(Holds("ArnNotEquals", "'arn:aws:iam::1:*'", Values{"arn:aws:iam::1:root"}), "no");
}

TEST(PolicyCondition, NullAsksWhetherTheKeyIsThere) {
    EXPECT_EQ(Holds("Null", "'true'", std::nullopt), "yes");
    EXPECT_EQ(Holds("Null", "true", Values{}), "yes");
    EXPECT_EQ(Holds("Null", "'true'", Values{""}), "no");
    EXPECT_EQ(Holds("Null", "'false'", Values{"x"}), "yes");
    EXPECT_EQ(Holds("Null", "'FALSE'", std::nullopt), "no");
    EXPECT_EQ(Holds("Null", "['true','false']", std::nullopt), "yes");
}

TEST(PolicyCondition, WithoutTheKeyOnlyNegationHolds) {
    for (const char* operation : {"StringEquals", "StringLike", "StringEqualsIgnoreCase"})
        EXPECT_EQ(Holds(operation, "'*'", std::nullopt), "no") << operation;
    EXPECT_EQ(Holds("NumericLessThan", "1", std::nullopt), "no");
    EXPECT_EQ(Holds("DateLessThan", "'2026-01-01'", std::nullopt), "no");
    EXPECT_EQ(Holds("Bool", "'false'", std::nullopt), "no");
    EXPECT_EQ(Holds("IpAddress", "'0.0.0.0/0'", std::nullopt), "no");
    EXPECT_EQ(Holds("ArnLike", "'*'", std::nullopt), "no");
    EXPECT_EQ(Holds("BinaryEquals", "''", std::nullopt), "no");

    EXPECT_EQ(Holds("StringNotEquals", "'a'", std::nullopt), "yes");
    EXPECT_EQ(Holds("StringNotLike", "'*'", std::nullopt), "yes");
    EXPECT_EQ(Holds("NumericNotEquals", "1", std::nullopt), "yes");
    EXPECT_EQ(Holds("NotIpAddress", "'0.0.0.0/0'", std::nullopt), "yes");
    EXPECT_EQ(Holds("ArnNotLike", "'*'", std::nullopt), "yes");
}

TEST(PolicyCondition, IfExistsHoldsWithoutTheKey) {
    EXPECT_EQ(Holds("StringEqualsIfExists", "'a'", std::nullopt), "yes");
    EXPECT_EQ(Holds("StringEqualsIfExists", "'a'", Values{"b"}), "no");
    EXPECT_EQ(Holds("NumericGreaterThanIfExists", "1", std::nullopt), "yes");
    EXPECT_EQ(Holds("NotIpAddressIfExists", "'10.0.0.0/8'", Values{"10.1.1.1"}), "no");
    EXPECT_EQ(Holds("ForAnyValue:StringLikeIfExists", "'a'", std::nullopt), "yes");
}

TEST(PolicyCondition, QualifiersSayHowManyValuesMustFit) {
    const Values two = {"a", "b"};
    EXPECT_EQ(Holds("ForAnyValue:StringEquals", "['b','c']", two), "yes");
    EXPECT_EQ(Holds("ForAnyValue:StringEquals", "['c']", two), "no");
    EXPECT_EQ(Holds("ForAnyValue:StringEquals", "['a']", std::nullopt), "no");
    EXPECT_EQ(Holds("ForAnyValue:StringNotEquals", "['a']", two), "yes");
    EXPECT_EQ(Holds("ForAnyValue:StringNotEquals", "['a','b']", two), "no");
    EXPECT_EQ(Holds("ForAnyValue:StringNotEquals", "['a']", std::nullopt), "no");
    EXPECT_EQ(Holds("ForAllValues:StringEquals", "['a','b','c']", two), "yes");
    EXPECT_EQ(Holds("ForAllValues:StringLike", "['a*']", two), "no");
    EXPECT_EQ(Holds("ForAllValues:StringEquals", "['x']", std::nullopt), "yes");
    EXPECT_EQ(Holds("ForAllValues:StringNotEquals", "['a']", two), "no");
    EXPECT_EQ(Holds("ForAllValues:StringNotEquals", "['c']", two), "yes");
    // Several values where one was expected.
    EXPECT_EQ(Holds("StringEquals", "'b'", two), "yes");
    EXPECT_EQ(Holds("StringNotEquals", "'b'", two), "no");
}

TEST(PolicyCondition, UnknownVariablesDecideNothing) {
    EXPECT_EQ(Holds("StringEquals", "'${aws:Referer}'", Values{"a"}, true), "no");
    EXPECT_EQ(Holds("StringEquals", "['${aws:Referer}','a']", Values{"a"}, false), "yes");
    EXPECT_EQ(Holds("StringNotEquals", "'${aws:Referer}'", Values{"a"}, true), "yes");
    EXPECT_EQ(Holds("StringNotEquals", "'${aws:Referer}'", Values{"a"}, false), "no");
    EXPECT_EQ(Holds("ArnNotLike", "'arn:aws:iam::1:user/${aws:Referer}'",
                    Values{"arn:aws:iam::2:user/a"}, false),
              "yes");  // another part differs, whatever the value is
}

TEST(PolicyCondition, RefusesWhatItCannotCompare) {
    for (const std::string operation :
         {"stringequals", "StringEqual", "Equals", "", "NullIfExists", "ForAnyValue:Null",
          "ForAllValues:", "ForSomeValues:StringEquals", "ForAnyValue:ForAllValues:StringEquals",
          "IfExists", "StringEqualsIfExistsIfExists", "BinaryNotEquals"})
        EXPECT_EQ(Holds(operation, "'true'", std::nullopt),
                  "Invalid Condition type : " + operation);
    for (const std::string values : {"[]", "null", "{}", "['a',null]", "[['a']]", "['a',{}]"})
        EXPECT_EQ(Holds("StringEquals", values, std::nullopt), "Invalid policy syntax.") << values;
    const auto invalid = [](const std::string& operation, const std::string& value,
                            const std::string& what) {
        EXPECT_EQ(Holds(operation, "'" + value + "'", std::nullopt),
                  "Invalid value in Conditions: '" + value + "' is not " + what + ".");
    };
    invalid("NumericEquals", "ten", "a number");
    invalid("NumericEquals", "1 ", "a number");
    invalid("NumericEquals", "inf", "a number");
    invalid("NumericEquals", "${aws:EpochTime}", "a number");
    invalid("DateEquals", "yesterday", "a date of ISO 8601");
    invalid("DateEquals", "2026-02-30", "a date of ISO 8601");
    invalid("DateEquals", "99999999999999999", "a date of ISO 8601");
    invalid("Bool", "yes", "true or false");
    invalid("Null", "1", "true or false");
    invalid("BinaryEquals", "?", "base64");
    invalid("ArnLike", "arn:aws:s3", "an ARN");
    invalid("StringEquals", "${x}", "text with policy variables");
    EXPECT_EQ(Holds("IpAddress", "'10.0.0.0/33'", std::nullopt),
              "Invalid IP address in Conditions");
    EXPECT_EQ(Holds("NotIpAddress", "'*'", std::nullopt), "Invalid IP address in Conditions");
}

}  // namespace
}  // namespace coffer::codec::policy
