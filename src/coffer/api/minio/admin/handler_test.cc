// The admin API over real services in memory, asked as madmin asks: signed, with payloads encrypted
// by the caller's secret.
#include "coffer/api/minio/admin/handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/api/minio/admin/call.h"
#include "coffer/codec/date.h"
#include "coffer/codec/hex.h"
#include "coffer/codec/json.h"
#include "coffer/codec/madmin.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"
#include "tests/support/sign_v4.h"
#include "tests/support/string_body.h"

namespace coffer::api::minio {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Who {
    std::string access_key = "root-key";
    std::string secret_key = "root-secret";
};

struct Answer {
    int status = 0;
    std::string text;
    std::string Code() const {
        const auto json = codec::ParseJson(text);
        const codec::JsonValue* code = json ? json.value().Find("Code") : nullptr;
        return status < 300 ? "ok" : code == nullptr ? text : *code->AsString();
    }
};

class AdminHandlerTest : public ::testing::Test {
  protected:
    Answer Ask(std::string method, std::string path, std::string body = {}, Who who = {}) {
        return testing::RunTask(
            Exchange(std::move(method), std::move(path), std::move(body), std::move(who)));
    }
    Answer AskSecretly(std::string method, std::string path, const std::string& body,
                       const Who& who = {}) {
        return Ask(std::move(method), std::move(path),
                   codec::MadminEncrypt(Secret(who.secret_key), body), who);
    }
    std::string Open(const Answer& answer, const Who& who = {}) {
        const auto text = codec::MadminDecrypt(Secret(who.secret_key), answer.text);
        return text ? std::string(text.value().Reveal()) : "unreadable: " + answer.text;
    }

    Task<Answer> Exchange(std::string method, std::string path, std::string body, Who who) {
        http::Request request;
        request.method = method;
        request.target = "/minio/admin/v3/" + path;
        request.headers.Add("Host", "localhost:9000");
        const std::string digest = codec::ToHex(codec::Sha256(AsBytes(body)));
        request.headers.Set("X-Amz-Content-Sha256", digest);
        if (!who.access_key.empty())
            testing::SignV4(request, {who.access_key, who.secret_key}, services_.clock.Now(),
                            digest);
        testing::StringBody sent(std::move(body));
        request.body = &sent;
        http::Response response = co_await handler_->Handle(request);
        const auto* const text = std::get_if<std::string>(&response.body);
        co_return Answer{response.status, text == nullptr ? "" : *text};
    }

    void MakeUser(const std::string& name, const std::string& secret) {
        EXPECT_EQ(AskSecretly("PUT", "add-user?accessKey=" + name,
                              R"({"secretKey":")" + secret + R"(","status":"enabled"})")
                      .Code(),
                  "ok");
    }
    void Attach(const std::string& user, const std::string& policy) {
        EXPECT_EQ(AskSecretly("POST", "idp/builtin/policy/attach",
                              R"({"policies":[")" + policy + R"("],"user":")" + user + R"("})")
                      .Code(),
                  "ok");
    }

