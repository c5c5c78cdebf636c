// Canned ACLs x who asks x operation, against a small model of what AWS's tables say.
#include "coffer/codec/policy/acl_decision.h"

#include <gtest/gtest.h>

#include <set>

#include "coffer/codec/policy/decide.h"
#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

// The bucket is account 1's.
constexpr std::string_view kCannedNames[] = {
    "private",       "public-read",       "public-read-write",         "authenticated-read",
    "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"};

struct Asker {
    std::string_view name;
    Principal principal;
};

std::vector<Asker> Askers() {
    return {{"anonymous", Anonymous()},
            {"bucket owner", Root("1")},
            {"writer", Root("2")},
            {"stranger", Root("3")},
            {"user", User("1", "u")}};
}

bool Decides(const Principal& who, std::string_view action, const Acl& acl,
             const std::string& owner, bool ignore_public = false) {
    const AclRule rule = AclRuleOf(action);
    const Decision says =
        rule.permission ? EvaluateAcl(acl, who, *rule.permission, ignore_public) : Decision::kNone;
    FixedValues none;
    Request request(who, action, "arn:aws:s3:::b/x", none);
    return Decide(request, {.account = owner, .acl = says, .others_object = owner != "1"}) ==
           Verdict::kAllowed;
}

// Who of the askers may, besides the root of the owner's account.
std::set<std::string> Expected(std::string_view canned, std::string_view action, bool of_writer) {
    std::set<std::string> who = {of_writer ? "writer" : "bucket owner"};
    const bool reads = action == "s3:GetObject" || action == "s3:ListBucket";
    const bool bucket_writes = action == "s3:PutObject";
    const bool everybody = (reads && canned.starts_with("public-")) ||
                           (bucket_writes && canned == "public-read-write");
    const bool known = everybody || (reads && canned == "authenticated-read");
    if (everybody) who.insert("anonymous");
    if (known) who.insert({"bucket owner", "writer", "stranger"});
    // In another account than the user's own the user would have to be allowed, too.
    if (known && !of_writer) who.insert("user");
    if (of_writer && action == "s3:GetObject" && canned.starts_with("bucket-owner"))
        who.insert("bucket owner");
    const bool list_of_object = action == "s3:GetObjectAcl" || action == "s3:PutObjectAcl";
    if (of_writer && list_of_object && canned == "bucket-owner-full-control")
        who.insert("bucket owner");
    return who;
}

std::set<std::string> Allowed(std::string_view canned, std::string_view action, bool of_writer) {
    const std::string owner = of_writer ? "2" : "1";
    const Acl acl{owner, CannedGrants(*ParseCannedAcl(canned), owner, "1")};
    std::set<std::string> who;
    for (const Asker& asker : Askers())
        if (Decides(asker.principal, action, acl, owner)) who.emplace(asker.name);
    return who;
}

TEST(AclDecision, CannedListsOfObjectsLetInWhomTheySay) {
    for (const std::string_view canned : kCannedNames)
        for (const std::string_view action :
             {"s3:GetObject", "s3:GetObjectAcl", "s3:PutObjectAcl", "s3:GetObjectTagging"})
            for (const bool of_writer : {false, true})
                EXPECT_EQ(Allowed(canned, action, of_writer), Expected(canned, action, of_writer))
                    << canned << " " << action << " " << of_writer;
}

TEST(AclDecision, CannedListsOfBucketsLetInWhomTheySay) {
    for (const std::string_view canned : kCannedNames)
        for (const std::string_view action :
             {"s3:ListBucket", "s3:PutObject", "s3:GetBucketAcl", "s3:PutBucketAcl",
              "s3:DeleteBucket", "s3:GetBucketPolicy", "s3:DeleteObjectVersion"})
            EXPECT_EQ(Allowed(canned, action, false), Expected(canned, action, false))
                << canned << " " << action;
}

TEST(AclDecision, AGrantToAnAccountNeedsItsUsersToBeAllowedToo) {
    const Acl acl{"1", {{"1", AclPermission::kFullControl}, {"2", AclPermission::kRead}}};
    EXPECT_TRUE(Decides(Root("2"), "s3:GetObject", acl, "1"));
    EXPECT_FALSE(Decides(User("2", "u"), "s3:GetObject", acl, "1"));
    EXPECT_FALSE(Decides(User("1", "u"), "s3:GetObject", acl, "1"));
    EXPECT_FALSE(Decides(Root("2"), "s3:GetObjectAcl", acl, "1"));
}

TEST(AclDecision, IgnoredPublicGrantsCountForNothing) {
    for (const std::string_view canned : {"public-read-write", "authenticated-read"}) {
        const Acl acl{"1", CannedGrants(*ParseCannedAcl(canned), "1", "1")};
        for (const Asker& asker : Askers())
            EXPECT_EQ(Decides(asker.principal, "s3:GetObject", acl, "1", true),
                      asker.name == "bucket owner")
                << canned << " " << asker.name;
    }
}

TEST(AclDecision, APolicyOfTheBucketDeniesOthersObjectsAndNeverAllowsThem) {
    const auto decide = [](const Principal& who, const std::string& effect) {
        const Policy policy = BucketPolicy("{'Statement':{'Effect':'" + effect +
                                           "','Principal':'*','Action':'s3:*',"
                                           "'Resource':'arn:aws:s3:::b/*'}}");
        FixedValues none;
        Request request(who, "s3:GetObject", "arn:aws:s3:::b/x", none);
        return Decide(request, {.bucket = &policy, .account = "2", .others_object = true});
    };
    EXPECT_EQ(decide(Root("2"), "Allow"), Verdict::kAllowed);
    EXPECT_EQ(decide(Root("1"), "Allow"), Verdict::kNotAllowed);
    EXPECT_EQ(decide(Anonymous(), "Allow"), Verdict::kNotAllowed);
    EXPECT_EQ(decide(Root("2"), "Deny"), Verdict::kDenied);
}

}  // namespace
}  // namespace coffer::codec::policy
