// Who may do what with a bucket, by its policy and its public access block.
#include "coffer/service/access.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "coffer/service/authenticate.h"
#include "coffer/service/buckets.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;

// Condition keys by name.
class Values final : public codec::policy::ValueSource {
  public:
    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override {
        const auto found = values.find(key.name);
        if (found == values.end()) return std::nullopt;
        return std::vector{found->second};
    }
    std::map<std::string, std::string> values;
};

class AccessTest : public ::testing::Test {
  protected:
    AccessTest() { EXPECT_TRUE(RunTask(buckets_.Create(Name("photos")))); }

    static BucketName Name(std::string_view name) { return BucketName::Parse(name).value(); }

    // The code of the refusal, or "ok".
    std::string Ask(const Actor& actor, AccessRequest request) {
        const Result<> checked = RunTask(access_.Check(actor, request, values_));
        return checked ? "ok" : std::string(checked.error().code());
    }

    Result<> Put(std::string_view statement) {
        return RunTask(access_.PutPolicy(
            Name("photos"),
            R"({"Version":"2012-10-17","Statement":[)" + std::string(statement) + "]}"));
    }

    void Block(std::string_view field) {
        const std::string document = "<PublicAccessBlockConfiguration><" + std::string(field) +
                                     ">true</" + std::string(field) +
                                     "></PublicAccessBlockConfiguration>";
        ASSERT_TRUE(RunTask(
            buckets_.PutSetting(Name("photos"), SettingKind::kPublicAccessBlock, document)));
    }

    testing::ServiceFixture fixture_;
    Buckets buckets_{*fixture_.core};
    Access access_{*fixture_.core};
    Values values_;
    const codec::Seal seal_{{}};
    const Credentials credentials_{"key", Secret("secret"), *fixture_.database, seal_};
    const Actor& root_ = *credentials_.root();
    const Actor anonymous_;
};

constexpr std::string_view kEverybodyReads =
    R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*"})";

TEST_F(AccessTest, OnlyRootMayWhereNothingWasOpened) {
    for (const AccessRequest& request :
         {AccessRequest{"s3:GetObject", "photos", "cat.jpg"},
          AccessRequest{"s3:ListBucket", "photos"}, AccessRequest{"s3:ListAllMyBuckets"},
          AccessRequest{"s3:CreateBucket", "other"}}) {
        EXPECT_EQ(Ask(root_, request), "ok") << request.action;
        EXPECT_EQ(Ask(anonymous_, request), "AccessDenied") << request.action;
    }
    EXPECT_FALSE(RunTask(access_.CheckSomeKey(anonymous_, Name("photos"))));
    EXPECT_TRUE(RunTask(access_.CheckSomeKey(root_, Name("photos"))));
}

TEST_F(AccessTest, WhatIsOnNoBucketIsOnAllOfThem) {
    const auto parse = [](std::string_view statement) {
        return std::make_shared<const codec::policy::Policy>(
            codec::policy::Policy::ParseForIdentity(
                fmt::format(R"({{"Statement":{{{},"Action":"s3:*"}}}})", statement))
                .value());
    };
    const auto asks = [&](std::string_view effect, std::string_view resource) {
        Actor user{.principal = credentials_.root()->principal, .key_kind = KeyKind::kOwn};
        user.principal.kind = codec::policy::Principal::Kind::kUser;
        user.policies = {parse(fmt::format(R"("Effect":"{}","Resource":"{}")", effect, resource))};
        if (effect == "Deny") user.policies.push_back(parse(R"("Effect":"Allow","Resource":"*")"));
        return Ask(user, {"s3:ListAllMyBuckets"}) + " " + Ask(user, {"s3:ListenNotification"});
    };
    EXPECT_EQ(asks("Allow", "*"), "ok ok");
    EXPECT_EQ(asks("Allow", "arn:aws:s3:::*"), "ok ok");
    EXPECT_EQ(asks("Allow", "arn:aws:s3:::photos*"), "AccessDenied AccessDenied");
    EXPECT_EQ(asks("Deny", "arn:aws:s3:::photos*"), "ok ok");
    EXPECT_EQ(asks("Deny", "arn:aws:s3:::*"), "AccessDenied AccessDenied");
}

