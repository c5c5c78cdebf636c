#include "coffer/codec/policy/policy.h"

#include <gtest/gtest.h>

#include <string>

#include "coffer/codec/policy/actions.h"
#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

// A bucket policy of one statement for everybody on all of bucket b; `more` are its other elements.
std::string Everybody(const std::string& more) {
    return "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':'*'," + more + "}]}";
}

std::string GetFrom(const std::string& resource) {
    return Everybody("'Action':'s3:GetObject','Resource':'" + resource + "'");
}

TEST(Policy, AllowsAndDeniesWhatItNames) {
    const Policy policy = BucketPolicy(R"({
        'Version': '2012-10-17', 'Id': 'x', 'Statement': [
        {'Sid': 'read it', 'Effect': 'Allow', 'Principal': {'AWS': '*'},
         'Action': ['s3:GetObject', 's3:ListBucket'],
         'Resource': ['arn:aws:s3:::b', 'arn:aws:s3:::b/*']},
        {'Effect': 'Deny', 'Principal': '*', 'Action': 's3:*',
         'Resource': 'arn:aws:s3:::b/secret/*'}]})");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "b/x"), "allow");
    EXPECT_EQ(Ask(policy, Anonymous(), "S3:getobject", "b/x"), "allow");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:ListBucket", "b"), "allow");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:PutObject", "b/x"), "none");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "b/secret/x"), "deny");
    EXPECT_EQ(Ask(policy, Root("1"), "s3:PutObject", "b/secret/x"), "deny");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "b2/x"), "none");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "B/x"), "none");
}

TEST(Policy, TurnsActionsAndResourcesAround) {
    const Policy policy = IdentityPolicy(R"({'Version': '2012-10-17', 'Statement':
        {'Effect': 'Allow', 'NotAction': ['s3:Delete*', 'iam:*'],
         'NotResource': ['arn:aws:s3:::b/secret/*']}})");
    const Principal alice = User("1", "alice");
    EXPECT_EQ(Ask(policy, alice, "s3:GetObject", "b/x"), "allow");
    EXPECT_EQ(Ask(policy, alice, "s3:DeleteObject", "b/x"), "none");
    EXPECT_EQ(Ask(policy, alice, "s3:GetObject", "b/secret/x"), "none");
    EXPECT_EQ(Ask(policy, alice, "iam:CreateUser", "b/x"), "none");
}

TEST(Policy, GivesUsersTheirOwnFolder) {
    // Source: the IAM User Guide, "Variables and tags".
    const Policy policy = IdentityPolicy(R"({'Version': '2012-10-17', 'Statement': [
        {'Action': ['s3:ListBucket'], 'Effect': 'Allow', 'Resource': ['arn:aws:s3:::b'],
         'Condition': {'StringLike': {'s3:prefix': ['${aws:username}/*']}}},
        {'Action': ['s3:GetObject', 's3:PutObject'], 'Effect': 'Allow',
         'Resource': ['arn:aws:s3:::b/${aws:username}/*']}]})");
    const Principal alice = User("1", "alice");
    EXPECT_EQ(Ask(policy, alice, "s3:GetObject", "b/alice/x"), "allow");
    EXPECT_EQ(Ask(policy, alice, "s3:GetObject", "b/bob/x"), "none");
    EXPECT_EQ(Ask(policy, alice, "s3:ListBucket", "b", {{"s3:prefix", {"alice/2026"}}}), "allow");
    EXPECT_EQ(Ask(policy, alice, "s3:ListBucket", "b", {{"s3:prefix", {"bob/"}}}), "none");
    EXPECT_EQ(Ask(policy, alice, "s3:ListBucket", "b"), "none");
    // A name that looks like a pattern is a name.
    EXPECT_EQ(Ask(policy, User("1", "*"), "s3:GetObject", "b/bob/x"), "none");
    // Root has no user name.
    EXPECT_EQ(Ask(policy, Root("1"), "s3:GetObject", "b//x"), "none");
}

TEST(Policy, OfTheOldVersionHasNoVariables) {
    for (const std::string version : {"'Version': '2008-10-17', ", ""}) {
        const Policy policy =
            IdentityPolicy("{" + version +
                           "'Statement': {'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': "
                           "'arn:aws:s3:::b/${aws:username}'}}");
        EXPECT_EQ(Ask(policy, User("1", "alice"), "s3:GetObject", "b/alice"), "none");
        EXPECT_EQ(Ask(policy, User("1", "alice"), "s3:GetObject", "b/${aws:username}"), "allow");
    }
}

