// Declarations against real services: what is declared comes to be, once, and nothing else changes.
#include "coffer/app/bootstrap/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/app/bootstrap/yaml.h"
#include "coffer/codec/seal.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::app::bootstrap {
namespace {

using service::HolderKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::RunTask;

constexpr std::string_view kAll = R"(
policies:
  photos-read:
    Version: 2012-10-17
    Statement: [{Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::photos/*"}]
groups:
  editors: {policies: [photos-read]}
users:
  app: {secret_key: secret of app, policies: [readwrite], groups: [editors]}
  person: {enabled: false}
buckets:
  photos:
    object_lock: {mode: GOVERNANCE, days: 30}
    quota: 10GiB
    anonymous: download
    cors: [{AllowedOrigins: ["*"], AllowedMethods: [GET]}]
    lifecycle: [{Status: Enabled, Filter: {Prefix: tmp/}, Expiration: {Days: 7}}]
    encryption: AES256
    tags: {team: web}
    notifications: [{webhook: orders, events: ["s3:ObjectCreated:*"]}]
)";

class DifferenceTest : public ::testing::Test {
  protected:
    // Subject and aspect of each change.
    std::vector<std::string> Apply(std::string_view yaml, bool dry_run = false) {
        auto declared = ParseDeclaration(ReadYaml(yaml).value());
        if (!declared) return {declared.error().message()};
        const auto answer = RunTask(Reconcile(target_, std::move(declared).value(), dry_run));
        if (!answer) return {answer.error().message()};
        told_ = codec::WriteJson(answer.value());
        std::vector<std::string> changes;
        for (const codec::JsonValue& change : *answer.value().Find("changes")->AsArray())
            changes.push_back(codec::TextOf(change, "subject") + "/" +
                              codec::TextOf(change, "aspect"));
        return changes;
    }

    std::string Document(std::string_view bucket, service::SettingKind kind) {
        const auto setting = RunTask(buckets_.GetSetting(fixture_.Bucket(bucket), kind));
        return setting && setting.value() ? setting.value()->document : "";
    }

    testing::ServiceFixture fixture_;
    const codec::Seal seal_{codec::Seal::Key{}};
    service::Buckets buckets_{*fixture_.core};
    service::Access access_{*fixture_.core};
    service::Credentials credentials_{"root-key", Secret("root-secret"), *fixture_.database, seal_};
    service::Holders holders_{*fixture_.database, fixture_.clock, credentials_};
    service::Policies policies_{*fixture_.database, fixture_.clock, credentials_};
    service::AccessKeys access_keys_{*fixture_.database, fixture_.clock, credentials_};
    Target target_{buckets_,
                   access_,
                   holders_,
                   policies_,
                   access_keys_,
                   credentials_,
                   {"orders"},
                   {{"silent", "ITS_VARIABLE"}},
                   ""};
    std::string told_;
};

TEST_F(DifferenceTest, WhatIsDeclaredComesToBeOnce) {
    const std::vector<std::string> dry = Apply(kAll, true);
    EXPECT_THAT(dry, ElementsAre("policy photos-read/", "group editors/", "group editors/policies",
                                 "user app/", "user app/policies", "user app/groups",
                                 "user person/", "bucket photos/", "bucket photos/versioning",
                                 "bucket photos/quota", "bucket photos/object_lock",
                                 "bucket photos/policy", "bucket photos/lifecycle",
                                 "bucket photos/notifications", "bucket photos/cors",
                                 "bucket photos/encryption", "bucket photos/tagging"));
    EXPECT_THAT(told_, Not(HasSubstr("secret of app")));
    EXPECT_EQ(RunTask(buckets_.Get(fixture_.Bucket("photos"))).error().kind(),
              ErrorKind::kNotFound);
    EXPECT_THAT(RunTask(holders_.List(HolderKind::kUser, "", 10)).value(), IsEmpty());

    EXPECT_EQ(Apply(kAll), dry);
    EXPECT_THAT(Apply(kAll), IsEmpty());

    const auto bucket = RunTask(buckets_.Get(fixture_.Bucket("photos"))).value();
    EXPECT_EQ(bucket.versioning, service::Versioning::kEnabled);
    EXPECT_EQ(bucket.quota_bytes, 10_GiB);
    EXPECT_THAT(Document("photos", service::SettingKind::kLifecycle), HasSubstr("tmp/"));
    EXPECT_THAT(Document("photos", service::SettingKind::kNotification), HasSubstr("orders"));
    const auto app = RunTask(credentials_.Find("app", "")).value();
    ASSERT_NE(app, nullptr);
    EXPECT_EQ(app->secret.Reveal(), "secret of app");
    EXPECT_THAT(RunTask(holders_.GroupsOf("app")).value(), ElementsAre("editors"));
    EXPECT_FALSE(RunTask(holders_.Get(HolderKind::kUser, "person")).value().enabled);
}

TEST_F(DifferenceTest, OnlyWhatDiffersIsChanged) {
    Apply(kAll);
    EXPECT_THAT(Apply("users: {app: {secret_key: another secret}}"),
                ElementsAre("user app/secret_key"));
    EXPECT_THAT(told_, Not(HasSubstr("another secret")));
    EXPECT_THAT(Apply("users: {app: {secret_key: another secret, policies: [readonly]}}"),
                ElementsAre("user app/policies"));
    EXPECT_THAT(RunTask(policies_.AttachedTo({HolderKind::kUser, "app"})).value(),
                ElementsAre("readonly"));
    EXPECT_THAT(Apply("users: {app: {groups: []}, person: {enabled: true}}"),
                ElementsAre("user app/groups", "user person/state"));
    EXPECT_THAT(RunTask(holders_.GroupsOf("app")).value(), IsEmpty());
    EXPECT_THAT(Apply("groups: {editors: {enabled: false}}"), ElementsAre("group editors/state"));
    EXPECT_THAT(
        Apply("buckets: {photos: {quota: 0, cors: [], lifecycle: [], notifications: [], "
              "encryption: , tags: , anonymous: none}}"),
        ElementsAre("bucket photos/quota", "bucket photos/policy", "bucket photos/lifecycle",
                    "bucket photos/notifications", "bucket photos/cors", "bucket photos/encryption",
                    "bucket photos/tagging"));
    EXPECT_EQ(Document("photos", service::SettingKind::kPolicy), "");
    EXPECT_EQ(Document("photos", service::SettingKind::kLifecycle), "");
    EXPECT_NE(Document("photos", service::SettingKind::kObjectLock), "");
    EXPECT_THAT(Apply("buckets: {photos: {}}"), IsEmpty());
}

TEST_F(DifferenceTest, RulesWithoutIdsKeepThoseTheyWereGiven) {
    Apply(kAll);
    const std::string before = Document("photos", service::SettingKind::kLifecycle);
    EXPECT_THAT(Apply("buckets: {photos: {lifecycle: [{Status: Enabled, Filter: {Prefix: tmp/}, "
                      "Expiration: {Days: 7}}]}}"),
                IsEmpty());
    EXPECT_THAT(Apply("buckets: {photos: {lifecycle: [{Status: Enabled, Filter: {Prefix: tmp/}, "
                      "Expiration: {Days: 8}}]}}"),
                ElementsAre("bucket photos/lifecycle"));
    EXPECT_NE(Document("photos", service::SettingKind::kLifecycle), before);
}

TEST_F(DifferenceTest, AnIdIsNotGivenTwice) {
    const std::string rule = "Status: Enabled, Filter: {Prefix: tmp/}, Expiration: {Days: 7}";
    Apply("buckets: {photos: {lifecycle: [{ID: tmp, " + rule + "}]}}");
    const std::string both = "buckets: {photos: {lifecycle: [{" + rule +
                             "}, {ID: tmp, Status: Enabled, Filter: {Prefix: old/}, Expiration: "
                             "{Days: 9}}]}}";
    EXPECT_THAT(Apply(both), ElementsAre("bucket photos/lifecycle"));
    EXPECT_TRUE(codec::ParseLifecycle(Document("photos", service::SettingKind::kLifecycle)));
    EXPECT_THAT(Apply(both), IsEmpty());
}

TEST_F(DifferenceTest, ABucketOfAnotherAccountIsLeftAlone) {
    ASSERT_TRUE(RunTask(buckets_.Create(fixture_.Bucket("theirs"), {.owner = "111111111111"})));
    EXPECT_THAT(Apply("buckets: {theirs: {anonymous: public}}"),
                ElementsAre(HasSubstr("another account's")));
    EXPECT_EQ(Document("theirs", service::SettingKind::kPolicy), "");
}

TEST_F(DifferenceTest, AnAccessKeyOfSomebodyElseIsLeftAlone) {
    ASSERT_TRUE(RunTask(access_keys_.PutUser("app", Secret("secret of app"), true)));
    service::NewAccessKey key;
    key.user = "app";
    key.access_key = "service-key";
    key.service = true;
    ASSERT_TRUE(RunTask(access_keys_.Create(std::move(key))));
    for (const std::string name : {"root-key", "service-key"})
        EXPECT_THAT(Apply("users: {" + name + ": {secret_key: long enough}}", true),
                    ElementsAre(HasSubstr("user " + name + ": secret_key: ")));
    EXPECT_THAT(Apply("users: {app: {secret_key: another one}}"),
                ElementsAre("user app/secret_key"));
}

TEST_F(DifferenceTest, ThatALockIsEnabledTakesNoDefaultAway) {
    Apply(kAll);
    const std::string before = Document("photos", service::SettingKind::kObjectLock);
    EXPECT_THAT(Apply("buckets: {photos: {object_lock: true}}"), IsEmpty());
    EXPECT_EQ(Document("photos", service::SettingKind::kObjectLock), before);
}

TEST_F(DifferenceTest, WhatIsNamedMustBeThere) {
    EXPECT_THAT(Apply("users: {app: {policies: [nothing]}}"),
                ElementsAre(HasSubstr("user app: there is no policy \"nothing\"")));
    EXPECT_THAT(Apply("users: {app: {groups: [nobody]}}"),
                ElementsAre(HasSubstr("user app: there is no group \"nobody\"")));
    EXPECT_THAT(Apply("buckets: {photos: {notifications: [{webhook: none, events: "
                      "[\"s3:ObjectCreated:*\"]}]}}"),
                ElementsAre(HasSubstr("The server has the webhooks orders")));
    const std::string buckets =
        "buckets: {photos: {notifications: [{webhook: new, events: [\"s3:ObjectCreated:*\"]}]}}\n";
    EXPECT_THAT(Apply(buckets + "webhooks: {new: {endpoint: http://a.example/}}"),
                ElementsAre(HasSubstr("The webhook new is declared, but the running server")));
    EXPECT_THAT(Apply(buckets + "webhooks: {new: {endpoint: http://a.example/, enable: false}}"),
                ElementsAre(HasSubstr("The server has the webhooks orders")));
    EXPECT_THAT(
        Apply("webhooks: {silent: {endpoint: http://a.example/}}\n"
              "buckets: {photos: {notifications: [{webhook: silent, events: "
              "[\"s3:ObjectCreated:*\"]}]}}"),
        ElementsAre(HasSubstr("The webhook silent is off by ITS_VARIABLE, which a server")));
    // Refused as a whole: what comes before it was not made either.
    EXPECT_THAT(RunTask(holders_.List(HolderKind::kUser, "", 10)).value(), IsEmpty());
    EXPECT_THAT(RunTask(buckets_.List({})).value().buckets, IsEmpty());
}

TEST_F(DifferenceTest, AFailureKeepsWhatWasDoneBefore) {
    Apply("buckets: {locked: {object_lock: true}}");
    EXPECT_THAT(Apply("buckets: {first: {}, locked: {versioning: suspended}, last: {}}"),
                ElementsAre(HasSubstr("bucket locked: versioning: ")));
    EXPECT_TRUE(RunTask(buckets_.Get(fixture_.Bucket("first"))));
    EXPECT_FALSE(RunTask(buckets_.Get(fixture_.Bucket("last"))));
    EXPECT_THAT(Apply("buckets: {first: {}, locked: {versioning: enabled}, last: {}}"),
                ElementsAre("bucket last/"));
}

}  // namespace
}  // namespace coffer::app::bootstrap