    testing::ServiceFixture services_;
    const codec::Seal seal_{{}};
    service::Credentials credentials_{"root-key", Secret("root-secret"), *services_.database,
                                      seal_};
    service::Holders holders_{*services_.database, services_.clock, credentials_};
    service::Policies policies_{*services_.database, services_.clock, credentials_};
    service::AccessKeys access_keys_{*services_.database, services_.clock, credentials_};
    service::Buckets buckets_{*services_.core};
    service::Access access_{*services_.core};
    std::unique_ptr<http::Handler> handler_ = NewAdminHandler(
        {*services_.core,
         holders_,
         policies_,
         access_keys_,
         buckets_,
         access_,
         credentials_,
         services_.clock,
         services_.pool,
         {},
         {services_.files, "/data", "1.2.3", services_.clock.Now(), [] { return "here:9000"; }}});
    const Who alice_{"alice", "alice-secret"};
};

TEST_F(AdminHandlerTest, AUserIsAddedToldDisabledAndRemoved) {
    MakeUser("alice", "alice-secret");
    Attach("alice", "readwrite");
    EXPECT_THAT(Ask("GET", "user-info?accessKey=alice").text,
                HasSubstr(R"("policyName":"readwrite","status":"enabled")"));
    EXPECT_THAT(Open(Ask("GET", "list-users")), HasSubstr(R"("alice":{"policyName":"readwrite")"));
    EXPECT_EQ(Ask("GET", "user-info?accessKey=alice", "", alice_).Code(), "ok");
    EXPECT_EQ(Ask("PUT", "set-user-status?accessKey=alice&status=disabled").Code(), "ok");
    EXPECT_EQ(Ask("GET", "user-info?accessKey=alice", "", alice_).Code(), "InvalidAccessKeyId");
    EXPECT_EQ(Ask("DELETE", "remove-user?accessKey=alice").Code(), "ok");
    EXPECT_EQ(Ask("GET", "user-info?accessKey=alice").Code(), "XMinioAdminNoSuchUser");
}

TEST_F(AdminHandlerTest, UsersAdministerNobody) {
    MakeUser("alice", "alice-secret");
    MakeUser("bob", "bob-secret");
    Attach("alice", "readwrite");
    for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
             {"GET", "list-users"},
             {"GET", "user-info?accessKey=bob"},
             {"DELETE", "remove-user?accessKey=bob"},
             {"PUT", "set-user-status?accessKey=alice&status=enabled"},
             {"GET", "groups"},
             {"GET", "list-canned-policies"},
             {"DELETE", "remove-canned-policy?name=x"},
             {"GET", "list-service-accounts?user=bob"},
             {"GET", "list-access-keys-bulk?listType=all&all=true"},
             {"DELETE", "delete-service-account?accessKey=missing"},
             {"GET", "idp/builtin/policy-entities"}}) {
        EXPECT_EQ(Ask(method, path, "", alice_).Code(), "AccessDenied") << path;
    }
    EXPECT_EQ(AskSecretly("PUT", "add-user?accessKey=carol",
                          R"({"secretKey":"carol-secret","status":"enabled"})", alice_)
                  .Code(),
              "AccessDenied");
    EXPECT_EQ(AskSecretly("POST", "idp/builtin/policy/attach",
                          R"({"policies":["consoleAdmin"],"user":"alice"})", alice_)
                  .Code(),
              "AccessDenied");
    EXPECT_EQ(AskSecretly("PUT", "add-service-account", R"({"targetUser":"bob"})", alice_).Code(),
              "AccessDenied");
    EXPECT_EQ(
        AskSecretly("PUT", "add-service-account", R"({"targetUser":"root-key"})", alice_).Code(),
        "AccessDenied");
}

TEST_F(AdminHandlerTest, WhoAdministersUsersDoesNotTakeRootsPlace) {
    MakeUser("alice", "alice-secret");
    Attach("alice", "consoleAdmin");
    EXPECT_EQ(Ask("GET", "list-users", "", alice_).Code(), "ok");
    EXPECT_EQ(
        AskSecretly("PUT", "add-service-account", R"({"targetUser":"root-key"})", alice_).Code(),
        "AccessDenied");
    EXPECT_EQ(AskSecretly("PUT", "add-service-account", R"({"accessKey":"of-root"})").Code(), "ok");
    EXPECT_EQ(AskSecretly("POST", "update-service-account?accessKey=of-root",
                          R"({"newSecretKey":"another-secret"})", alice_)
                  .Code(),
              "AccessDenied");
    EXPECT_EQ(AskSecretly("PUT", "add-user?accessKey=root-key",
                          R"({"secretKey":"another-secret","status":"enabled"})", alice_)
                  .Code(),
              "XMinioAdminInvalidArgument");
}

TEST_F(AdminHandlerTest, AUserChangesItsOwnSecret) {
    MakeUser("alice", "alice-secret");
    EXPECT_EQ(AskSecretly("PUT", "add-user?accessKey=alice",
                          R"({"secretKey":"alice-another","status":"enabled"})", alice_)
                  .Code(),
              "ok");
    EXPECT_EQ(Ask("GET", "user-info?accessKey=alice", "", alice_).Code(), "SignatureDoesNotMatch");
    EXPECT_EQ(Ask("GET", "user-info?accessKey=alice", "", {"alice", "alice-another"}).Code(), "ok");
}