TEST(Policy, WithAnUnknownVariableAllowsNothingMore) {
    const auto with = [](const std::string& effect, const std::string& resource) {
        return IdentityPolicy("{'Version': '2012-10-17', 'Statement': {'Effect': '" + effect +
                              "', 'Action': 's3:*', '" + resource +
                              "': 'arn:aws:s3:::b/${aws:Referer}/*'}}");
    };
    const Principal alice = User("1", "alice");
    EXPECT_EQ(Ask(with("Allow", "Resource"), alice, "s3:GetObject", "b/x/y"), "none");
    EXPECT_EQ(Ask(with("Deny", "Resource"), alice, "s3:GetObject", "b/x/y"), "none");
    EXPECT_EQ(Ask(with("Allow", "NotResource"), alice, "s3:GetObject", "b/x/y"), "none");
    EXPECT_EQ(Ask(with("Deny", "NotResource"), alice, "s3:GetObject", "b/x/y"), "deny");
}

TEST(Policy, DemandsEncryption) {
    // Source: the Amazon S3 User Guide, "Bucket policy examples": both headers' absence and another
    // value are refused.
    const Policy policy = BucketPolicy(R"({'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Deny', 'Principal': '*', 'Action': 's3:PutObject',
         'Resource': 'arn:aws:s3:::b/*',
         'Condition': {'StringNotEquals': {'s3:x-amz-server-side-encryption': 'aws:kms'}}},
        {'Effect': 'Deny', 'Principal': '*', 'Action': 's3:*', 'Resource':
         ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'],
         'Condition': {'Bool': {'aws:SecureTransport': 'false'}}}]})");
    const std::string header = "s3:x-amz-server-side-encryption";
    const std::string tls = "aws:securetransport";
    const auto put = [&](const FixedValues::Map& values) {
        return Ask(policy, Root("1"), "s3:PutObject", "b/x", values);
    };
    EXPECT_EQ(put({{tls, {"true"}}, {header, {"aws:kms"}}}), "none");
    EXPECT_EQ(put({{tls, {"true"}}, {header, {"AES256"}}}), "deny");
    EXPECT_EQ(put({{tls, {"true"}}}), "deny");
    EXPECT_EQ(put({{tls, {"false"}}, {header, {"aws:kms"}}}), "deny");
}

TEST(Policy, HoldsOnlyWithAllItsConditions) {
    const Policy policy = BucketPolicy(Everybody(
        R"('Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::b/*', 'Condition': {
           'IpAddress': {'aws:SourceIp': '203.0.113.0/24'},
           'NotIpAddress': {'aws:SourceIp': '203.0.113.9'},
           'StringLike': {'aws:Referer': 'http://example.com/*', 'aws:UserAgent': 'x'}})"));
    FixedValues::Map values = {{"aws:sourceip", {"203.0.113.7"}},
                               {"aws:referer", {"http://example.com/a"}},
                               {"aws:useragent", {"x"}}};
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "b/x", values), "allow");
    for (const auto& [key, value] : FixedValues::Map{{"aws:sourceip", {"203.0.113.9"}},
                                                     {"aws:referer", {"http://example.org/"}},
                                                     {"aws:useragent", {"y"}}}) {
        FixedValues::Map other = values;
        other[key] = value;
        EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "b/x", other), "none") << key;
    }
}

TEST(Policy, AsksForAValueOnceAndOnlyIfItMatters) {
    const Policy policy = BucketPolicy(R"({'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Deny', 'Principal': '*', 'Action': 's3:GetObject',
         'Resource': 'arn:aws:s3:::b/*',
         'Condition': {'StringEquals': {'s3:ExistingObjectTag/class': 'secret'}}},
        {'Effect': 'Allow', 'Principal': '*', 'Action': 's3:GetObject',
         'Resource': 'arn:aws:s3:::b/*',
         'Condition': {'StringEquals': {'s3:ExistingObjectTag/class': 'public'}}},
        {'Effect': 'Allow', 'Principal': '*', 'Action': 's3:PutObject',
         'Resource': 'arn:aws:s3:::b/${aws:Referer}'}]})");
    FixedValues source(FixedValues::Map{{"s3:existingobjecttag/class", {"public"}}});
    const Principal who = Anonymous();
    Request get(who, "s3:GetObject", "arn:aws:s3:::b/x", source);
    EXPECT_EQ(policy.Evaluate(get), Decision::kAllow);
    EXPECT_EQ(source.asked(), (std::map<std::string, int>{{"s3:existingobjecttag/class", 1}}));

    EXPECT_TRUE(policy.Asks(KeyId::kExistingObjectTag));
    EXPECT_TRUE(policy.Asks(KeyId::kReferer));
    EXPECT_FALSE(policy.Asks(KeyId::kSourceIp));
    FixedValues unasked;
    Request other(who, "s3:DeleteObject", "arn:aws:s3:::b/x", unasked);
    EXPECT_EQ(policy.Evaluate(other), Decision::kNone);
    EXPECT_TRUE(unasked.asked().empty());
}

