// A second account: what is whose, and that nothing of one account is another's by itself.
#include "coffer/service/accounts.h"

#include <gtest/gtest.h>

#include <map>

#include "coffer/service/access.h"
#include "coffer/service/authenticate.h"
#include "coffer/service/iam/names.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;

class NoValues final : public codec::policy::ValueSource {
  public:
    codec::policy::ConditionValues Find(const codec::policy::ConditionKey&) override { return {}; }
};

class AccountsTest : public ::testing::Test {
  protected:
    AccountsTest() {
        created_ = RunTask(accounts_.Create("other")).value();
        other_ = ActorOf(created_.key);
        EXPECT_TRUE(RunTask(buckets_.Create(Name("photos"))));
        EXPECT_TRUE(RunTask(buckets_.Create(Name("theirs"), {.owner = created_.account.id})));
    }

    static BucketName Name(std::string_view name) { return BucketName::Parse(name).value(); }

    Actor ActorOf(const KeyPair& key) {
        return *RunTask(credentials_.Find(key.access_key, "")).value()->actor;
    }

    // The code of the refusal, or "ok".
    std::string Ask(const Actor& actor, AccessRequest request) {
        const Result<> checked = RunTask(access_.Check(actor, request, values_));
        return checked ? "ok" : std::string(checked.error().code());
    }
    std::string AskOwn(const Actor& actor, AccessRequest request) {
        const Result<> checked = RunTask(access_.CheckOwn(actor, request, values_));
        return checked ? "ok" : std::string(checked.error().code());
    }

    Result<> PutPolicy(std::string_view statement) {
        return RunTask(access_.PutPolicy(
            Name("photos"),
            R"({"Version":"2012-10-17","Statement":[)" + std::string(statement) + "]}"));
    }

    // Of the main account, with a policy that allows everything.
    Actor MightyUser() {
        Actor user{.principal = {.kind = codec::policy::Principal::Kind::kUser,
                                 .arn = IamArn("user", "/", "alice"),
                                 .account = std::string(kAccount),
                                 .canonical_id = std::string(kCanonicalId),
                                 .user_name = "alice",
                                 .user_id = "AIDA1",
                                 .issuer_arn = {}},
                   .key_kind = KeyKind::kOwn};
        user.user = "alice";
        user.policies.push_back(std::make_shared<const codec::policy::Policy>(
            codec::policy::Policy::ParseForIdentity(
                R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
                R"("Resource":"*"}]})")
                .value()));
        return user;
    }

    testing::ServiceFixture fixture_;
    Buckets buckets_{*fixture_.core};
    Access access_{*fixture_.core};
    NoValues values_;
    const codec::Seal seal_{{}};
    Credentials credentials_{"root-key", Secret("root-secret"), *fixture_.database, seal_};
    Accounts accounts_{*fixture_.database, fixture_.clock, credentials_};
    AccessKeys access_keys_{*fixture_.database, fixture_.clock, credentials_};
    Accounts::Created created_;
    Actor other_;
    const Actor& root_ = *credentials_.root();
};

TEST_F(AccountsTest, HaveARootOfTheirOwn) {
    EXPECT_EQ(created_.account.id.size(), 12U);
    EXPECT_NE(created_.account.id, kAccount);
    EXPECT_EQ(created_.account.canonical_id.size(), 64U);
    EXPECT_EQ(other_.principal.arn, RootArn(created_.account.id));
    EXPECT_EQ(other_.principal.account, created_.account.id);
    EXPECT_EQ(other_.principal.canonical_id, created_.account.canonical_id);
    EXPECT_FALSE(other_.of_main_account());
    EXPECT_FALSE(other_.IsUnboundRootOf(kAccount));
    EXPECT_TRUE(other_.IsUnboundRootOf(created_.account.id));
    const auto found = RunTask(credentials_.Find(created_.key.access_key, "")).value();
    EXPECT_EQ(found->secret.Reveal(), created_.key.secret_key.Reveal());
}

