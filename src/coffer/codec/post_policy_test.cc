#include "coffer/codec/post_policy.h"

#include <gtest/gtest.h>

#include <string>

#include "coffer/codec/base64.h"
#include "coffer/codec/date.h"

namespace coffer::codec {
namespace {

const Timestamp kNow = *ParseIso8601("2026-01-01T12:00:00Z");

// ' for ".
std::string Encoded(std::string json) {
    for (char& c : json)
        if (c == '\'') c = '"';
    return Base64Encode(AsBytes(json));
}

std::string WithConditions(const std::string& conditions) {
    return Encoded("{'expiration':'2026-01-01T12:00:01.000Z','conditions':[" + conditions + "]}");
}

std::string Told(const Error& error) {
    return std::string(error.code()) + ": " + error.message();
}

std::string Refusal(const std::string& encoded) {
    const auto policy = PostPolicy::Parse(encoded);
    return policy ? "accepted" : Told(policy.error());
}

// "ok", or what the form is refused with.
std::string Checked(const std::string& conditions, const std::vector<FormField>& fields,
                    Timestamp now = kNow) {
    const auto policy = PostPolicy::Parse(WithConditions(conditions));
    EXPECT_TRUE(policy) << conditions;
    const auto result = policy.value().Check(fields, "b", now);
    return result ? "ok" : Told(result.error());
}

TEST(PostPolicy, TakesAFormAsItWasSigned) {
    // Source: the Amazon S3 API Reference, "Example: Browser-based upload using HTTP POST".
    const std::string conditions =
        "{'bucket':'b'},['starts-with','$key','user/user1/'],{'acl':'public-read'},"
        "{'success_action_redirect':'http://b.s3.amazonaws.com/ok.html'},"
        "['starts-with','$Content-Type','image/'],{'x-amz-meta-uuid':'14365123651274'},"
        "{'x-amz-server-side-encryption':'AES256'},['starts-with','$x-amz-meta-tag',''],"
        "{'x-amz-credential':'AK/20151229/us-east-1/s3/aws4_request'},"
        "{'x-amz-algorithm':'AWS4-HMAC-SHA256'},{'x-amz-date':'20151229T000000Z'}";
    const std::vector<FormField> fields = {
        {"key", "user/user1/a.png"},
        {"acl", "public-read"},
        {"success_action_redirect", "http://b.s3.amazonaws.com/ok.html"},
        {"Content-Type", "image/png"},
        {"x-amz-meta-uuid", "14365123651274"},
        {"x-amz-server-side-encryption", "AES256"},
        {"X-Amz-Credential", "AK/20151229/us-east-1/s3/aws4_request"},
        {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
        {"X-Amz-Date", "20151229T000000Z"},
        {"x-amz-meta-tag", ""},
        {"Policy", "…"},
        {"X-Amz-Signature", "…"}};
    EXPECT_EQ(Checked(conditions, fields), "ok");
    for (size_t i = 0; i < 10; ++i) {
        std::vector<FormField> other = fields;
        other[i].value = "other";
        // The tag may be anything, and may be missing.
        const std::string expected = fields[i].name == "x-amz-meta-tag" ? "ok" : "AccessDenied";
        EXPECT_TRUE(Checked(conditions, other).starts_with(expected)) << i;
        other.erase(other.begin() + static_cast<long>(i));
        EXPECT_TRUE(Checked(conditions, other).starts_with(expected)) << i;
    }
}

// As `openssl base64` and Ruby print it.
TEST(PostPolicy, MayBeBrokenIntoLines) {
    std::string encoded = WithConditions("{'bucket':'b'}");
    encoded.insert(encoded.size() / 2, "\r\n");
    encoded.insert(4, "\n");
    EXPECT_EQ(Refusal(encoded + "\n"), "accepted");
    EXPECT_NE(Refusal(encoded.insert(8, " ")), "accepted");
}

TEST(PostPolicy, IgnoresCaseInNamesOnly) {
    EXPECT_EQ(Checked("{'bUcKeT':'b'},['StArTs-WiTh','$KeY','foo'],['EQ','$ACL','x']",
                      {{"kEy", "foo.txt"}, {"Acl", "x"}}),
              "ok");
    EXPECT_EQ(Checked("{'bucket':'b'},['starts-with','$key','Foo']", {{"key", "foo.txt"}}),
              "AccessDenied: Invalid according to Policy: Policy Condition failed: "
              "[\"starts-with\", \"$key\", \"Foo\"]");
}

TEST(PostPolicy, DeniesInTheWordsOfS3) {
    const std::string denied = "AccessDenied: Invalid according to Policy: ";
    const std::string key = "{'bucket':'b'},{'key':'k'}";
    EXPECT_EQ(Checked(key, {{"key", "k"}}), "ok");
    EXPECT_EQ(Checked(key, {{"key", "k"}}, kNow + std::chrono::seconds(1)),
              denied + "Policy expired.");
    EXPECT_EQ(Checked(key, {{"key", "k2"}}),
              denied + "Policy Condition failed: [\"eq\", \"$key\", \"k\"]");
    EXPECT_EQ(Checked(key, {}), denied + "Policy Condition failed: [\"eq\", \"$key\", \"k\"]");
    EXPECT_EQ(Checked(key, {{"key", "k"}, {"X-Amz-Meta-A", "1"}}),
              denied + "Extra input fields: x-amz-meta-a");
    EXPECT_EQ(Checked("{'key':'k'}", {{"key", "k"}}), denied + "Extra input fields: bucket");
    EXPECT_EQ(Checked("{'bucket':'other'}", {}),
              denied + "Policy Condition failed: [\"eq\", \"$bucket\", \"other\"]");
    EXPECT_EQ(Checked("{'bucket':'b'},['starts-with','$x-amz-meta-a','b']", {}),
              denied + "Policy Condition failed: [\"starts-with\", \"$x-amz-meta-a\", \"b\"]");
    EXPECT_EQ(Checked("{'bucket':'b'},['starts-with','$x-amz-meta-a','']", {}), "ok");
    // The bucket is the request's; a field that says another does not help.
    EXPECT_EQ(Checked("{'bucket':'c'}", {{"bucket", "c"}}),
              denied + "Policy Condition failed: [\"eq\", \"$bucket\", \"c\"]");
    EXPECT_EQ(Checked(key, {{"key", "k"}, {"KEY", "other"}}),
              denied + "Policy Condition failed: [\"eq\", \"$key\", \"k\"]");
}

TEST(PostPolicy, LetsSomeFieldsGoWithoutACondition) {
    EXPECT_EQ(Checked("{'bucket':'b'}", {{"AWSAccessKeyId", "x"},
                                         {"signature", "x"},
                                         {"X-Amz-Signature", "x"},
                                         {"policy", "x"},
                                         {"file", "x"},
                                         {"x-ignore-this", "x"}}),
              "ok");
}

TEST(PostPolicy, ComparesEachOfSeveralTypes) {
    const std::string images = "{'bucket':'b'},['starts-with','$Content-Type','image/']";
    EXPECT_EQ(Checked(images, {{"content-type", "image/png, image/jpeg"}}), "ok");
    EXPECT_NE(Checked(images, {{"content-type", "image/png,text/html"}}), "ok");
}

TEST(PostPolicy, LimitsTheSize) {
    const auto policy = PostPolicy::Parse(
        WithConditions("['content-length-range',10,'20'],['Content-Length-Range',0,15]"));
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy.value().min_bytes(), 10u);
    EXPECT_EQ(policy.value().max_bytes(), 15u);
    EXPECT_TRUE(policy.value().CheckSize(10));
    EXPECT_TRUE(policy.value().CheckSize(15));
    EXPECT_EQ(policy.value().CheckSize(9).error().code(), "EntityTooSmall");
    EXPECT_EQ(policy.value().CheckSize(16).error().code(), "EntityTooLarge");
    EXPECT_TRUE(PostPolicy::Parse(WithConditions("")).value().CheckSize(UINT64_MAX));
}

TEST(PostPolicy, RefusesWhatIsNone) {
    const std::string invalid = "InvalidPolicyDocument: Invalid Policy: ";
    const struct {
        std::string document;
        std::string message;
    } kCases[] = {
        {"?", "invalid Base64 encoding."},
        {"", "Expecting '{' but found End-of-Input"},
        {Encoded("{"), "Invalid JSON."},
        {Encoded("[]"), "Invalid JSON."},
        {Encoded("{'expiration':'x','expiration':'y','conditions':[]}"), "Invalid JSON."},
        {Encoded("{'conditions':[]}"), "Policy missing expiration."},
        {Encoded("{'EXPIRATION':'2026-01-01T00:00:00Z','conditions':[]}"),
         "Policy missing expiration."},
        {Encoded("{'expiration':'2026-01-01T00:00:00Z'}"), "Policy missing conditions."},
        {Encoded("{'expiration':'2026-01-01T00:00:00Z','CONDITIONS':[]}"),
         "Policy missing conditions."},
        {Encoded("{'expiration':'2026-01-01 00:00:00','conditions':[]}"),
         "Invalid 'expiration' value: '2026-01-01 00:00:00'"},
        {Encoded("{'expiration':1,'conditions':[]}"), "Invalid JSON."},
        {Encoded("{'expiration':'2026-01-01T00:00:00Z','conditions':{}}"),
         "Invalid 'conditions' value: must be a List."},
        {Encoded("{'expiration':'2026-01-01T00:00:00Z','conditions':[],'x':1}"),
         "Unexpected: \"x\""},
        {WithConditions("1"), "Invalid condition test: must be a List or Object."},
        {WithConditions("{}"),
         "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."},
        {WithConditions("{'a':'b','c':'d'}"),
         "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."},
        {WithConditions("{'a':1}"), "Invalid Simple-Condition: value must be a string."},
        {WithConditions("[]"), "Invalid Condition: missing operation identifier."},
        {WithConditions("[1]"), "Invalid Condition: missing operation identifier."},
        {WithConditions("['ends-with','$key','x']"),
         "Invalid Condition: unknown operation 'ends-with'."},
        {WithConditions("['eq','$key']"), "Invalid eq: wrong number of arguments."},
        {WithConditions("['eq','key','x']"), "Invalid eq: expecting a $field and a string."},
        {WithConditions("['starts-with','$','x']"),
         "Invalid starts-with: expecting a $field and a string."},
        {WithConditions("['content-length-range',0]"),
         "Invalid content-length-range: wrong number of arguments."},
        {WithConditions("['content-length-range',-1,0]"),
         "Invalid content-length-range: expecting two sizes."},
        {WithConditions("['content-length-range',0,'1k']"),
         "Invalid content-length-range: expecting two sizes."},
    };
    for (const auto& [document, message] : kCases)
        EXPECT_EQ(Refusal(document), invalid + message);
}

TEST(PostPolicy, PutsInTheFilesName) {
    EXPECT_EQ(PutInFileName("user/${filename}", "a.png"), "user/a.png");
    EXPECT_EQ(PutInFileName("${filename}${filename}", "C:\\x\\a"), "aa");
    EXPECT_EQ(PutInFileName("${filename}", "/etc/${filename}"), "${filename}");
    EXPECT_EQ(PutInFileName("${file}", "a"), "${file}");
}

}  // namespace
}  // namespace coffer::codec
