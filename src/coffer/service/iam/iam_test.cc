// Users, groups, policies, access keys and sessions: who gets in, and what they may do then.
#include <gtest/gtest.h>

#include "coffer/codec/base64.h"
#include "coffer/codec/date.h"
#include "coffer/service/access.h"
#include "coffer/service/buckets.h"
#include "coffer/service/iam/access_keys.h"
#include "coffer/service/iam/holders.h"
#include "coffer/service/iam/policies.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;

class NoValues final : public codec::policy::ValueSource {
  public:
    codec::policy::ConditionValues Find(const codec::policy::ConditionKey&) override {
        return std::nullopt;
    }
};

std::string Policy(std::string_view effect, std::string_view action, std::string_view resource) {
    return fmt::format(
        R"({{"Version":"2012-10-17","Statement":[{{"Effect":"{}","Action":"{}","Resource":"{}"}}]}})",
        effect, action, resource);
}

class IamTest : public ::testing::Test {
  protected:
    IamTest() {
        EXPECT_TRUE(RunTask(Buckets(*fixture_.core).Create(Name("photos"))));
        EXPECT_TRUE(RunTask(keys_.PutUser("alice", Secret("alice-secret"), true)));
    }

    static BucketName Name(std::string_view name) { return BucketName::Parse(name).value(); }

    Credentials::Found Find(std::string_view access_key, std::string_view token = "") {
        auto found = RunTask(credentials_.Find(access_key, token));
        return found ? found.value() : nullptr;
    }

    // "ok", the code of the refusal, or "nobody".
    std::string Ask(std::string_view access_key, AccessRequest request,
                    std::string_view token = "") {
        const auto found = RunTask(credentials_.Find(access_key, token));
        if (!found) return std::string(found.error().code());
        if (found.value() == nullptr) return "nobody";
        const Result<> usable = CheckUsable(*found.value(), fixture_.clock.Now());
        if (!usable) return std::string(usable.error().code());
        const Result<> may = RunTask(access_.Check(*found.value()->actor, request, values_));
        return may ? "ok" : std::string(may.error().code());
    }
    std::string Get(std::string_view access_key, std::string_view token = "") {
        return Ask(access_key, {"s3:GetObject", "photos", "cat.jpg"}, token);
    }
    std::string Put(std::string_view access_key, std::string_view token = "") {
        return Ask(access_key, {"s3:PutObject", "photos", "cat.jpg"}, token);
    }

    void Give(HolderKind kind, std::string name, std::string policy) {
        const auto attached =
            RunTask(policies_.Attach({kind, std::move(name)}, {std::move(policy)}));
        ASSERT_TRUE(attached) << attached.error().ToString();
    }

    Session Open(const std::string& access_key, NewSession wanted = {}) {
        wanted.duration = std::chrono::hours(1);
        return RunTask(keys_.OpenSession(Find(access_key)->actor, std::move(wanted))).value();
    }

    testing::ServiceFixture fixture_;
    const codec::Seal seal_{{}};
    Credentials credentials_{"root-key", Secret("root-secret"), *fixture_.database, seal_};
    Holders holders_{*fixture_.database, fixture_.clock, credentials_};
    Policies policies_{*fixture_.database, fixture_.clock, credentials_};
    AccessKeys keys_{*fixture_.database, fixture_.clock, credentials_};
    Access access_{*fixture_.core};
    NoValues values_;
};

TEST_F(IamTest, AUserMayNothingUntilAPolicyAllowsIt) {
    EXPECT_EQ(Find("alice")->secret.Reveal(), "alice-secret");
    EXPECT_EQ(Find("alice")->actor->principal.arn, "arn:aws:iam::000000000000:user/alice");
    EXPECT_EQ(Get("alice"), "AccessDenied");
    Give(HolderKind::kUser, "alice", "readonly");
    EXPECT_EQ(Get("alice"), "ok");
    EXPECT_EQ(Put("alice"), "AccessDenied");
    EXPECT_EQ(RunTask(policies_.Detach({HolderKind::kUser, "alice"}, {"readonly"})).value().size(),
              1);
    EXPECT_EQ(Get("alice"), "AccessDenied");
}

