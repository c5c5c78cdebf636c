#include "coffer/app/bootstrap/declaration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "coffer/app/bootstrap/yaml.h"

#include "tests/support/temporary_directory.h"

namespace coffer::app::bootstrap {
namespace {

using service::SettingKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::Pair;

Result<Declaration> Parse(std::string_view yaml) {
    return ParseDeclaration(ReadYaml(yaml).value());
}

std::string Refusal(std::string_view yaml) {
    const auto parsed = Parse(yaml);
    return parsed ? "taken" : parsed.error().message();
}

TEST(Declaration, HoldsEverythingThatMayBeDeclared) {
    const auto parsed = Parse(R"(
policies:
  photos-read:
    Version: 2012-10-17
    Statement:
      - {Effect: Allow, Action: s3:GetObject, Resource: "arn:aws:s3:::photos/*"}
groups:
  editors: {policies: [photos-read]}
users:
  app:
    secret_key: 12345678
    enabled: false
    policies: [readwrite, photos-read, readwrite]
    groups: [editors, 2026]
  nobody:
buckets:
  photos:
    object_lock: {mode: GOVERNANCE, days: 30}
    quota: 10GiB
    anonymous: download
    cors:
      - {AllowedOrigins: ["https://a.example"], AllowedMethods: [GET], MaxAgeSeconds: 60}
    lifecycle:
      - {Status: Enabled, Filter: {Prefix: tmp/}, Expiration: {Days: 7}}
    encryption: {kms_key: main}
    tags: {team: web, year: 2026}
    notifications:
      - {webhook: orders, events: ["s3:ObjectCreated:*"], prefix: in/}
  plain: {}
)");
    ASSERT_TRUE(parsed) << parsed.error().message();
    const Declaration& all = parsed.value();

    ASSERT_EQ(all.policies.size(), 1);
    EXPECT_THAT(all.policies[0].document, HasSubstr(R"("Version":"2012-10-17")"));
    ASSERT_EQ(all.groups.size(), 1);
    EXPECT_THAT(all.groups[0].policies, Optional(ElementsAre("photos-read")));

    ASSERT_EQ(all.users.size(), 2);
    EXPECT_EQ(all.users[0].secret_key.Reveal(), "12345678");
    EXPECT_EQ(all.users[0].enabled, false);
    EXPECT_THAT(all.users[0].policies, Optional(ElementsAre("photos-read", "readwrite")));
    EXPECT_THAT(all.users[0].groups, Optional(ElementsAre("2026", "editors")));
    EXPECT_EQ(all.users[1].policies, std::nullopt);

    ASSERT_EQ(all.buckets.size(), 2);
    const DeclaredBucket& photos = all.buckets[0];
    EXPECT_EQ(photos.versioning, service::Versioning::kEnabled);
    ASSERT_TRUE(photos.object_lock && photos.object_lock->default_retention);
    EXPECT_EQ(photos.object_lock->default_retention->count, 30);
    EXPECT_EQ(photos.quota_bytes, 10_GiB);
    EXPECT_THAT(photos.policy, Optional(HasSubstr("arn:aws:s3:::photos/*")));
    ASSERT_EQ(photos.lifecycle.value().size(), 1);
    EXPECT_EQ(photos.lifecycle.value()[0].expiration_days, 7);
    ASSERT_EQ(photos.notifications.value().size(), 1);
    EXPECT_EQ(photos.notifications.value()[0].target.id, "orders");
    EXPECT_EQ(photos.notifications.value()[0].prefix, "in/");
    EXPECT_THAT(photos.documents,
                ElementsAre(Pair(SettingKind::kCors, HasSubstr("https://a.example")),
                            Pair(SettingKind::kEncryption, HasSubstr("main")),
                            Pair(SettingKind::kTagging, HasSubstr("2026"))));
    EXPECT_EQ(all.buckets[1].versioning, std::nullopt);
    EXPECT_THAT(all.buckets[1].documents, IsEmpty());
}

TEST(Declaration, WhatIsEmptyAsksForNothingToBeThere) {
    const auto parsed = Parse(
        "buckets: {photos: {cors: [], lifecycle: , policy: , encryption: , tags: {}, "
        "notifications: []}}");
    ASSERT_TRUE(parsed) << parsed.error().message();
    const DeclaredBucket& photos = parsed.value().buckets.at(0);
    EXPECT_THAT(photos.lifecycle, Optional(IsEmpty()));
    EXPECT_THAT(photos.notifications, Optional(IsEmpty()));
    EXPECT_THAT(photos.policy, Optional(IsEmpty()));
    EXPECT_THAT(photos.documents,
                ElementsAre(Pair(SettingKind::kCors, ""), Pair(SettingKind::kEncryption, ""),
                            Pair(SettingKind::kTagging, "")));
}

TEST(Declaration, RulesMayBeWholeDocumentsAndPoliciesText) {
    const auto parsed = Parse(R"(
policies:
  one: '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
buckets:
  photos:
    cors: {CORSRules: [{AllowedOrigins: ["*"], AllowedMethods: [GET]}]}
    lifecycle: {Rules: [{Status: Enabled, Filter: {}, Expiration: {Date: 2027-01-01T00:00:00Z}}]}
)");
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_THAT(parsed.value().policies.at(0).document, Not(HasSubstr(": ")));
    EXPECT_TRUE(parsed.value().buckets.at(0).lifecycle.value().at(0).expiration_date);
}

TEST(Declaration, MistakesSayWhereTheyAre) {
    EXPECT_THAT(Refusal("bucket: {}"), HasSubstr("did you mean \"buckets\"?"));
    EXPECT_THAT(Refusal("buckets: [photos]"), HasSubstr("buckets: write names"));
    EXPECT_THAT(Refusal("buckets: {Photos: {}}"), HasSubstr("buckets.Photos: "));
    EXPECT_THAT(Refusal("buckets: {photos: {versionning: enabled}}"),
                HasSubstr("buckets.photos: \"versionning\" means nothing here; did you mean"));
    EXPECT_THAT(Refusal("buckets: {photos: {versioning: on}}"),
                HasSubstr("buckets.photos.versioning: it must be enabled or suspended"));
    EXPECT_THAT(Refusal("buckets: {photos: {quota: much}}"), HasSubstr("buckets.photos.quota: "));
    EXPECT_THAT(Refusal("buckets: {photos: {object_lock: false}}"), HasSubstr("it stays"));
    EXPECT_THAT(Refusal("buckets: {photos: {object_lock: true, versioning: suspended}}"),
                HasSubstr("needs versioning"));
    EXPECT_THAT(Refusal("buckets: {photos: {object_lock: {mode: GOVERNANCE, days: 1, years: 1}}}"),
                HasSubstr("days, from 1"));
    EXPECT_THAT(Refusal("buckets: {photos: {anonymous: read}}"), HasSubstr("none, download"));
    EXPECT_THAT(Refusal("buckets: {photos: {anonymous: none, policy: {}}}"), HasSubstr("either"));
    EXPECT_THAT(Refusal("buckets: {photos: {policy: {Statement: []}}}"),
                HasSubstr("buckets.photos.policy: "));
    EXPECT_THAT(Refusal("buckets: {photos: {cors: [{AllowedMethods: [GET]}]}}"),
                HasSubstr("buckets.photos.cors: a rule needs an AllowedOrigin"));
    EXPECT_THAT(Refusal("buckets: {photos: {cors: [{AllowedOrigins: [a], AllowedMethods: [GO]}]}}"),
                HasSubstr("GO"));
    EXPECT_THAT(Refusal("buckets: {photos: {encryption: DES}}"), HasSubstr("AES256"));
    EXPECT_THAT(Refusal("buckets: {photos: {encryption: {}}}"), HasSubstr("have a kms_key"));
    EXPECT_THAT(Refusal("buckets: {photos: {tags: {\"aws:x\": 1}}}"), HasSubstr("tags: "));
    EXPECT_THAT(Refusal("buckets: {photos: {notifications: [{events: [\"s3:ObjectCreated:*\"]}]}}"),
                HasSubstr("notifications.webhook: "));
    EXPECT_THAT(Refusal("buckets: {photos: {notifications: [{webhook: a, events: [\"s3:No\"]}]}}"),
                HasSubstr("buckets.photos.notifications: "));
    EXPECT_THAT(Refusal("users: {app: {secret_key: short}}"), HasSubstr("users.app.secret_key: "));
    EXPECT_THAT(Refusal("users: {ab: {secret_key: long enough}}"), HasSubstr("users.ab: "));
    EXPECT_THAT(Refusal("users: {app: {policies: readwrite}}"), HasSubstr("a list of names"));
    EXPECT_THAT(Refusal("users: {app: {enabled: yes}}"), HasSubstr("true or false"));
    EXPECT_THAT(Refusal("policies: {readwrite: {}}"), HasSubstr("built in"));
    EXPECT_THAT(Refusal("policies: {mine: {Statement: []}}"), HasSubstr("policies.mine: "));
    EXPECT_THAT(Refusal("groups: {\"a b\": {}}"), HasSubstr("groups.a b: "));
}

TEST(Declaration, WhatLooksLikeNoNameIsNotShown) {
    EXPECT_THAT(Refusal("users: {app: {\"secret_key:hunter2\": }}"),
                AllOf(HasSubstr("\"secret_key...\""), Not(HasSubstr("hunter2"))));
    const auto webhooks = WebhooksOf(ReadYaml("webhooks: {a: {\"auth_token:hunter2\": }}").value());
    EXPECT_THAT(webhooks.error().message(),
                AllOf(HasSubstr("webhooks.a.auth_token...: "), Not(HasSubstr("hunter2"))));
}

TEST(Declaration, SecretsComeFromFiles) {
    const testing::TemporaryDirectory directory;
    std::ofstream(directory.path() + "/secret") << "from a file\n";
    const auto yaml = ReadYaml("users: {app: {secret_key_file: " + directory.path() +
                               "/secret, enabled: true}}\nbuckets: {photos: }\n");
    const auto complete = WithSecrets(yaml.value());
    ASSERT_TRUE(complete) << complete.error().message();
    EXPECT_EQ(codec::WriteJson(complete.value()),
              R"({"users":{"app":{"secret_key":"from a file","enabled":true}},)"
              R"("buckets":{"photos":null}})");

    const auto missing = WithSecrets(ReadYaml("users: {app: {secret_key_file: /no/such}}").value());
    EXPECT_THAT(missing.error().message(), HasSubstr("users.app.secret_key_file: "));
    const auto both =
        WithSecrets(ReadYaml("users: {app: {secret_key_file: /a, secret_key: b}}").value());
    EXPECT_THAT(both.error().message(), HasSubstr("both"));
    // Whoever sends a document has put the secrets in: no file of the server's is read.
    EXPECT_THAT(Refusal("users: {app: {secret_key_file: /etc/passwd}}"),
                HasSubstr("\"secret_key_file\" means nothing here"));
}

TEST(Declaration, WebhooksAreSettingsOfTheServer) {
    const auto webhooks = WebhooksOf(
        ReadYaml("webhooks: {orders: {endpoint: http://a.example/, enable: true, queue_limit: 5}}")
            .value());
    ASSERT_TRUE(webhooks) << webhooks.error().message();
    EXPECT_THAT(webhooks.value(),
                ElementsAre(Pair("orders.endpoint", "http://a.example/"),
                            Pair("orders.enable", "on"), Pair("orders.queue_limit", "5")));
    EXPECT_THAT(WebhooksOf(ReadYaml("webhooks: {orders: {url: x}}").value()).error().message(),
                HasSubstr("webhooks.orders.url: a webhook has no such setting"));
    EXPECT_THAT(WebhooksOf(ReadYaml("webhooks: {a.b: {endpoint: x}}").value()).error().message(),
                HasSubstr("webhooks.a.b: there is no \".\""));
}

}  // namespace
}  // namespace coffer::app::bootstrap
