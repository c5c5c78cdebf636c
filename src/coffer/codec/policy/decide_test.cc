#include "coffer/codec/policy/decide.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

// Whose policies take part, and what else is set; the bucket b belongs to account 1.
struct Setting {
    Principal who;
    std::vector<std::string> identity = {};  // "Allow", "Deny": on everything
    std::optional<std::string> session = {};
    std::string bucket = {};  // the statement's Effect and Principal
    bool acl = false;
    bool restrict_public = false;
    std::string action = "s3:GetObject";
};

std::string Decided(const Setting& setting) {
    const auto of_user = [](const std::string& effect) {
        return IdentityPolicy("{'Statement':{'Effect':'" + effect +
                              "','Action':'*','Resource':'*'}}");
    };
    std::vector<Policy> owned;
    for (const std::string& effect : setting.identity)
        owned.push_back(of_user(effect));
    std::vector<const Policy*> identity;
    for (const Policy& policy : owned)
        identity.push_back(&policy);
    std::optional<Policy> session;
    if (setting.session) session = of_user(*setting.session);
    std::optional<Policy> bucket;
    if (!setting.bucket.empty())
        bucket =
            BucketPolicy("{'Statement':{" + setting.bucket +
                         ",'Action':'s3:*','Resource':['arn:aws:s3:::b/*','arn:aws:s3:::b']}}");
    FixedValues none;
    Request request(setting.who, setting.action, "arn:aws:s3:::b/x", none);
    const Verdict verdict =
        Decide(request, {.identity = identity,
                         .session = session ? &*session : nullptr,
                         .bucket = bucket ? &*bucket : nullptr,
                         .account = "1",
                         .acl = setting.acl ? Decision::kAllow : Decision::kNone,
                         .restrict_public_buckets = setting.restrict_public});
    switch (verdict) {
        case Verdict::kAllowed:
            return "allowed";
        case Verdict::kDenied:
            return "denied";
        case Verdict::kNotAllowed:
            return "not allowed";
    }
    return "?";
}

const std::string kEverybody = "'Effect':'Allow','Principal':'*'";
const std::string kNobody = "'Effect':'Deny','Principal':'*'";
const std::string kAccount2 = "'Effect':'Allow','Principal':{'AWS':'2'}";
const std::string kAccount1 = "'Effect':'Allow','Principal':{'AWS':'1'}";
const std::string kAliceOf2 = "'Effect':'Allow','Principal':{'AWS':'arn:aws:iam::2:user/alice'}";

TEST(Decide, AllowsNothingByItself) {
    EXPECT_EQ(Decided({.who = Anonymous()}), "not allowed");
    EXPECT_EQ(Decided({.who = User("1", "alice")}), "not allowed");
    EXPECT_EQ(Decided({.who = Root("2")}), "not allowed");
}

TEST(Decide, RootOwnsItsAccount) {
    EXPECT_EQ(Decided({.who = Root("1")}), "allowed");
    EXPECT_EQ(Decided({.who = Root("1"), .bucket = kNobody}), "denied");
}

TEST(Decide, RootCanAlwaysMendThePolicy) {
    for (const std::string action :
         {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}) {
        EXPECT_EQ(Decided({.who = Root("1"), .bucket = kNobody, .action = action}), "allowed");
        EXPECT_EQ(Decided({.who = User("1", "alice"),
                           .identity = {"Allow"},
                           .bucket = kNobody,
                           .action = action}),
                  "denied");
        EXPECT_EQ(Decided({.who = Root("2"), .bucket = kNobody, .action = action}), "denied");
        EXPECT_EQ(Decided({.who = Root("1"), .session = "Deny", .action = action}), "denied");
    }
    EXPECT_EQ(Decided({.who = Root("1"), .bucket = kNobody, .action = "s3:PutBucketAcl"}),
              "denied");
}

TEST(Decide, InOneAccountEitherSideIsEnough) {
    const Principal alice = User("1", "alice");
    EXPECT_EQ(Decided({.who = alice, .identity = {"Allow"}}), "allowed");
    EXPECT_EQ(Decided({.who = alice, .bucket = kEverybody}), "allowed");
    EXPECT_EQ(Decided({.who = alice, .acl = true}), "allowed");
    // The account is allowed what it had; it has not passed it on.
    EXPECT_EQ(Decided({.who = alice, .bucket = kAccount1}), "not allowed");
}