TEST_F(IamTest, AGroupGivesItsUsersItsPoliciesWhileItIsEnabled) {
    ASSERT_TRUE(RunTask(holders_.AddMembers("staff", {"alice"}, Holders::Missing::kMake)));
    Give(HolderKind::kGroup, "staff", "readwrite");
    EXPECT_EQ(Put("alice"), "ok");
    ASSERT_TRUE(RunTask(holders_.SetEnabled(HolderKind::kGroup, "staff", false)));
    EXPECT_EQ(Put("alice"), "AccessDenied");
    ASSERT_TRUE(RunTask(holders_.SetEnabled(HolderKind::kGroup, "staff", true)));
    ASSERT_TRUE(RunTask(holders_.RemoveMembers("staff", {"alice"})));
    EXPECT_EQ(Put("alice"), "AccessDenied");
}

TEST_F(IamTest, ADenialAnywhereDecides) {
    Give(HolderKind::kUser, "alice", "readwrite");
    ASSERT_TRUE(RunTask(policies_.PutInline({HolderKind::kUser, "alice"}, "not-this",
                                            Policy("Deny", "s3:PutObject", "arn:aws:s3:::*"))));
    EXPECT_EQ(Get("alice"), "ok");
    EXPECT_EQ(Put("alice"), "AccessDenied");
}