TEST(Policy, KnowsPrincipalsInEveryForm) {
    const auto says = [](const std::string& principal, const Principal& who) {
        return Ask(BucketPolicy("{'Statement':{'Effect':'Allow','Principal':" + principal +
                                ",'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*'}}"),
                   who, "s3:GetObject", "b/x");
    };
    const Principal alice = User("111122223333", "alice");
    for (const std::string all : {"'*'", "{'AWS':'*'}", "{'AWS':['1','*']}"}) {
        EXPECT_EQ(says(all, Anonymous()), "allow");
        EXPECT_EQ(says(all, alice), "allow");
    }
    EXPECT_EQ(says("{'AWS':'arn:aws:iam::111122223333:user/alice'}", alice), "allow");
    EXPECT_EQ(says("{'AWS':'arn:aws:iam::111122223333:user/Alice'}", alice), "none");
    EXPECT_EQ(says("{'AWS':['arn:aws:iam::1:root','arn:aws:iam::111122223333:user/alice']}", alice),
              "allow");
    for (const std::string account :
         {"{'AWS':'111122223333'}", "{'AWS':'arn:aws:iam::111122223333:root'}",
          "{'CanonicalUser':'canonical-111122223333'}"}) {
        EXPECT_EQ(says(account, alice), "allow to account") << account;
        EXPECT_EQ(says(account, Root("111122223333")), "allow") << account;
        EXPECT_EQ(says(account, Root("1")), "none") << account;
        EXPECT_EQ(says(account, Anonymous()), "none") << account;
    }
    EXPECT_EQ(says("{'Service':'logging.s3.amazonaws.com'}", alice), "none");
    EXPECT_EQ(says("{'Federated':'accounts.example.com'}", Anonymous()), "none");

    Principal session = User("1", "");
    session.kind = Principal::Kind::kSession;
    session.arn = "arn:aws:sts::1:assumed-role/reader/today";
    session.issuer_arn = "arn:aws:iam::1:role/reader";
    EXPECT_EQ(says("{'AWS':'arn:aws:sts::1:assumed-role/reader/today'}", session), "allow");
    EXPECT_EQ(says("{'AWS':'arn:aws:iam::1:role/reader'}", session), "allow");
    EXPECT_EQ(says("{'AWS':'arn:aws:iam::1:role/writer'}", session), "none");
}

TEST(Policy, DeniesAllButThoseThatItExcepts) {
    const Policy policy = BucketPolicy(R"({'Statement': {'Effect': 'Deny', 'NotPrincipal':
        {'AWS': ['arn:aws:iam::1:user/alice', '2']}, 'Action': 's3:*',
        'Resource': 'arn:aws:s3:::b/*'}})");
    EXPECT_EQ(Ask(policy, User("1", "alice"), "s3:GetObject", "b/x"), "none");
    EXPECT_EQ(Ask(policy, User("1", "bob"), "s3:GetObject", "b/x"), "deny");
    EXPECT_EQ(Ask(policy, Root("2"), "s3:GetObject", "b/x"), "none");
    // The account is excepted, its users are not.
    EXPECT_EQ(Ask(policy, User("2", "carol"), "s3:GetObject", "b/x"), "deny");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "b/x"), "deny");
}

TEST(Policy, DeniesAnAccountWithItsUsers) {
    const Policy policy = BucketPolicy(R"({'Statement': {'Effect': 'Deny', 'Principal':
        {'AWS': '1'}, 'Action': 's3:*', 'Resource': 'arn:aws:s3:::b/*'}})");
    EXPECT_EQ(Ask(policy, User("1", "bob"), "s3:GetObject", "b/x"), "deny");
    EXPECT_EQ(Ask(policy, User("2", "bob"), "s3:GetObject", "b/x"), "none");
}

TEST(Policy, TellsOfItsPrincipal) {
    const auto allows = [](const std::string& condition, const Principal& who) {
        return Ask(BucketPolicy(Everybody("'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*',"
                                          "'Condition':{" +
                                          condition + "}")),
                   who, "s3:GetObject", "b/x") == "allow";
    };
    const Principal alice = User("1", "alice");
    EXPECT_TRUE(allows("'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::1:user/*'}", alice));
    EXPECT_FALSE(allows("'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::1:user/*'}", Anonymous()));
    EXPECT_TRUE(allows("'StringEquals':{'aws:PrincipalAccount':'1'}", Root("1")));
    EXPECT_TRUE(allows("'StringEquals':{'aws:userid':'ID-alice'}", alice));
    EXPECT_TRUE(allows("'StringEquals':{'aws:PrincipalType':'User'}", alice));
    EXPECT_TRUE(allows("'StringEquals':{'aws:PrincipalType':'Account'}", Root("1")));
    EXPECT_TRUE(allows("'StringEquals':{'aws:PrincipalType':'Anonymous'}", Anonymous()));
    EXPECT_TRUE(allows("'Null':{'aws:username':'true'}", Anonymous()));
}