TEST_F(AccountsTest, SeeAndMakeBucketsOfTheirOwn) {
    const auto names = [&](std::string_view owner) {
        std::vector<std::string> all;
        const auto listed = RunTask(buckets_.List({.owner = std::string(owner)})).value();
        for (const BucketInfo& bucket : listed.buckets)
            all.push_back(bucket.name);
        return all;
    };
    EXPECT_EQ(names(kAccount), std::vector<std::string>{"photos"});
    EXPECT_EQ(names(created_.account.id), std::vector<std::string>{"theirs"});
    EXPECT_EQ(
        RunTask(buckets_.Create(Name("photos"), {.owner = created_.account.id})).error().code(),
        "BucketAlreadyExists");
    EXPECT_EQ(
        RunTask(buckets_.Create(Name("theirs"), {.owner = created_.account.id})).error().code(),
        "BucketAlreadyOwnedByYou");
    EXPECT_EQ(Ask(other_, {"s3:CreateBucket", "fresh"}), "ok");
    EXPECT_EQ(Ask(other_, {"s3:ListAllMyBuckets"}), "ok");
}

TEST_F(AccountsTest, RootsReachNothingOfEachOther) {
    for (const std::string_view action : {"s3:GetObject", "s3:PutObject", "s3:DeleteObject",
                                          "s3:GetObjectVersion", "s3:BypassGovernanceRetention"}) {
        EXPECT_EQ(Ask(other_, {action, "photos", "cat.jpg"}), "AccessDenied") << action;
        EXPECT_EQ(Ask(root_, {action, "theirs", "cat.jpg"}), "AccessDenied") << action;
        EXPECT_EQ(Ask(root_, {action, "photos", "cat.jpg"}), "ok") << action;
        EXPECT_EQ(Ask(other_, {action, "theirs", "cat.jpg"}), "ok") << action;
    }
    for (const std::string_view action : {"s3:ListBucket", "s3:DeleteBucket", "s3:GetBucketPolicy",
                                          "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}) {
        EXPECT_EQ(Ask(other_, {action, "photos"}), "AccessDenied") << action;
        EXPECT_EQ(Ask(root_, {action, "theirs"}), "AccessDenied") << action;
    }
    EXPECT_FALSE(RunTask(access_.CheckSomeKey(other_, Name("photos"))));
    EXPECT_TRUE(RunTask(access_.CheckSomeKey(other_, Name("theirs"))));
}

TEST_F(AccountsTest, CannotAdministerTheServer) {
    for (const std::string_view action :
         {"admin:CreateUser", "admin:Prometheus", "iam:CreateUser", "iam:CreateAccessKey",
          "sts:AssumeRole", "s3:ListenNotification"}) {
        EXPECT_EQ(Ask(other_, {action}), "AccessDenied") << action;
        EXPECT_EQ(AskOwn(other_, {action}), "AccessDenied") << action;
        EXPECT_EQ(Ask(root_, {action}), "ok") << action;
    }
    const auto session = RunTask(access_keys_.OpenSession(std::make_shared<const Actor>(other_),
                                                          {.duration = std::chrono::hours(1)}));
    ASSERT_FALSE(session);
    EXPECT_EQ(session.error().code(), "AccessDenied");
    // Root's service accounts are those of the main account alone.
    EXPECT_TRUE(RunTask(access_keys_.List("")).value().empty());
    EXPECT_FALSE(RunTask(access_keys_.Get(created_.key.access_key)));
}

TEST_F(AccountsTest, APolicyOfAUserCountsInItsOwnAccountOnly) {
    const Actor user = MightyUser();
    EXPECT_EQ(Ask(user, {"s3:GetObject", "photos", "cat.jpg"}), "ok");
    EXPECT_EQ(Ask(user, {"s3:GetObject", "theirs", "cat.jpg"}), "AccessDenied");
    EXPECT_EQ(Ask(user, {"s3:ListBucket", "theirs"}), "AccessDenied");
}

TEST_F(AccountsTest, APolicyOfTheBucketLetsAnotherAccountIn) {
    const AccessRequest get{"s3:GetObject", "photos", "cat.jpg"};
    const AccessRequest put{"s3:PutObject", "photos", "cat.jpg"};
    for (const std::string& principal :
         {std::string(R"({"AWS":")" + created_.account.id + R"("})"),
          std::string(R"({"AWS":"arn:aws:iam::)" + created_.account.id + R"(:root"})"),
          std::string(R"({"CanonicalUser":")" + created_.account.canonical_id + R"("})")}) {
        ASSERT_TRUE(PutPolicy(R"({"Effect":"Allow","Action":"s3:GetObject","Principal":)" +
                              principal + R"(,"Resource":"arn:aws:s3:::photos/*"})"));
        EXPECT_EQ(Ask(other_, get), "ok") << principal;
        EXPECT_EQ(Ask(other_, put), "AccessDenied") << principal;
        EXPECT_EQ(Ask(Actor(), get), "AccessDenied") << principal;
        EXPECT_EQ(Ask(root_, put), "ok") << principal;
    }
}

TEST_F(AccountsTest, ADenialBindsTheOthersRootAlsoForThePolicyItself) {
    ASSERT_TRUE(PutPolicy(R"({"Effect":"Allow","Principal":"*","Action":"s3:*",)"
                          R"("Resource":["arn:aws:s3:::photos","arn:aws:s3:::photos/*"]},)"
                          R"({"Effect":"Deny","Principal":"*","Action":"s3:*BucketPolicy",)"
                          R"("Resource":"arn:aws:s3:::photos"})"));
    EXPECT_EQ(Ask(other_, {"s3:GetObject", "photos", "cat.jpg"}), "ok");
    EXPECT_EQ(Ask(other_, {"s3:DeleteBucketPolicy", "photos"}), "AccessDenied");
    EXPECT_EQ(Ask(root_, {"s3:DeleteBucketPolicy", "photos"}), "ok");
}

TEST_F(AccountsTest, TheExpectedOwnerIsCompared) {
    AccessRequest list{"s3:ListBucket", "photos"};
    list.expected_owner = kAccount;
    EXPECT_EQ(Ask(root_, list), "ok");
    list.expected_owner = created_.account.id;
    EXPECT_EQ(Ask(root_, list), "AccessDenied");
    EXPECT_FALSE(RunTask(access_.CheckSomeKey(root_, Name("photos"), created_.account.id)));
}

TEST_F(AccountsTest, NamesAndKeysAreNotGivenTwice) {
    EXPECT_EQ(RunTask(accounts_.Create("other")).error().code(), "EntityAlreadyExists");
    EXPECT_EQ(RunTask(accounts_.Create("coffer")).error().code(), "EntityAlreadyExists");
    EXPECT_EQ(RunTask(accounts_.Create("a b")).error().code(), "ValidationError");
    const auto key = RunTask(access_keys_.Create(
        {.access_key = created_.key.access_key, .secret_key = Secret("another-secret")}));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code(), "EntityAlreadyExists");
    EXPECT_EQ(RunTask(access_keys_.PutUser(created_.key.access_key, Secret("another-secret"), true))
                  .error()
                  .code(),
              "EntityAlreadyExists");
}

TEST_F(AccountsTest, GoWithTheirKeyOnceTheyOwnNothing) {
    EXPECT_EQ(RunTask(accounts_.Remove("other")).error().code(), "DeleteConflict");
    EXPECT_NE(RunTask(credentials_.Find(created_.key.access_key, "")).value(), nullptr);
    ASSERT_TRUE(RunTask(buckets_.Delete(Name("theirs"))));
    ASSERT_TRUE(RunTask(accounts_.Remove("other")));
    EXPECT_EQ(RunTask(credentials_.Find(created_.key.access_key, "")).value(), nullptr);
    EXPECT_EQ(RunTask(accounts_.Remove("other")).error().code(), "NoSuchEntity");
    EXPECT_EQ(accounts_.directory()->all().size(), 1U);
}

TEST_F(AccountsTest, AreThereAfterARestart) {
    Accounts again(*fixture_.database, fixture_.clock, credentials_);
    EXPECT_EQ(again.directory()->Find(created_.account.id), nullptr);
    ASSERT_TRUE(again.Load());
    const AccountInfo* const found = again.directory()->Find(created_.account.id);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->name, "other");
    EXPECT_EQ(again.directory()->FindCanonical(created_.account.canonical_id), found);
}

}  // namespace
}  // namespace coffer::service