TEST_F(AdminHandlerTest, OnesOwnSecretIsAllThatOneChangesOfItsKey) {
    MakeUser("alice", "alice-secret");
    ASSERT_TRUE(testing::RunTask(access_keys_.Create(
        {.user = "alice", .access_key = "another", .secret_key = Secret("another-secret")})));
    const Who another{"another", "another-secret"};
    const auto change = [&](const std::string& status) {
        return AskSecretly("PUT", "add-user?accessKey=alice",
                           R"({"secretKey":"alice-new","status":")" + status + R"("})", another)
            .Code();
    };
    EXPECT_EQ(change("disabled"), "ok");
    EXPECT_EQ(Ask("GET", "user-info?accessKey=alice", "", {"alice", "alice-new"}).Code(), "ok");
    ASSERT_TRUE(testing::RunTask(access_keys_.Change("alice", {.enabled = false})));
    EXPECT_EQ(change("enabled"), "ok");
    EXPECT_FALSE(testing::RunTask(access_keys_.Get("alice")).value().enabled);
    ASSERT_TRUE(testing::RunTask(access_keys_.Delete("alice")));
    EXPECT_EQ(change("enabled"), "XMinioInvalidIAMCredentials");
    // Of that name, but somebody else's.
    MakeUser("bob", "bob-secret");
    ASSERT_TRUE(testing::RunTask(access_keys_.Create({.user = "bob", .access_key = "alice"})));
    EXPECT_EQ(change("enabled"), "XMinioInvalidIAMCredentials");
}

TEST_F(AdminHandlerTest, KeysThatAreNarrowedOrLentSetNoSecretsOfUsers) {
    MakeUser("alice", "alice-secret");
    Attach("alice", "consoleAdmin");
    constexpr std::string_view kNarrow =
        R"({"accessKey":"narrow","secretKey":"narrow-secret","policy":)"
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"admin:*"}]}})";
    ASSERT_EQ(AskSecretly("PUT", "add-service-account", std::string(kNarrow), alice_).Code(), "ok");
    ASSERT_EQ(AskSecretly("PUT", "add-service-account",
                          R"({"accessKey":"lent","secretKey":"lent-secret"})", alice_)
                  .Code(),
              "ok");
    const auto add = [&](const std::string& user, const Who& who) {
        return AskSecretly("PUT", "add-user?accessKey=" + user,
                           R"({"secretKey":"new-secret","status":"enabled"})", who)
            .Code();
    };
    const Who narrow{"narrow", "narrow-secret"};
    const Who lent{"lent", "lent-secret"};
    EXPECT_EQ(Ask("GET", "list-users", "", narrow).Code(), "ok");
    EXPECT_EQ(add("carol", narrow), "AccessDenied");
    EXPECT_EQ(add("alice", narrow), "AccessDenied");
    EXPECT_EQ(add("alice", lent), "AccessDenied");
    EXPECT_EQ(Ask("GET", "list-users", "", alice_).Code(), "ok");
    EXPECT_EQ(Ask("GET", "user-info?accessKey=carol").Code(), "XMinioAdminNoSuchUser");
    EXPECT_EQ(add("carol", lent), "ok");
}

TEST_F(AdminHandlerTest, GroupsAreMadeFilledAndRemovedOnceEmpty) {
    MakeUser("alice", "alice-secret");
    EXPECT_EQ(Ask("PUT", "update-group-members",
                  R"({"group":"staff","members":["alice"],"isRemove":false})")
                  .Code(),
              "ok");
    EXPECT_THAT(Ask("GET", "group?group=staff").text, HasSubstr(R"("members":["alice"])"));
    EXPECT_EQ(Ask("GET", "groups").text, R"(["staff"])");
    EXPECT_EQ(Ask("PUT", "set-group-status?group=staff&status=disabled").Code(), "ok");
    EXPECT_THAT(Ask("GET", "group?group=staff").text, HasSubstr(R"("status":"disabled")"));
    const std::string remove = R"({"group":"staff","members":[],"isRemove":true})";
    EXPECT_EQ(Ask("PUT", "update-group-members", remove).Code(), "XMinioAdminGroupNotEmpty");
    EXPECT_EQ(Ask("PUT", "update-group-members",
                  R"({"group":"staff","members":["alice"],"isRemove":true})")
                  .Code(),
              "ok");
    EXPECT_EQ(Ask("PUT", "update-group-members", remove).Code(), "ok");
    EXPECT_EQ(Ask("GET", "group?group=staff").Code(), "XMinioAdminNoSuchGroup");
    EXPECT_EQ(Ask("PUT", "update-group-members",
                  R"({"group":"staff","members":["nobody"],"isRemove":false})")
                  .Code(),
              "XMinioAdminNoSuchUser");
}

