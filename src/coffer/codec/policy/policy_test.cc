// What policies decide.
#include "coffer/codec/policy/policy.h"

#include <gtest/gtest.h>

#include <string>

#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

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

}  // namespace
}  // namespace coffer::codec::policy