TEST(Policy, TakesWhatMcSetsForAnonymousAccess) {
    const Policy policy = BucketPolicy(R"({'Version':'2012-10-17','Statement':[
        {'Action':['s3:GetBucketLocation','s3:ListBucketMultipartUploads'],'Effect':'Allow',
         'Principal':{'AWS':['*']},'Resource':['arn:aws:s3:::b'],'Sid':''},
        {'Action':['s3:ListBucket'],'Condition':{'StringEquals':{'s3:prefix':['pub']}},
         'Effect':'Allow','Principal':{'AWS':['*']},'Resource':['arn:aws:s3:::b'],'Sid':''},
        {'Action':['s3:AbortMultipartUpload','s3:DeleteObject','s3:GetObject',
         's3:ListMultipartUploadParts','s3:PutObject'],'Effect':'Allow','Principal':{'AWS':['*']},
         'Resource':['arn:aws:s3:::b/pub*'],'Sid':''}]})");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:GetObject", "b/public"), "allow");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:ListBucket", "b", {{"s3:prefix", {"pub"}}}), "allow");
    EXPECT_EQ(Ask(policy, Anonymous(), "s3:ListBucket", "b", {{"s3:prefix", {""}}}), "none");
}

TEST(Policy, TakesWhatMinioHasForUsers) {
    const Policy admin = IdentityPolicy(R"({'Version':'2012-10-17','Statement':[
        {'Effect':'Allow','Action':['admin:*']},{'Effect':'Allow','Action':['kms:*']},
        {'Effect':'Allow','Action':['s3:*'],'Resource':['arn:aws:s3:::*']}]})");
    EXPECT_EQ(Ask(admin, User("1", "a"), "admin:CreateUser", ""), "allow");
    EXPECT_EQ(Ask(admin, User("1", "a"), "s3:ListBucket", "b"), "allow");
    EXPECT_EQ(Ask(admin, User("1", "a"), "iam:CreateUser", ""), "none");
}

TEST(Policy, PassesOverBucketsWhereItNamesActionsOnTheServer) {
    const auto says = [](const std::string& statement, std::string_view action,
                         const std::string& resource = "*") {
        const Policy policy =
            IdentityPolicy("{'Version':'2012-10-17','Statement':{" + statement + "}}");
        FixedValues source;
        const Principal who = User("1", "a");
        Request request(who, action, resource, source);
        return Name(policy.Evaluate(request));
    };
    const std::string allow = "'Effect':'Allow','Action':";
    const std::string deny = "'Effect':'Deny','Action':";
    const std::string photos = ",'Resource':'arn:aws:s3:::photos/*'";
    EXPECT_EQ(says(allow + "'admin:*'" + photos, "admin:CreateUser"), "allow");
    EXPECT_EQ(says(deny + "'admin:CreateUser'" + photos, "admin:CreateUser"), "deny");
    EXPECT_EQ(says(deny + "'admin:CreateUser'" + photos, "admin:DeleteUser"), "none");
    EXPECT_EQ(says(deny + "['s3:*','kms:*']" + photos, "kms:CreateKey"), "deny");
    EXPECT_EQ(says(deny + "'sts:AssumeRole'" + photos, "sts:AssumeRole"), "deny");
    // What is not named with its vendor is on the buckets.
    EXPECT_EQ(says(allow + "'*'" + photos, "admin:CreateUser"), "none");
    EXPECT_EQ(says(deny + "'*'" + photos, "admin:CreateUser"), "none");
    EXPECT_EQ(says(allow + "['*','sts:*']" + photos, "admin:CreateUser"), "none");
    EXPECT_EQ(says("'Effect':'Allow','NotAction':'admin:DeleteUser'" + photos, "admin:CreateUser"),
              "none");
    // Nor are others passed over: other resources, other actions.
    const std::string user = ",'Resource':'arn:aws:iam::1:user/a'";
    EXPECT_EQ(says(allow + "'sts:*'" + user, "sts:AssumeRole", "arn:aws:iam::1:user/a"), "allow");
    EXPECT_EQ(says(allow + "'sts:*'" + user, "sts:AssumeRole", "arn:aws:iam::1:user/b"), "none");
    EXPECT_EQ(says(allow + "'iam:*'" + photos, "iam:CreateUser"), "none");
    EXPECT_EQ(says(allow + "['admin:*','s3:*']" + photos, "s3:GetObject", "arn:aws:s3:::b/x"),
              "none");
    // All but some buckets is no less than all.
    const std::string others = ",'NotResource':'arn:aws:s3:::photos/*'";
    EXPECT_EQ(says(allow + "'admin:*'" + others, "admin:CreateUser"), "allow");
    EXPECT_EQ(says(deny + "'admin:*'" + others, "admin:CreateUser"), "deny");
}

TEST(Policy, TakesWideResourcesThatHoldTheBucket) {
    for (const std::string resource : {"*", "arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:aws:s3:::b*",
                                       "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::?/x"})
        EXPECT_TRUE(Policy::ParseForBucket(Json(GetFrom(resource)), "b")) << resource;
}

// --- bad input ---

std::string RefusalForBucket(const std::string& document) {
    const auto policy = Policy::ParseForBucket(Json(document), "b");
    if (policy) return "accepted";
    EXPECT_EQ(policy.error().code(), "MalformedPolicy");
    EXPECT_EQ(policy.error().kind(), ErrorKind::kInvalid);
    return policy.error().message();
}