TEST_F(AccessTest, APolicyOpensWhatItNamesAndNoMore) {
    ASSERT_TRUE(Put(kEverybodyReads));
    EXPECT_EQ(Ask(anonymous_, {"s3:GetObject", "photos", "cat.jpg"}), "ok");
    EXPECT_EQ(Ask(anonymous_, {"s3:PutObject", "photos", "cat.jpg"}), "AccessDenied");
    EXPECT_EQ(Ask(anonymous_, {"s3:ListBucket", "photos"}), "AccessDenied");
    EXPECT_TRUE(RunTask(access_.IsPublic(Name("photos"))).value());
    ASSERT_TRUE(RunTask(buckets_.DeleteSetting(Name("photos"), SettingKind::kPolicy)));
    EXPECT_EQ(Ask(anonymous_, {"s3:GetObject", "photos", "cat.jpg"}), "AccessDenied");
    EXPECT_FALSE(RunTask(access_.IsPublic(Name("photos"))).value());
}

TEST_F(AccessTest, AConditionIsAskedOfTheRequest) {
    ASSERT_TRUE(Put(
        R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*",)"
        R"("Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}})"));
    const AccessRequest get{"s3:GetObject", "photos", "cat.jpg"};
    EXPECT_EQ(Ask(anonymous_, get), "AccessDenied");
    values_.values["aws:sourceip"] = "192.0.2.7";
    EXPECT_EQ(Ask(anonymous_, get), "ok");
    values_.values["aws:sourceip"] = "192.0.3.7";
    EXPECT_EQ(Ask(anonymous_, get), "AccessDenied");
}

TEST_F(AccessTest, ADenialBindsRootButForThePolicyItself) {
    ASSERT_TRUE(Put(R"({"Effect":"Deny","Principal":"*","Action":"s3:*",)"
                    R"("Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]})"));
    EXPECT_EQ(Ask(root_, {"s3:GetObject", "photos", "cat.jpg"}), "AccessDenied");
    EXPECT_EQ(Ask(root_, {"s3:DeleteBucketPolicy", "photos"}), "ok");
    EXPECT_EQ(Ask(anonymous_, {"s3:DeleteBucketPolicy", "photos"}), "AccessDenied");
}

TEST_F(AccessTest, ABucketThatIsMissingIsMissingForEverybody) {
    EXPECT_EQ(Ask(root_, {"s3:GetObject", "missing", "key"}), "NoSuchBucket");
    EXPECT_EQ(Ask(anonymous_, {"s3:GetObject", "missing", "key"}), "NoSuchBucket");
    EXPECT_EQ(RunTask(access_.CheckSomeKey(root_, Name("missing"))).error().code(), "NoSuchBucket");
    EXPECT_EQ(RunTask(access_.IsPublic(Name("missing"))).error().code(), "NoSuchBucket");
}

TEST_F(AccessTest, ThePublicAccessBlockRefusesPublicPolicies) {
    Block("BlockPublicPolicy");
    EXPECT_EQ(Put(kEverybodyReads).error().code(), "AccessDenied");
    EXPECT_TRUE(
        Put(R"({"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"s3:GetObject",)"
            R"("Resource":"arn:aws:s3:::photos/*"})"));
    EXPECT_FALSE(RunTask(access_.IsPublic(Name("photos"))).value());
}

TEST_F(AccessTest, ThePublicAccessBlockRestrictsABucketThatIsPublicAlready) {
    ASSERT_TRUE(Put(kEverybodyReads));
    Block("RestrictPublicBuckets");
    EXPECT_EQ(Ask(anonymous_, {"s3:GetObject", "photos", "cat.jpg"}), "AccessDenied");
    EXPECT_EQ(Ask(root_, {"s3:GetObject", "photos", "cat.jpg"}), "ok");
}

TEST_F(AccessTest, AMalformedPolicyChangesNothing) {
    ASSERT_TRUE(Put(kEverybodyReads));
    for (
        const std::string_view statement :
        {R"({"Effect":"Maybe","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::photos/*"})",
         R"({"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"})",
         R"({"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::photos/*"})"}) {
        const Result<> put = Put(statement);
        ASSERT_FALSE(put) << statement;
        EXPECT_EQ(put.error().code(), "MalformedPolicy") << statement;
        EXPECT_EQ(Ask(anonymous_, {"s3:GetObject", "photos", "cat.jpg"}), "ok");
    }
}

}  // namespace
}  // namespace coffer::service