TEST_F(AdminHandlerTest, PoliciesAreMadeAttachedAndDetached) {
    MakeUser("alice", "alice-secret");
    constexpr std::string_view kDocument =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],)"
        R"("Resource":["arn:aws:s3:::photos/*"]}]})";
    EXPECT_EQ(Ask("PUT", "add-canned-policy?name=p", std::string(kDocument)).Code(), "ok");
    EXPECT_THAT(Ask("GET", "info-canned-policy?name=p&v=2").text, HasSubstr("photos/*"));
    EXPECT_THAT(Ask("GET", "list-canned-policies").text, HasSubstr(R"("consoleAdmin":{)"));
    const std::string attach = R"({"policies":["p"],"user":"alice"})";
    EXPECT_THAT(Open(AskSecretly("POST", "idp/builtin/policy/attach", attach)),
                HasSubstr(R"("policiesAttached":["p"])"));
    EXPECT_EQ(AskSecretly("POST", "idp/builtin/policy/attach", attach).Code(),
              "XMinioAdminPolicyChangeAlreadyApplied");
    EXPECT_THAT(Open(Ask("GET", "idp/builtin/policy-entities?policy=p")),
                HasSubstr(R"("users":["alice"])"));
    EXPECT_EQ(Ask("DELETE", "remove-canned-policy?name=p").Code(), "XMinioAdminPolicyInUse");
    EXPECT_THAT(Open(AskSecretly("POST", "idp/builtin/policy/detach", attach)),
                HasSubstr(R"("policiesDetached":["p"])"));
    EXPECT_EQ(Ask("DELETE", "remove-canned-policy?name=p").Code(), "ok");
    EXPECT_EQ(Ask("GET", "info-canned-policy?name=p").Code(), "XMinioAdminNoSuchPolicy");
    EXPECT_EQ(Ask("PUT", "add-canned-policy?name=p", "{}").Code(), "MalformedPolicy");
}

TEST_F(AdminHandlerTest, AUsersServiceAccountsAreItsOwnToKeep) {
    MakeUser("alice", "alice-secret");
    MakeUser("bob", "bob-secret");
    const Who bob{"bob", "bob-secret"};
    const Answer made = AskSecretly(
        "PUT", "add-service-account",
        R"({"accessKey":"alices-app","secretKey":"alices-app-secret","name":"app"})", alice_);
    EXPECT_THAT(Open(made, alice_), HasSubstr(R"("accessKey":"alices-app")"));
    EXPECT_THAT(Open(Ask("GET", "info-service-account?accessKey=alices-app", "", alice_), alice_),
                HasSubstr(R"("parentUser":"alice","accountStatus":"on")"));
    EXPECT_EQ(Ask("GET", "info-service-account?accessKey=alices-app", "", bob).Code(),
              "AccessDenied");
    EXPECT_EQ(Ask("DELETE", "delete-service-account?accessKey=alices-app", "", bob).Code(),
              "AccessDenied");
    EXPECT_EQ(AskSecretly("POST", "update-service-account?accessKey=alices-app",
                          R"({"newStatus":"off"})", alice_)
                  .status,
              204);
    EXPECT_THAT(Open(Ask("GET", "list-access-keys-bulk?listType=all", "", alice_), alice_),
                HasSubstr(R"("accountStatus":"off")"));
    EXPECT_THAT(Open(Ask("GET", "list-access-keys-bulk?listType=sts-only", "", alice_), alice_),
                Not(HasSubstr("alices-app")));
    EXPECT_EQ(Ask("DELETE", "delete-service-account?accessKey=alices-app", "", alice_).status, 204);
    EXPECT_EQ(Ask("GET", "info-service-account?accessKey=alices-app").Code(),
              "XMinioInvalidIAMCredentials");
}

TEST_F(AdminHandlerTest, APolicyLimitsHowLongAServiceAccountLasts) {
    MakeUser("alice", "alice-secret");
    ASSERT_TRUE(testing::RunTask(policies_.PutInline(
        {service::HolderKind::kUser, "alice"}, "short",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"admin:*",)"
        R"("Condition":{"NumericGreaterThan":{"svc:DurationSeconds":"3600"}}},)"
        R"({"Effect":"Deny","Action":"admin:CreateServiceAccount",)"
        R"("Condition":{"Null":{"svc:DurationSeconds":"true"}}}]})")));
    const auto in = [&](std::chrono::seconds time) {
        return codec::FormatIso8601(services_.clock.Now() + time);
    };
    const auto make = [&](const std::string& more) {
        return AskSecretly("PUT", "add-service-account", R"({"accessKey":"app")" + more + "}",
                           alice_)
            .Code();
    };
    EXPECT_EQ(make(""), "AccessDenied");
    EXPECT_EQ(make(R"(,"expiration":")" + in(std::chrono::hours(2)) + R"(")"), "AccessDenied");
    EXPECT_EQ(make(R"(,"expiration":")" + in(std::chrono::hours(1)) + R"(")"), "ok");
    const auto change = [&](std::chrono::seconds time) {
        return AskSecretly("POST", "update-service-account?accessKey=app",
                           R"({"newExpiration":")" + in(time) + R"("})", alice_)
            .Code();
    };
    EXPECT_EQ(change(std::chrono::hours(2)), "AccessDenied");
    EXPECT_EQ(change(std::chrono::minutes(30)), "ok");
}

TEST_F(AdminHandlerTest, NobodyGetsInWithoutAProofNorWithAnotherSecretsPayload) {
    EXPECT_EQ(Ask("GET", "list-users", "", {"", ""}).Code(), "AccessDenied");
    EXPECT_EQ(Ask("GET", "list-users", "", {"root-key", "wrong-secret"}).Code(),
              "SignatureDoesNotMatch");
    EXPECT_EQ(Ask("PUT", "add-user?accessKey=alice",
                  codec::MadminEncrypt(Secret("other-secret"),
                                       R"({"secretKey":"alice-secret","status":"enabled"})"))
                  .Code(),
              "XMinioAdminInvalidArgument");
    EXPECT_EQ(Ask("PUT", "add-user?accessKey=alice", "plain").Code(), "XMinioAdminInvalidArgument");
    EXPECT_EQ(Ask("GET", "heal").Code(), "NotImplemented");
}

// The matrix of the admin API: every route, asked about somebody else by everybody.
TEST_F(AdminHandlerTest, EveryRouteIsForWhomAPolicyAllowsItAndForNobodyElse) {
    services_.MakeBucket("photos");
    MakeUser("alice", "alice-secret");
    MakeUser("bob", "bob-secret");
    MakeUser("carol", "carol-secret");
    Attach("alice", "readwrite");
    Attach("carol", "consoleAdmin");
    const std::string parameters =
        "?accessKey=bob&user=bob&users=bob&name=mine&policy=readonly&group=staff&status=disabled"
        "&bucket=photos&listType=all&isGroup=false";
    const std::string body = R"({"targetUser":"bob","secretKey":"another-secret","user":"bob",)"
                             R"("policies":["readonly"],"group":"staff","members":["bob"]})";
    const auto state = [&] {
        return Open(Ask("GET", "list-users")) + Ask("GET", "groups").text +
               Ask("GET", "list-canned-policies").text +
               Ask("GET", "get-bucket-quota?bucket=photos").text +
               Open(Ask("GET", "list-service-accounts?user=bob"));
    };
    const std::string before = state();
    const Who carol{"carol", "carol-secret"};
    for (const AdminRoute& route : AdminRoutes()) {
        SCOPED_TRACE(std::string(route.method) + " " + std::string(route.path));
        // Which of them take their document encrypted is theirs to say.
        const auto answers = [&](const Who& who) {
            const std::string path = std::string(route.path) + parameters;
            return std::vector{Ask(std::string(route.method), path, body, who).Code(),
                               AskSecretly(std::string(route.method), path, body, who).Code()};
        };
        EXPECT_THAT(answers(alice_), ::testing::Contains("AccessDenied"));
        EXPECT_THAT(answers(alice_), Not(::testing::Contains("ok")));
        EXPECT_THAT(answers({"", ""}), ::testing::Each("AccessDenied"));
        EXPECT_THAT(answers({"alice", "wrong"}), ::testing::Each("SignatureDoesNotMatch"));
        EXPECT_THAT(answers({"nobody", "wrong"}), ::testing::Each("InvalidAccessKeyId"));
        EXPECT_EQ(state(), before) << "who is refused changed something";
    }
    for (const AdminRoute& route : AdminRoutes()) {
        SCOPED_TRACE(route.path);
        const std::string path = std::string(route.path) + parameters;
        EXPECT_NE(Ask(std::string(route.method), path, body, carol).Code(), "AccessDenied");
        EXPECT_NE(AskSecretly(std::string(route.method), path, body, carol).Code(), "AccessDenied");
    }
}

TEST_F(AdminHandlerTest, InfoTellsWhatTheServerIsAndHolds) {
    services_.MakeBucket("photos");
    ASSERT_TRUE(services_.Put("photos", "cat", "meow"));
    services_.clock.Advance(std::chrono::seconds(90));
    const std::string told = Ask("GET", "info").text;
    for (const std::string_view part :
         {R"("mode":"online")", R"("buckets":{"count":1})", R"("objects":{"count":1})",
          R"("usage":{"size":4})", R"("endpoint":"here:9000","uptime":90,"version":"1.2.3")",
          R"("path":"/data")", R"("state":"ok")"})
        EXPECT_THAT(told, HasSubstr(part));
}

class BucketQuota : public AdminHandlerTest {
  protected:
    BucketQuota() { services_.MakeBucket("photos"); }

    Answer Set(std::string body, const Who& who = {}) {
        return Ask("PUT", "set-bucket-quota?bucket=photos", std::move(body), who);
    }
    uint64_t Now() {
        return testing::RunTask(buckets_.Get(testing::ServiceFixture::Bucket("photos")))
            .value()
            .quota_bytes;
    }
};

TEST_F(BucketQuota, IsSetToldAndCleared) {
    EXPECT_EQ(Set(R"({"quota":1048576,"size":0,"rate":0,"requests":0,"quotatype":"hard"})").Code(),
              "ok");
    EXPECT_EQ(Now(), 1048576U);
    EXPECT_EQ(Ask("GET", "get-bucket-quota?bucket=photos").text,
              R"({"quota":1048576,"size":1048576,"rate":0,"requests":0,"quotatype":"hard"})");
    EXPECT_EQ(Set(R"({"size":5,"quotatype":"hard"})").Code(), "ok");
    EXPECT_EQ(Now(), 5U);
    EXPECT_EQ(Set(R"({"quota":0})").Code(), "ok");
    EXPECT_EQ(Now(), 0U);
}

TEST_F(BucketQuota, RefusesWhatIsNoneAndChangesNothing) {
    Set(R"({"quota":7,"quotatype":"hard"})");
    for (const std::string_view body : {"", "{", "[]", R"({"quota":-1,"quotatype":"hard"})",
                                        R"({"quota":"7"})", R"({"quota":1e30,"quotatype":"hard"})",
                                        R"({"quota":8})", R"({"quota":8,"quotatype":"fifo"})"})
        EXPECT_EQ(Set(std::string(body)).status, 400) << body;
    EXPECT_EQ(Set(R"({"quota":8,"rate":1,"quotatype":"hard"})").status, 501);
    EXPECT_EQ(Now(), 7U);
    EXPECT_EQ(Ask("GET", "get-bucket-quota?bucket=missing").Code(), "NoSuchBucket");
    EXPECT_EQ(Ask("GET", "get-bucket-quota").Code(), "XMinioAdminInvalidArgument");
    EXPECT_EQ(Ask("POST", "set-bucket-quota?bucket=photos").status, 501);
}

TEST_F(BucketQuota, IsForWhoMayAdministerQuotas) {
    MakeUser("alice", "alice-secret");
    Attach("alice", "readwrite");
    const std::string quota = R"({"quota":7,"quotatype":"hard"})";
    for (const Who& who : {Who{"", ""}, alice_}) {
        EXPECT_EQ(Set(quota, who).Code(), "AccessDenied");
        EXPECT_EQ(Ask("GET", "get-bucket-quota?bucket=photos", "", who).Code(), "AccessDenied");
    }
    EXPECT_EQ(Now(), 0U);
    Attach("alice", "consoleAdmin");
    EXPECT_EQ(Set(quota, alice_).Code(), "ok");
    EXPECT_EQ(Now(), 7U);
}

}  // namespace
}  // namespace coffer::api::minio
