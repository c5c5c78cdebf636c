// What is taken for a policy, and in which words the rest is refused.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "coffer/codec/policy/actions.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

std::string GetFrom(const std::string& resource) {
    return Everybody("'Action':'s3:GetObject','Resource':'" + resource + "'");
}

std::string RefusalForBucket(const std::string& document) {
    const auto policy = Policy::ParseForBucket(Json(document), "b");
    if (policy) return "accepted";
    EXPECT_EQ(policy.error().code(), "MalformedPolicy");
    EXPECT_EQ(policy.error().kind(), ErrorKind::kInvalid);
    return policy.error().message();
}

TEST(Policy, TakesWideResourcesThatHoldTheBucket) {
    for (const std::string resource : {"*", "arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:aws:s3:::b*",
                                       "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::?/x"})
        EXPECT_TRUE(Policy::ParseForBucket(Json(GetFrom(resource)), "b")) << resource;
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