TEST(Policy, OfABucketIsRefusedInTheWordsOfS3) {
    const std::string allow = "'Effect':'Allow','Principal':'*',";
    const std::string get = "'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*'";
    const auto statement = [](const std::string& elements) {
        return "{'Version':'2012-10-17','Statement':[{" + elements + "}]}";
    };
    const struct {
        std::string document;
        std::string message;
    } kCases[] = {
        {"", "Policies must be valid JSON and the first byte must be '{'"},
        {" {}", "Policies must be valid JSON and the first byte must be '{'"},
        {"[]", "Policies must be valid JSON and the first byte must be '{'"},
        {"\xef\xbb\xbf{}", "Policies must be valid JSON and the first byte must be '{'"},
        {"{", "This policy contains invalid Json"},
        {"{'Statement':[],}", "This policy contains invalid Json"},
        {"{'Statement':[],'Statement':[]}", "This policy contains invalid Json"},
        {statement(allow + get + ",'Effect':'Deny'"), "This policy contains invalid Json"},
        {"{}", "Missing required field Statement"},
        {"{'Version':'2012-10-17'}", "Missing required field Statement"},
        {"{'Version':'2012-10-18','Statement':[]}",
         "The policy must contain a valid version string"},
        {"{'Version':20121017,'Statement':[]}", "The policy must contain a valid version string"},
        {"{'Statement':[]}", "Could not parse the policy: Statement is empty!"},
        {"{'Statement':'x'}", "Invalid policy syntax."},
        {"{'Statement':[1]}", "Invalid policy syntax."},
        {"{'Id':1,'Statement':[]}", "Invalid policy syntax."},
        {"{'Statements':[]}", "Unknown field Statements"},
        {statement(allow + get + ",'Resources':'*'"), "Unknown field Resources"},
        {statement("'effect':'Allow'"), "Unknown field effect"},
        {statement("'Principal':'*'," + get), "Missing required field Effect"},
        {statement("'Effect':'allow','Principal':'*'," + get), "Invalid effect: allow"},
        {statement("'Effect':true,'Principal':'*'," + get), "Invalid policy syntax."},
        {statement("'Sid':1," + allow + get), "Invalid policy syntax."},
        {statement("'Effect':'Allow'," + get), "Missing required field Principal"},
        {statement("'Effect':'Allow','NotPrincipal':'*'," + get),
         "Allow with NotPrincipal is not allowed."},
        {statement("'Effect':'Deny','Principal':'*','NotPrincipal':'*'," + get),
         "Invalid policy syntax."},
        {statement(allow + "'Resource':'arn:aws:s3:::b'"), "Missing required field Action"},
        {statement(allow + "'Action':'s3:GetObject'"), "Missing required field Resource"},
        {statement(allow + get + ",'NotAction':'s3:PutObject'"), "Invalid policy syntax."},
        {statement(allow + get + ",'NotResource':'arn:aws:s3:::b/x'"), "Invalid policy syntax."},
        {statement(allow + get + ",'Condition':[]"), "Invalid policy syntax."},
        {statement(allow + get + ",'Condition':{'StringEquals':'x'}"), "Invalid policy syntax."},
    };
    for (const auto& [document, message] : kCases)
        EXPECT_EQ(RefusalForBucket(document), message) << document;
}

TEST(Policy, OfABucketRefusesWhatMeansNothing) {
    for (const std::string principal : {"'1'",
                                        "''",
                                        "[]",
                                        "['*']",
                                        "{}",
                                        "{'AWS':[]}",
                                        "{'AWS':''}",
                                        "{'AWS':'a*'}",
                                        "{'AWS':'arn:aws:iam::1:user/*'}",
                                        "{'AWS':'arn:aws:iam::1:user/'}",
                                        "{'AWS':'arn:aws:iam::1:group/x'}",
                                        "{'AWS':'arn:aws:s3:::b'}",
                                        "{'AWS':'arn:aws:iam::1'}",
                                        "{'AWS':1}",
                                        "{'AWS':[1]}",
                                        "{'aws':'*'}",
                                        "{'Other':'x'}",
                                        "{'Service':'*'}",
                                        "{'CanonicalUser':''}",
                                        "{'AWS':'arn:aws:iam:::root'}"}) {
        EXPECT_EQ(RefusalForBucket("{'Statement':{'Effect':'Deny','Principal':" + principal +
                                   ",'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*'}}"),
                  "Invalid principal in policy")
            << principal;
    }
    for (const std::string action :
         {"''", "'GetObject'", "'s3:'", "':GetObject'", "'s3:GetObjct'", "'s3:Get:Object'",
          "'iam:CreateUser'", "'s3*'", "[]", "1", "['s3:GetObject',1]", "'admin:*'", "'s3:x*'"}) {
        EXPECT_EQ(
            RefusalForBucket(Everybody("'Action':" + action + ",'Resource':'arn:aws:s3:::b/*'")),
            "Policy has invalid action")
            << action;
    }
    for (const std::string resource :
         {"", "b", "b/*", "arn:aws:s3:::", "arn:aws:s3:::c/*", "arn:aws:s3:::bb/*",
          "arn:aws:s3:::b2", "arn:aws:s3:::/b", "arn:aws:s3:::B/*", "arn:aws:s3:::b/",
          "arn:aws:sqs:::b/*", "arn:aws:s3:::b/${nothing}", "arn:aws:s3:::b/${aws:username"}) {
        EXPECT_EQ(RefusalForBucket(GetFrom(resource)), "Policy has invalid resource") << resource;
    }
    for (const std::string resource : {"[]", "1", "['arn:aws:s3:::b/*',1]", "{}", "null"}) {
        EXPECT_EQ(RefusalForBucket(Everybody("'Action':'s3:GetObject','Resource':" + resource)),
                  "Policy has invalid resource")
            << resource;
    }
}