TEST_F(IamTest, ABucketsPolicyAloneLetsAUserIn) {
    ASSERT_TRUE(RunTask(access_.PutPolicy(
        Name("photos"),
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",)"
        R"("Principal":{"AWS":"arn:aws:iam::000000000000:user/alice"},)"
        R"("Resource":"arn:aws:s3:::photos/*"}]})")));
    ASSERT_TRUE(RunTask(keys_.PutUser("bob", Secret("bobs-secret"), true)));
    EXPECT_EQ(Get("alice"), "ok");
    EXPECT_EQ(Get("bob"), "AccessDenied");
}

// Of the attack catalogue: a signer revoked after signing, the token of a disabled user.
TEST_F(IamTest, Case18And53WhoIsDisabledOrGoneGetsInNoMore) {
    Give(HolderKind::kUser, "alice", "readwrite");
    ASSERT_TRUE(RunTask(holders_.SetEnabled(HolderKind::kUser, "alice", false)));
    EXPECT_EQ(Get("alice"), "InvalidAccessKeyId");
    ASSERT_TRUE(RunTask(holders_.SetEnabled(HolderKind::kUser, "alice", true)));
    EXPECT_EQ(Get("alice"), "ok");
    ASSERT_TRUE(RunTask(keys_.Change("alice", {.enabled = false})));
    EXPECT_EQ(Get("alice"), "InvalidAccessKeyId");
    ASSERT_TRUE(RunTask(holders_.Delete(HolderKind::kUser, "alice", Holders::Contents::kDelete)));
    EXPECT_EQ(Get("alice"), "nobody");
}

TEST_F(IamTest, ANewUserWithAnOldNameHasNothingOfTheOldOne) {
    Give(HolderKind::kUser, "alice", "readwrite");
    const Session session = Open("alice");
    const std::string token = SealSession(seal_, session);
    EXPECT_EQ(Get(session.access_key, token), "ok");
    ASSERT_TRUE(RunTask(holders_.Delete(HolderKind::kUser, "alice", Holders::Contents::kDelete)));
    EXPECT_EQ(Get(session.access_key, token), "InvalidToken");
    ASSERT_TRUE(RunTask(keys_.PutUser("alice", Secret("alice-secret"), true)));
    EXPECT_EQ(Get("alice"), "AccessDenied");
    EXPECT_EQ(Get(session.access_key, token), "InvalidToken");
}

TEST_F(IamTest, AServiceAccountMayWhatBothItsUserAndItsPolicyAllow) {
    Give(HolderKind::kUser, "alice", "readwrite");
    const KeyPair pair =
        RunTask(keys_.Create({.user = "alice",
                              .service = true,
                              .policy = Policy("Allow", "s3:GetObject", "arn:aws:s3:::photos/*")}))
            .value();
    EXPECT_EQ(Get(pair.access_key), "ok");
    EXPECT_EQ(Put(pair.access_key), "AccessDenied");
    ASSERT_TRUE(RunTask(policies_.Detach({HolderKind::kUser, "alice"}, {"readwrite"})));
    EXPECT_EQ(Get(pair.access_key), "AccessDenied");
}

TEST_F(IamTest, AServiceAccountOfRootIsBoundByItsPolicy) {
    const KeyPair wide = RunTask(keys_.Create({.service = true})).value();
    const KeyPair narrow =
        RunTask(keys_.Create({.service = true,
                              .policy = Policy("Allow", "s3:GetObject", "arn:aws:s3:::photos/*")}))
            .value();
    EXPECT_EQ(Put(wide.access_key), "ok");
    EXPECT_EQ(Get(narrow.access_key), "ok");
    EXPECT_EQ(Put(narrow.access_key), "AccessDenied");
    EXPECT_EQ(Ask(narrow.access_key, {.action = "admin:CreateUser"}), "AccessDenied");
}

TEST_F(IamTest, AServiceAccountEndsWhenItExpires) {
    const KeyPair pair =
        RunTask(keys_.Create(
                    {.service = true, .expires = fixture_.clock.Now() + std::chrono::minutes(5)}))
            .value();
    EXPECT_EQ(Get(pair.access_key), "ok");
    fixture_.clock.Advance(std::chrono::minutes(5));
    EXPECT_EQ(Get(pair.access_key), "InvalidAccessKeyId");
    EXPECT_EQ(
        RunTask(keys_.Create({.service = true, .expires = fixture_.clock.Now()})).error().code(),
        "ValidationError");
}

TEST_F(IamTest, ASessionHasTheRightsOfItsUserNarrowedByItsPolicyUntilItExpires) {
    Give(HolderKind::kUser, "alice", "readwrite");
    const Session session =
        Open("alice",
             {.name = "job", .policy = Policy("Allow", "s3:GetObject", "arn:aws:s3:::photos/*")});
    const std::string token = SealSession(seal_, session);
    EXPECT_EQ(Get(session.access_key, token), "ok");
    EXPECT_EQ(Put(session.access_key, token), "AccessDenied");
    EXPECT_EQ(Find(session.access_key, token)->actor->principal.arn,
              "arn:aws:sts::000000000000:assumed-role/alice/job");
    fixture_.clock.Advance(std::chrono::hours(1));
    EXPECT_EQ(Get(session.access_key, token), "ExpiredToken");
}

TEST_F(IamTest, ATokenIsOfOneKeyAndOneServer) {
    const Session one = Open("alice");
    const Session other = Open("alice");
    const std::string token = SealSession(seal_, one);
    EXPECT_EQ(Get(other.access_key, token), "InvalidToken");
    EXPECT_EQ(Get("alice", token), "InvalidToken");
    EXPECT_EQ(Get("root-key", token), "InvalidToken");
    EXPECT_EQ(Get(one.access_key), "nobody");
    EXPECT_EQ(Get(one.access_key, "nonsense"), "InvalidToken");
    codec::Seal::Key elsewhere{};
    elsewhere[0] = std::byte{1};
    EXPECT_EQ(Get(one.access_key, SealSession(codec::Seal(elsewhere), one)), "InvalidToken");
}

TEST_F(IamTest, ASessionOfRootEndsWithRootsSecret) {
    const Session session = Open("root-key");
    const std::string token = SealSession(seal_, session);
    EXPECT_EQ(Put(session.access_key, token), "ok");
    Credentials changed("root-key", Secret("another-secret"), *fixture_.database, seal_);
    EXPECT_EQ(RunTask(changed.Find(session.access_key, token)).error().code(), "InvalidToken");
}

TEST_F(IamTest, APolicyWithAKeyThatIsRefusedNowLocksNobodyOut) {
    const std::string document =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:PutObject",)"
        R"("Resource":"*","Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]})";
    EXPECT_EQ(
        RunTask(policies_.PutInline({HolderKind::kUser, "alice"}, "old", document)).error().code(),
        "MalformedPolicyDocument");
    ASSERT_TRUE(RunTask(fixture_.database->Write([&](db::Transaction& tx) -> Result<> {
        return catalog::PutInlinePolicy(tx, {HolderKind::kUser, "alice"}, "old", document);
    })));
    Give(HolderKind::kUser, "alice", "readwrite");
    EXPECT_EQ(Put("alice"), "ok");
}

// AWS's way to revoke sessions: those that are older than a time are denied everything.
TEST_F(IamTest, ASessionIsToldByWhenItWasOpened) {
    Give(HolderKind::kUser, "alice", "readwrite");
    const Session old = Open("alice");
    fixture_.clock.Advance(std::chrono::minutes(1));
    ASSERT_TRUE(RunTask(policies_.PutInline(
        {HolderKind::kUser, "alice"}, "revoked",
        fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Action":"*",)"
                    R"("Resource":"*","Condition":{{"DateLessThan":)"
                    R"({{"aws:TokenIssueTime":"{}"}}}}}}]}})",
                    codec::FormatIso8601(fixture_.clock.Now())))));
    fixture_.clock.Advance(std::chrono::minutes(1));
    const Session fresh = Open("alice");
    EXPECT_EQ(Get(old.access_key, SealSession(seal_, old)), "AccessDenied");
    EXPECT_EQ(Get(fresh.access_key, SealSession(seal_, fresh)), "ok");
    EXPECT_EQ(Get("alice"), "ok");
}

TEST_F(IamTest, ATokenOfBeforeTokensSaidItIsOf1970) {
    const std::string before = R"({"key":"ASIAX","secret":"s","user":"alice","id":"AIDAX",)"
                               R"("name":"","policy":"","expires":4000000000})";
    const auto session =
        OpenSession(seal_, codec::Base64UrlEncode(AsBytes(seal_.Close(before, "session"))));
    ASSERT_TRUE(session);
    EXPECT_EQ(session->user, "alice");
    EXPECT_EQ(session->issued, Timestamp());
}

TEST_F(IamTest, SessionsAndServiceAccountsOpenNoSessions) {
    const KeyPair pair = RunTask(keys_.Create({.user = "alice", .service = true})).value();
    const Session session = Open("alice");
    for (const auto& actor : {Find(pair.access_key)->actor,
                              Find(session.access_key, SealSession(seal_, session))->actor})
        EXPECT_EQ(RunTask(keys_.OpenSession(actor, {})).error().code(), "AccessDenied");
}

TEST_F(IamTest, SecretsAreSealedAndReadOnlyByTheirKey) {
    codec::Seal::Key elsewhere{};
    elsewhere[0] = std::byte{1};
    const codec::Seal other(elsewhere);
    Credentials wrong("root-key", Secret("root-secret"), *fixture_.database, other);
    EXPECT_EQ(RunTask(wrong.Find("alice", "")).error().kind(), ErrorKind::kCorrupt);
    const AccessKey row = RunTask(keys_.Get("alice")).value();
    EXPECT_EQ(row.sealed_secret.find("alice-secret"), std::string::npos);
}

TEST_F(IamTest, WhatIsKnownCostsNoReadUntilSomethingChanges) {
    const auto first = Find("alice");
    EXPECT_EQ(Find("alice"), first);
    Give(HolderKind::kUser, "alice", "readonly");
    EXPECT_NE(Find("alice"), first);
}

TEST_F(IamTest, NamesAndKeysAreTakenOnce) {
    EXPECT_EQ(RunTask(holders_.Create(HolderKind::kUser, "alice", "/")).error().code(),
              "EntityAlreadyExists");
    EXPECT_TRUE(RunTask(holders_.Create(HolderKind::kGroup, "alice", "/")));
    EXPECT_EQ(RunTask(keys_.Create({.user = "alice", .access_key = "root-key"})).error().code(),
              "EntityAlreadyExists");
    EXPECT_EQ(RunTask(keys_.Create({.access_key = "alice"})).error().code(), "EntityAlreadyExists");
    EXPECT_EQ(RunTask(keys_.PutUser("root-key", Secret("any-secret"), true)).error().code(),
              "EntityAlreadyExists");
    EXPECT_EQ(RunTask(keys_.Create({.user = "nobody"})).error().code(), "NoSuchUser");
    EXPECT_EQ(RunTask(keys_.PutUser("carol", Secret("short"), true)).error().code(),
              "ValidationError");
    EXPECT_EQ(RunTask(holders_.Create(HolderKind::kUser, "a/b", "/")).error().code(),
              "ValidationError");
}

TEST_F(IamTest, WhatIsInUseIsNotDeletedByIam) {
    using enum Holders::Contents;
    EXPECT_EQ(RunTask(holders_.Delete(HolderKind::kUser, "alice", kRefuse)).error().code(),
              "DeleteConflict");
    ASSERT_TRUE(RunTask(
        policies_.Put("own", "/", Policy("Allow", "s3:*", "*"), Policies::Existing::kRefuse)));
    Give(HolderKind::kUser, "alice", "own");
    EXPECT_EQ(RunTask(policies_.Delete("own")).error().code(), "DeleteConflict");
    EXPECT_EQ(RunTask(policies_.Delete("readonly")).error().code(), "DeleteConflict");
    ASSERT_TRUE(RunTask(policies_.Detach({HolderKind::kUser, "alice"}, {"own"})));
    EXPECT_TRUE(RunTask(policies_.Delete("own")));
    ASSERT_TRUE(RunTask(keys_.Delete("alice")));
    EXPECT_TRUE(RunTask(holders_.Delete(HolderKind::kUser, "alice", kRefuse)));
}

TEST_F(IamTest, AGroupGoesWithItsPoliciesUnlessItHasMembers) {
    const auto remove = [&] {
        const Result<> removed = RunTask(
            holders_.Delete(HolderKind::kGroup, "staff", Holders::Contents::kDeleteUnlessMembers));
        return removed ? "ok" : std::string(removed.error().code());
    };
    EXPECT_EQ(remove(), "NoSuchGroup");
    ASSERT_TRUE(RunTask(holders_.AddMembers("staff", {"alice"}, Holders::Missing::kMake)));
    Give(HolderKind::kGroup, "staff", "readwrite");
    EXPECT_EQ(remove(), "GroupNotEmpty");
    EXPECT_EQ(Put("alice"), "ok");
    ASSERT_TRUE(RunTask(holders_.RemoveMembers("staff", {"alice"})));
    EXPECT_EQ(remove(), "ok");
    EXPECT_EQ(RunTask(holders_.Get(HolderKind::kGroup, "staff")).error().code(), "NoSuchGroup");
}

TEST_F(IamTest, APolicyThatIsReplacedCountsAtOnce) {
    ASSERT_TRUE(RunTask(policies_.Put("own", "/", Policy("Allow", "s3:GetObject", "*"),
                                      Policies::Existing::kRefuse)));
    Give(HolderKind::kUser, "alice", "own");
    EXPECT_EQ(Put("alice"), "AccessDenied");
    EXPECT_EQ(RunTask(policies_.Put("own", "/", Policy("Allow", "s3:*", "*"),
                                    Policies::Existing::kRefuse))
                  .error()
                  .code(),
              "EntityAlreadyExists");
    ASSERT_TRUE(RunTask(policies_.Put("own", "/", Policy("Allow", "s3:PutObject", "*"),
                                      Policies::Existing::kReplace)));
    EXPECT_EQ(Put("alice"), "ok");
    EXPECT_EQ(Get("alice"), "AccessDenied");
    EXPECT_EQ(RunTask(policies_.Put("bad", "/", "{}", Policies::Existing::kReplace)).error().code(),
              "MalformedPolicyDocument");
    EXPECT_EQ(RunTask(policies_.Put("readonly", "/", Policy("Allow", "s3:*", "*"),
                                    Policies::Existing::kReplace))
                  .error()
                  .code(),
              "EntityAlreadyExists");
}

TEST_F(IamTest, Case56WhatIsOnesOwnNeedsNoPolicyButForKeysThatAPolicyNarrows) {
    const AccessRequest own{.action = "admin:CreateServiceAccount"};
    EXPECT_TRUE(RunTask(access_.CheckOwn(*Find("alice")->actor, own, values_)));
    EXPECT_EQ(Ask("alice", own), "AccessDenied");
    EXPECT_FALSE(RunTask(access_.CheckOwn(Actor(), own, values_)));
    const KeyPair narrow =
        RunTask(keys_.Create({.user = "alice",
                              .service = true,
                              .policy = Policy("Allow", "s3:*", "arn:aws:s3:::photos/*")}))
            .value();
    EXPECT_FALSE(RunTask(access_.CheckOwn(*Find(narrow.access_key)->actor, own, values_)));
    ASSERT_TRUE(RunTask(policies_.PutInline(
        {HolderKind::kUser, "alice"}, "no",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"admin:*"}]})")));
    EXPECT_FALSE(RunTask(access_.CheckOwn(*Find("alice")->actor, own, values_)));
}

// As MinIO prints policies: with a resource of S3 in every statement.
TEST_F(IamTest, BucketsInAStatementSayNothingOfActionsOnTheServer) {
    const AccessRequest own{.action = "admin:CreateServiceAccount"};
    ASSERT_TRUE(RunTask(
        policies_.PutInline({HolderKind::kUser, "alice"}, "no",
                            Policy("Deny", "admin:CreateServiceAccount", "arn:aws:s3:::*"))));
    EXPECT_FALSE(RunTask(access_.CheckOwn(*Find("alice")->actor, own, values_)));

    Give(HolderKind::kUser, "alice", "diagnostics");
    EXPECT_EQ(Ask("alice", {.action = "admin:Prometheus"}), "ok");
    EXPECT_EQ(Ask("alice", {.action = "admin:ServerInfo"}), "ok");
    EXPECT_EQ(Ask("alice", {.action = "admin:CreateUser"}), "AccessDenied");
    ASSERT_TRUE(RunTask(policies_.PutInline({HolderKind::kUser, "alice"}, "photos",
                                            Policy("Allow", "*", "arn:aws:s3:::photos/*"))));
    EXPECT_EQ(Ask("alice", {.action = "admin:CreateUser"}), "AccessDenied");
}

}  // namespace
}  // namespace coffer::service