TEST(Decide, FromAnotherAccountBothSidesAreNeeded) {
    const Principal alice = User("2", "alice");
    for (const std::string& bucket : {kEverybody, kAliceOf2, kAccount2}) {
        EXPECT_EQ(Decided({.who = alice, .bucket = bucket}), "not allowed") << bucket;
        EXPECT_EQ(Decided({.who = alice, .identity = {"Allow"}, .bucket = bucket}), "allowed");
    }
    EXPECT_EQ(Decided({.who = alice, .identity = {"Allow"}}), "not allowed");
    EXPECT_EQ(Decided({.who = alice, .identity = {"Allow"}, .acl = true}), "allowed");
    EXPECT_EQ(Decided({.who = Root("2"), .bucket = kAccount2}), "allowed");
    EXPECT_EQ(Decided({.who = Root("2"), .acl = true}), "allowed");
    EXPECT_EQ(Decided({.who = Root("3"), .bucket = kAccount2}), "not allowed");
}

TEST(Decide, AnonymousRequestsNeedTheResource) {
    EXPECT_EQ(Decided({.who = Anonymous(), .bucket = kEverybody}), "allowed");
    EXPECT_EQ(Decided({.who = Anonymous(), .acl = true}), "allowed");
    EXPECT_EQ(Decided({.who = Anonymous(), .bucket = kAccount1}), "not allowed");
    EXPECT_EQ(Decided({.who = Anonymous(), .bucket = kNobody, .acl = true}), "denied");
}

TEST(Decide, AnonymousIsInNoAccount) {
    const Policy bucket = BucketPolicy("{'Statement':{" + kEverybody +
                                       ",'Action':'s3:*','Resource':'arn:aws:s3:::b/*'}}");
    FixedValues none;
    const Principal who = Anonymous();
    Request request(who, "s3:GetObject", "arn:aws:s3:::b/x", none);
    EXPECT_EQ(Decide(request, {.bucket = &bucket, .account = "", .restrict_public_buckets = true}),
              Verdict::kNotAllowed);
}

TEST(Decide, ADenyDecidesWhereverItStands) {
    const Principal alice = User("1", "alice");
    EXPECT_EQ(Decided({.who = alice, .identity = {"Allow", "Deny"}}), "denied");
    EXPECT_EQ(Decided({.who = alice, .identity = {"Deny", "Allow"}, .bucket = kEverybody}),
              "denied");
    EXPECT_EQ(Decided({.who = alice, .identity = {"Allow"}, .session = "Deny"}), "denied");
    EXPECT_EQ(Decided({.who = alice, .identity = {"Allow"}, .bucket = kNobody}), "denied");
    EXPECT_EQ(Decided({.who = Root("1"), .identity = {"Deny"}}), "denied");
}

TEST(Decide, ASessionsPolicyOnlyTakesAway) {
    const Principal alice = User("1", "alice");
    EXPECT_EQ(Decided({.who = alice, .session = "Allow"}), "not allowed");
    EXPECT_EQ(Decided({.who = alice, .identity = {"Allow"}, .session = "Allow"}), "allowed");
    EXPECT_EQ(Decided({.who = Root("1"), .session = "Allow"}), "allowed");

    // One that says nothing of the action.
    const Policy other =
        IdentityPolicy("{'Statement':{'Effect':'Allow','Action':'s3:PutObject','Resource':'*'}}");
    const Policy bucket = BucketPolicy("{'Statement':{" + kEverybody +
                                       ",'Action':'s3:*','Resource':'arn:aws:s3:::b/*'}}");
    FixedValues none;
    for (const Principal& who : {Root("1"), alice}) {
        Request request(who, "s3:GetObject", "arn:aws:s3:::b/x", none);
        EXPECT_EQ(Decide(request, {.session = &other, .bucket = &bucket, .account = "1"}),
                  Verdict::kNotAllowed);
    }
}

TEST(Decide, RestrictedBucketsAreForTheirAccount) {
    const auto decided = [](const Principal& who, const std::string& bucket) {
        return Decided(
            {.who = who, .identity = {"Allow"}, .bucket = bucket, .restrict_public = true});
    };
    EXPECT_EQ(decided(Anonymous(), kEverybody), "not allowed");
    EXPECT_EQ(decided(User("2", "alice"), kEverybody), "not allowed");
    EXPECT_EQ(decided(User("1", "alice"), kEverybody), "allowed");
    // The public policy still gives the account's own users what it says.
    EXPECT_EQ(Decided({.who = User("1", "alice"), .bucket = kEverybody, .restrict_public = true}),
              "allowed");
    // What is not public stays as it was.
    EXPECT_EQ(decided(User("2", "alice"), kAliceOf2), "allowed");
}

}  // namespace
}  // namespace coffer::codec::policy