TEST(Policy, OfABucketRefusesConditionsThatMeanNothing) {
    const auto refusal = [](const std::string& condition) {
        return RefusalForBucket(
            Everybody("'Action':'s3:GetObject','Resource':'arn:aws:s3:::b/*',"
                      "'Condition':{" +
                      condition + "}"));
    };
    for (const std::string key :
         {"s3:nothing", "prefix", "", "s3:", "s3:ExistingObjectTag", "s3:ExistingObjectTag/",
          "s3:prefix/x", "ec2:Region", "sts:DurationSeconds"})
        EXPECT_EQ(refusal("'StringEquals':{'" + key + "':'x'}"),
                  "Policy has an invalid condition key")
            << key;
    EXPECT_EQ(refusal("'StringIs':{'aws:Referer':'x'}"), "Invalid Condition type : StringIs");
    EXPECT_EQ(refusal("'IpAddress':{'aws:SourceIp':'localhost'}"),
              "Invalid IP address in Conditions");
    EXPECT_EQ(refusal("'NumericEquals':{'aws:EpochTime':'x'}"),
              "Invalid value in Conditions: 'x' is not a number.");
    EXPECT_EQ(refusal("'StringEquals':{'s3:prefix':'x'}"),
              "Conditions do not apply to combination of actions and resources in statement");
    // A global key that nobody has values for is let be.
    EXPECT_EQ(refusal("'StringEquals':{'aws:NewFeature':'x'}"), "accepted");
    EXPECT_EQ(refusal("'StringEquals':{'S3:EXISTINGOBJECTTAG/a/b':'x'}"), "accepted");
}

TEST(Policy, OfABucketNamesActionsForItsResources) {
    const auto refusal = [](const std::string& actions, const std::string& resources,
                            const std::string& condition = "{}") {
        return RefusalForBucket(Everybody("'Action':" + actions + ",'Resource':" + resources +
                                          ",'Condition':" + condition));
    };
    const std::string bucket = "'arn:aws:s3:::b'";
    const std::string objects = "'arn:aws:s3:::b/*'";
    const std::string no_resource = "Action does not apply to any resource(s) in statement";
    EXPECT_EQ(refusal("'s3:GetObject'", bucket), no_resource);
    EXPECT_EQ(refusal("'s3:ListBucket'", objects), no_resource);
    EXPECT_EQ(refusal("['s3:GetObject','s3:ListBucket']", objects), no_resource);
    EXPECT_EQ(refusal("'s3:ListAllMyBuckets'", "'*'"), no_resource);
    EXPECT_EQ(refusal("'s3:List*'", objects), "accepted");  // ListMultipartUploadParts
    EXPECT_EQ(refusal("'s3:*'", bucket), "accepted");
    EXPECT_EQ(refusal("'*'", objects), "accepted");
    EXPECT_EQ(refusal("['s3:GetObject','s3:ListBucket']", "[" + bucket + "," + objects + "]"),
              "accepted");

    const std::string no_condition =
        "Conditions do not apply to combination of actions and resources in statement";
    const std::string prefix = "{'StringLike':{'s3:prefix':'a*'}}";
    EXPECT_EQ(refusal("'s3:ListBucket'", bucket, prefix), "accepted");
    EXPECT_EQ(refusal("'s3:*'", "[" + bucket + "," + objects + "]", prefix), "accepted");
    EXPECT_EQ(refusal("'s3:*'", objects, prefix), no_condition);
    EXPECT_EQ(refusal("['s3:ListBucket','s3:GetBucketLocation']", bucket, prefix), no_condition);
    EXPECT_EQ(refusal("'s3:PutObject'", objects, "{'StringEquals':{'s3:x-amz-acl':'private'}}"),
              "accepted");
}

TEST(Policy, IsNoLargerThanS3Takes) {
    const auto of_size = [](size_t size) {
        std::string document = Json(GetFrom("arn:aws:s3:::b/*"));
        const std::string id = Json("'Id':'");
        document.insert(1, id + std::string(size - document.size() - id.size() - 2, 'x') + "\",");
        EXPECT_EQ(document.size(), size);
        return document;
    };
    EXPECT_EQ(RefusalForBucket(of_size(kMaxPolicyBytes)), "accepted");
    EXPECT_EQ(RefusalForBucket(of_size(kMaxPolicyBytes + 1)),
              "Normalized policy document exceeds the maximum allowed size of 20480 bytes");
    // White space does not count.
    std::string spaced = of_size(kMaxPolicyBytes);
    spaced.insert(1, std::string(10'000, ' '));
    EXPECT_EQ(RefusalForBucket(spaced), "accepted");
    EXPECT_FALSE(Policy::ParseForIdentity("{\"Id\":\"" + std::string(30'000, 'x') + "\"}"));
}

TEST(Policy, OfAUserIsRefusedInTheWordsOfIam) {
    const auto refusal = [](const std::string& document) -> std::string {
        const auto policy = Policy::ParseForIdentity(Json(document));
        if (policy) return "accepted";
        EXPECT_EQ(policy.error().code(), "MalformedPolicyDocument");
        return policy.error().message();
    };
    const auto statement = [&](const std::string& elements) {
        return refusal("{'Version':'2012-10-17','Statement':[{'Effect':'Allow'," + elements +
                       "}]}");
    };
    const std::string syntax = "Syntax errors in policy.";
    const std::string no_actions = "Policy statement must contain actions.";
    const std::string no_resources = "Policy statement must contain resources.";
    for (const std::string document :
         {"", "[]", "{", "{}", "{'Version':'2010-10-17','Statement':[]}", "{'Statement':[]}",
          "{'Statement':[{}]}", "{'Statement':{'Effect':'Maybe'}}", "{'Other':1,'Statement':[]}"})
        EXPECT_EQ(refusal(document), syntax) << document;
    EXPECT_EQ(statement("'Resource':'*'"), no_actions);
    EXPECT_EQ(statement("'Action':[],'Resource':'*'"), no_actions);
    EXPECT_EQ(statement("'Action':'s3:*'"), no_resources);
    EXPECT_EQ(statement("'Action':['admin:*','s3:*']"), no_resources);
    EXPECT_EQ(statement("'NotAction':'admin:*'"), no_resources);
    EXPECT_EQ(statement("'Action':'*','Resource':[]"), no_resources);
    EXPECT_EQ(statement("'Action':'*','Resource':'*','Principal':'*'"),
              "Policy document should not specify a principal.");
    EXPECT_EQ(statement("'Action':'*','Resource':'*','NotPrincipal':'*'"),
              "Policy document should not specify a principal.");
    EXPECT_EQ(statement("'Action':'GetObject','Resource':'*'"),
              "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    EXPECT_EQ(statement("'Action':'s3:a:b','Resource':'*'"),
              "Actions/Condition can contain only one colon.");
    EXPECT_EQ(statement("'Action':'s3*:x','Resource':'*'"), "Vendor s3* is not valid");
    EXPECT_EQ(statement("'Action':'s3:GetObjct','Resource':'*'"),
              "unsupported action 's3:GetObjct'");
    EXPECT_EQ(statement("'Action':'admin:Nothing','Resource':'*'"),
              "unsupported action 'admin:Nothing'");
    EXPECT_EQ(statement("'Action':'*','Resource':'b/*'"),
              "Resource b/* must be in ARN format or \"*\".");
    EXPECT_EQ(statement("'Action':'*','Resource':'arn:aws:s3'"),
              "Resource arn:aws:s3 must be in ARN format or \"*\".");
    EXPECT_EQ(statement("'Action':'*','Resource':'*','Condition':{'Null':{'s3:x':'true'}}"),
              "invalid condition key 's3:x'");
    for (const std::string key :
         {"iam:PassedToService", "sts:ExternalId", "svc:Seconds", "admin:x", "KMS:ViaService"})
        EXPECT_EQ(
            statement("'Action':'*','Resource':'*','Condition':{'Null':{'" + key + "':'true'}}"),
            "invalid condition key '" + key + "'");
    EXPECT_EQ(statement("'Action':'*','Resource':'*','Condition':{'Nil':{'s3:prefix':'x'}}"),
              syntax);
    EXPECT_EQ(refusal("{'Statement':[{'Sid':'a','Effect':'Allow','Action':'*','Resource':'*'},"
                      "{'Sid':'a','Effect':'Deny','Action':'*','Resource':'*'}]}"),
              "Statement IDs (SID) in a single policy must be unique.");
    // What other services have is none of our business.
    EXPECT_EQ(statement("'Action':['ec2:Run*','iam:PassRole'],'Resource':'arn:aws:iam:::user/x',"
                        "'Condition':{'StringEquals':{'ec2:Region':'x'}}"),
              "accepted");
}

TEST(Policy, OfAUserThatIsKeptMayHaveKeysThatNoRequestHas) {
    const auto kept = Policy::ParseForIdentity(
        Json("{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'s3:GetObject',"
             "'Resource':'*'},{'Effect':'Allow','Action':'s3:PutObject','Resource':'*',"
             "'Condition':{'StringEquals':{'sts:ExternalId':'x'}}}]}"),
        Idle::kAllow);
    ASSERT_TRUE(kept);
    EXPECT_EQ(Ask(kept.value(), User("1", "a"), "s3:GetObject", "b/x"), "allow");
    EXPECT_EQ(Ask(kept.value(), User("1", "a"), "s3:PutObject", "b/x"), "none");
}

// --- public ---

bool IsPublic(const std::string& principal, const std::string& condition,
              const std::string& effect = "Allow") {
    return BucketPolicy("{'Version':'2012-10-17','Statement':{'Effect':'" + effect +
                        "','Principal':" + principal +
                        ",'Action':'s3:PutObject','Resource':'arn:aws:s3:::b/*','Condition':{" +
                        condition + "}}}")
        .is_public();
}

TEST(Policy, IsPublicForEverybody) {
    EXPECT_TRUE(IsPublic("'*'", ""));
    EXPECT_TRUE(IsPublic("{'AWS':'*'}", ""));
    EXPECT_FALSE(IsPublic("'*'", "", "Deny"));
    EXPECT_FALSE(IsPublic("{'AWS':'1'}", ""));
    EXPECT_FALSE(IsPublic("{'AWS':'arn:aws:iam::1:user/a'}", ""));
    EXPECT_FALSE(IsPublic("{'Service':'x'}", ""));
    EXPECT_FALSE(
        IdentityPolicy("{'Statement':{'Effect':'Allow','Action':'*','Resource':'*'}}").is_public());
}

TEST(Policy, IsNotPublicWithinFixedBounds) {
    for (const std::string condition :
         {"'IpAddress':{'aws:SourceIp':'10.0.0.0/32'}", "'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}",
          "'IpAddress':{'aws:SourceIp':['192.0.2.1','2001:db8::/32']}",
          "'StringEquals':{'aws:SourceVpc':'vpc-1'}", "'StringLike':{'aws:SourceVpc':'vpc-1'}",
          "'ArnEquals':{'aws:SourceArn':'arn:aws:s3:::x'}", "'StringEquals':{'aws:userid':'x'}",
          "'ForAnyValue:StringEquals':{'aws:PrincipalOrgID':['o-1','o-2']}",
          "'StringEquals':{'s3:x-amz-server-side-encryption-aws-kms-key-id':'k'}",
          "'ArnEquals':{'s3:x-amz-server-side-encryption-aws-kms-key-id':"
          "'arn:aws:kms:eu:1:key/k'}",
          "'ArnLike':{'s3:DataAccessPointArn':'arn:aws:s3:eu:1:accesspoint/*'}",
          "'StringLike':{'aws:Referer':'*'},'StringEquals':{'aws:PrincipalAccount':'1'}"})
        EXPECT_FALSE(IsPublic("'*'", condition)) << condition;
}

TEST(Policy, IsPublicWithinWideOrOtherBounds) {
    for (const std::string condition :
         {"'IpAddress':{'aws:SourceIp':'0.0.0.0/0'}", "'IpAddress':{'aws:SourceIp':'10.0.0.0/7'}",
          "'IpAddress':{'aws:SourceIp':['192.0.2.1','2001::/31']}",
          "'NotIpAddress':{'aws:SourceIp':'10.0.0.0/8'}",
          "'IpAddressIfExists':{'aws:SourceIp':'10.0.0.0/8'}",
          "'StringLike':{'aws:SourceVpc':'vpc-*'}", "'StringNotEquals':{'aws:SourceVpc':'vpc-1'}",
          "'StringEqualsIfExists':{'aws:SourceVpc':'vpc-1'}",
          "'ForAllValues:StringEquals':{'aws:PrincipalOrgID':'o-1'}",
          "'StringEquals':{'aws:SourceVpc':['vpc-1','${aws:Referer}']}",
          "'ArnLike':{'aws:SourceArn':'arn:aws:s3:::*'}", "'ArnLike':{'aws:SourceArn':'*'}",
          "'ArnLike':{'s3:DataAccessPointArn':'arn:aws:s3:eu:*:accesspoint/x'}",
          "'Null':{'aws:SourceVpc':'false'}", "'StringEquals':{'aws:Referer':'x'}",
          "'StringEquals':{'s3:x-amz-acl':'private'}"})
        EXPECT_TRUE(IsPublic("'*'", condition)) << condition;
}

TEST(Policy, KnowsEachActionOnce) {
    std::map<std::string, int> seen;
    for (const Action& action : KnownActions()) {
        EXPECT_EQ(++seen[std::string(action.name)], 1) << action.name;
        EXPECT_TRUE(Policy::ParseForIdentity(Json("{'Statement':{'Effect':'Allow','Action':'" +
                                                  std::string(action.name) + "','Resource':'*'}}")))
            << action.name;
    }
}

}  // namespace
}  // namespace coffer::codec::policy
