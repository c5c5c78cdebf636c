// IAM and STS over real services in memory, asked as boto3 asks: a form, signed for the service.
#include "coffer/api/iam/handler.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "coffer/api/iam/operations.h"
#include "coffer/codec/hex.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"
#include "tests/support/sign_v4.h"
#include "tests/support/string_body.h"

namespace coffer::api::iam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Who {
    std::string access_key = "root-key";
    std::string secret_key = "root-secret";
    std::string token = {};
};

struct Answer {
    int status = 0;
    std::string body;

    std::string Element(std::string_view name) const {
        const size_t begin = body.find(fmt::format("<{}>", name));
        if (begin == std::string::npos) return {};
        const size_t text = begin + name.size() + 2;
        return body.substr(text, body.find(fmt::format("</{}>", name), text) - text);
    }
};

constexpr std::string_view kReadPhotos =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",)"
    R"("Resource":"arn:aws:s3:::photos/*"}]})";

class IamHandlerTest : public ::testing::Test {
  protected:
    using Form = std::map<std::string, std::string>;

    Answer Ask(const Form& form, const Who& who = {}, std::string_view service = "iam") {
        return testing::RunTask(Exchange(form, who, std::string(service)));
    }

    // "ok", or the code of the error.
    std::string Code(const Form& form, const Who& who = {}, std::string_view service = "iam") {
        const Answer answer = Ask(form, who, service);
        return answer.status == 200 ? "ok" : answer.Element("Code");
    }

    Task<Answer> Exchange(Form form, Who who, std::string service) {
        std::string text;
        for (const auto& [name, value] : form)
            text += (text.empty() ? "" : "&") + name + "=" + codec::PercentEncode(value);
        http::Request request;
        request.method = "POST";
        request.target = "/";
        request.headers.Add("Host", "localhost:9000");
        request.headers.Add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        if (!who.access_key.empty())
            testing::SignV4(request, {who.access_key, who.secret_key, who.token, service},
                            services_.clock.Now(), codec::ToHex(codec::Sha256(AsBytes(text))));
        testing::StringBody body(sent_.empty() ? text : sent_);
        request.body = &body;
        http::Response response = co_await handler_->Handle(request);
        read_ = body.was_read();
        const auto* const answer = std::get_if<std::string>(&response.body);
        co_return Answer{response.status, answer == nullptr ? "" : *answer};
    }

    // A user with a key.
    Who Make(const std::string& name) {
        EXPECT_EQ(Code({{"Action", "CreateUser"}, {"UserName", name}}), "ok");
        const Answer key = Ask({{"Action", "CreateAccessKey"}, {"UserName", name}});
        return {key.Element("AccessKeyId"), key.Element("SecretAccessKey")};
    }

    testing::ServiceFixture services_;
    const codec::Seal seal_{{}};
    service::Credentials credentials_{"root-key", Secret("root-secret"), *services_.database,
                                      seal_};
    service::Holders holders_{*services_.database, services_.clock, credentials_};
    service::Policies policies_{*services_.database, services_.clock, credentials_};
    service::AccessKeys access_keys_{*services_.database, services_.clock, credentials_};
    service::Access access_{*services_.core};
    // Of another region than requests are signed for, as by tools that take IAM for AWS's.
    std::unique_ptr<http::Handler> handler_ = NewIamHandler(
        {holders_, policies_, access_keys_, access_, credentials_, services_.clock, "eu-west-1"});
    std::string sent_;   // in place of the body that was signed
    bool read_ = false;  // that of the last request
};

TEST_F(IamHandlerTest, AUserIsMadeFoundListedAndDeleted) {
    const Answer made = Ask({{"Action", "CreateUser"}, {"UserName", "alice"}, {"Path", "/a/"}});
    EXPECT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(made.Element("Arn"), "arn:aws:iam::000000000000:user/a/alice");
    EXPECT_THAT(made.body, HasSubstr("<CreateUserResponse xmlns=\"https://iam.amazonaws.com/"));
    EXPECT_EQ(Ask({{"Action", "GetUser"}, {"UserName", "alice"}}).Element("UserId"),
              made.Element("UserId"));
    EXPECT_THAT(Ask({{"Action", "ListUsers"}}).body, HasSubstr("<UserName>alice</UserName>"));
    EXPECT_THAT(Ask({{"Action", "ListUsers"}, {"PathPrefix", "/b/"}}).body,
                Not(HasSubstr("alice")));
    EXPECT_EQ(Code({{"Action", "CreateUser"}, {"UserName", "alice"}}), "EntityAlreadyExists");
    EXPECT_EQ(Code({{"Action", "DeleteUser"}, {"UserName", "alice"}}), "ok");
    EXPECT_EQ(Code({{"Action", "GetUser"}, {"UserName", "alice"}}), "NoSuchEntity");
}

TEST_F(IamHandlerTest, AListIsReadPageByPage) {
    for (const char* name : {"a", "b", "c"})
        ASSERT_EQ(Code({{"Action", "CreateUser"}, {"UserName", name}}), "ok");
    const Answer first = Ask({{"Action", "ListUsers"}, {"MaxItems", "2"}});
    EXPECT_EQ(first.Element("IsTruncated"), "true");
    const Answer second =
        Ask({{"Action", "ListUsers"}, {"MaxItems", "2"}, {"Marker", first.Element("Marker")}});
    EXPECT_EQ(second.Element("UserName"), "c");
    EXPECT_EQ(second.Element("IsTruncated"), "false");
    EXPECT_EQ(Code({{"Action", "ListUsers"}, {"MaxItems", "0"}}), "ValidationError");
}

TEST_F(IamHandlerTest, AUserMayOnlyWhatAPolicyAllows) {
    const Who alice = Make("alice");
    EXPECT_EQ(Code({{"Action", "ListUsers"}}, alice), "AccessDenied");
    EXPECT_EQ(Code({{"Action", "GetUser"}}, alice), "AccessDenied");
    EXPECT_EQ(Code({{"Action", "PutUserPolicy"},
                    {"UserName", "alice"},
                    {"PolicyName", "self"},
                    {"PolicyDocument",
                     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*",)"
                     R"("Resource":"arn:aws:iam::000000000000:user/${aws:username}"}]})"}}),
              "ok");
    EXPECT_EQ(Code({{"Action", "GetUser"}}, alice), "ok");
    EXPECT_EQ(Code({{"Action", "CreateAccessKey"}}, alice), "ok");
    EXPECT_EQ(Code({{"Action", "ListUsers"}}, alice), "AccessDenied");
    EXPECT_EQ(Code({{"Action", "CreateUser"}, {"UserName", "bob"}}, alice), "AccessDenied");
}

// The matrix of IAM: every operation, asked about somebody else by everybody. What STS offers is
// for everybody who has a key.
TEST_F(IamHandlerTest, EveryOperationIsForWhoHasItsActionAndForNobodyElse) {
    const Who nobody = Make("nobody");
    const Who only = Make("only");
    const Who others = Make("others");
    const Who denied = Make("denied");
    const Who bob = Make("bob");
    Form form = {{"UserName", "bob"},
                 {"GroupName", "staff"},
                 {"PolicyName", "own"},
                 {"PolicyArn", "arn:aws:iam::aws:policy/readonly"},
                 {"PolicyDocument", std::string(kReadPhotos)},
                 {"VersionId", "v1"},
                 {"AccessKeyId", bob.access_key},
                 {"Status", "Inactive"}};
    const auto give = [&](const std::string& user, const std::string& statements) {
        EXPECT_EQ(Code({{"Action", "PutUserPolicy"},
                        {"UserName", user},
                        {"PolicyName", "matrix"},
                        {"PolicyDocument",
                         R"({"Version":"2012-10-17","Statement":[)" + statements + "]}"}}),
                  "ok");
    };
    const auto state = [&] {
        std::string all;
        for (const char* action : {"ListUsers", "ListGroups", "ListPolicies", "ListAccessKeys",
                                   "ListUserPolicies", "ListAttachedUserPolicies"}) {
            const std::string body = Ask({{"Action", action}, {"UserName", "bob"}}).body;
            all += body.substr(0, body.find("<ResponseMetadata>"));
        }
        return all;
    };
    for (const Row& row : Operations()) {
        if (row.api == Api::kSts) continue;
        SCOPED_TRACE(row.action);
        form["Action"] = std::string(row.action);
        const std::string action = fmt::format(R"("iam:{}")", row.action);
        give("only", R"({"Effect":"Allow","Action":)" + action + R"(,"Resource":"*"})");
        give("others", R"({"Effect":"Allow","NotAction":)" + action + R"(,"Resource":"*"})");
        give("denied", R"({"Effect":"Allow","Action":"*","Resource":"*"},)"
                       R"({"Effect":"Deny","Action":)" +
                           action + R"(,"Resource":"*"})");
        const std::string before = state();
        EXPECT_EQ(Code(form, {"", ""}), "MissingAuthenticationToken");
        for (const Who& who : {nobody, others, denied})
            EXPECT_EQ(Code(form, who), "AccessDenied") << who.access_key;
        EXPECT_EQ(Code(form, {only.access_key, "another-secret"}), "SignatureDoesNotMatch");
        EXPECT_EQ(state(), before) << "who is refused changed something";
        EXPECT_NE(Code(form, only), "AccessDenied");
        EXPECT_NE(Code(form), "AccessDenied");
    }
}

TEST_F(IamHandlerTest, Case57WhoMayNotAskDoesNotLearnWhoIsThere) {
    const Who alice = Make("alice");
    Make("bob");
    for (const char* action : {"GetUser", "DeleteUser", "ListAccessKeys", "ListUserPolicies"}) {
        const Answer there = Ask({{"Action", action}, {"UserName", "bob"}}, alice);
        const Answer missing = Ask({{"Action", action}, {"UserName", "bub"}}, alice);
        EXPECT_EQ(there.status, missing.status) << action;
        EXPECT_EQ(there.Element("Code"), missing.Element("Code")) << action;
        EXPECT_EQ(there.Element("Message"), missing.Element("Message")) << action;
    }
}

TEST_F(IamHandlerTest, ThereAreNoRolesAndProviders) {
    const Answer roles = Ask({{"Action", "ListRoles"}});
    EXPECT_THAT(roles.body, HasSubstr("<ListRolesResult><Roles/>"));
    EXPECT_EQ(roles.Element("IsTruncated"), "false");
    EXPECT_THAT(Ask({{"Action", "ListOpenIDConnectProviders"}}).body,
                HasSubstr("<OpenIDConnectProviderList/>"));
    EXPECT_EQ(Code({{"Action", "ListRoles"}}, Make("alice")), "AccessDenied");
}

TEST_F(IamHandlerTest, AKeyIsItsUsersAndCanBeTurnedOff) {
    const Who alice = Make("alice");
    Make("bob");
    EXPECT_EQ(Code({{"Action", "GetCallerIdentity"}}, alice, "sts"), "ok");
    const Form update = {{"Action", "UpdateAccessKey"},
                         {"UserName", "alice"},
                         {"AccessKeyId", alice.access_key},
                         {"Status", "Inactive"}};
    Form of_bob = update;
    of_bob["UserName"] = "bob";
    EXPECT_EQ(Code(of_bob), "NoSuchEntity");
    EXPECT_EQ(Code(update), "ok");
    EXPECT_EQ(Code({{"Action", "GetCallerIdentity"}}, alice, "sts"), "InvalidClientTokenId");
    EXPECT_EQ(Ask({{"Action", "ListAccessKeys"}, {"UserName", "alice"}}).Element("Status"),
              "Inactive");
    EXPECT_EQ(Code({{"Action", "DeleteUser"}, {"UserName", "alice"}}), "DeleteConflict");
    EXPECT_EQ(Code({{"Action", "DeleteAccessKey"},
                    {"UserName", "alice"},
                    {"AccessKeyId", alice.access_key}}),
              "ok");
    EXPECT_EQ(Code({{"Action", "DeleteUser"}, {"UserName", "alice"}}), "ok");
}

TEST_F(IamHandlerTest, PoliciesAreAttachedToUsersAndGroups) {
    Make("alice");
    const Answer made = Ask({{"Action", "CreatePolicy"},
                             {"PolicyName", "p"},
                             {"PolicyDocument", std::string(kReadPhotos)}});
    const std::string arn = made.Element("Arn");
    EXPECT_EQ(arn, "arn:aws:iam::000000000000:policy/p");
    EXPECT_EQ(codec::PercentDecode(
                  Ask({{"Action", "GetPolicyVersion"}, {"PolicyArn", arn}, {"VersionId", "v1"}})
                      .Element("Document"))
                  .value(),
              kReadPhotos);
    EXPECT_EQ(Code({{"Action", "CreateGroup"}, {"GroupName", "staff"}}), "ok");
    EXPECT_EQ(Code({{"Action", "AddUserToGroup"}, {"GroupName", "staff"}, {"UserName", "alice"}}),
              "ok");
    EXPECT_EQ(Code({{"Action", "AttachGroupPolicy"}, {"GroupName", "staff"}, {"PolicyArn", arn}}),
              "ok");
    EXPECT_EQ(Code({{"Action", "AttachUserPolicy"},
                    {"UserName", "alice"},
                    {"PolicyArn", "arn:aws:iam::aws:policy/readonly"}}),
              "ok");
    EXPECT_EQ(Ask({{"Action", "GetPolicy"}, {"PolicyArn", arn}}).Element("AttachmentCount"), "1");
    EXPECT_THAT(Ask({{"Action", "ListAttachedUserPolicies"}, {"UserName", "alice"}}).body,
                HasSubstr("arn:aws:iam::aws:policy/readonly"));
    EXPECT_THAT(Ask({{"Action", "ListGroupsForUser"}, {"UserName", "alice"}}).body,
                HasSubstr("<GroupName>staff</GroupName>"));
    EXPECT_THAT(Ask({{"Action", "ListEntitiesForPolicy"}, {"PolicyArn", arn}}).body,
                HasSubstr("<GroupName>staff</GroupName>"));
    EXPECT_EQ(Code({{"Action", "DeletePolicy"}, {"PolicyArn", arn}}), "DeleteConflict");
    EXPECT_EQ(Code({{"Action", "AttachUserPolicy"},
                    {"UserName", "alice"},
                    {"PolicyArn", "arn:aws:iam::000000000000:policy/missing"}}),
              "NoSuchEntity");
    EXPECT_EQ(Code({{"Action", "CreatePolicy"}, {"PolicyName", "q"}, {"PolicyDocument", "{"}}),
              "MalformedPolicyDocument");
}

TEST_F(IamHandlerTest, APolicyLimitsWhichPoliciesAreAttached) {
    const Who alice = Make("alice");
    constexpr std::string_view kAttachButAdmin =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},)"
        R"({"Effect":"Deny","Action":["iam:AttachUserPolicy","iam:DetachUserPolicy"],)"
        R"("Resource":"*","Condition":)"
        R"({"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/consoleAdmin"}}}]})";
    ASSERT_EQ(Code({{"Action", "PutUserPolicy"},
                    {"UserName", "alice"},
                    {"PolicyName", "p"},
                    {"PolicyDocument", std::string(kAttachButAdmin)}}),
              "ok");
    const auto change = [&](const std::string& action, const std::string& arn, const Who& who) {
        return Code({{"Action", action}, {"UserName", "alice"}, {"PolicyArn", arn}}, who);
    };
    const std::string admin = "arn:aws:iam::aws:policy/consoleAdmin";
    EXPECT_EQ(change("AttachUserPolicy", "arn:aws:iam::aws:policy/readonly", alice), "ok");
    EXPECT_EQ(change("AttachUserPolicy", admin, alice), "AccessDenied");
    // The same policy, however it is named.
    for (const std::string other : {"arn:aws:iam::000000000000:policy/consoleAdmin",
                                    "arn:aws:iam::aws:policy/any/path/consoleAdmin"})
        EXPECT_EQ(change("AttachUserPolicy", other, alice), "AccessDenied") << other;
    ASSERT_EQ(change("AttachUserPolicy", admin, {}), "ok");
    EXPECT_EQ(change("DetachUserPolicy", admin, alice), "AccessDenied");
    EXPECT_EQ(change("AttachUserPolicy", "arn:aws:iam::000000000000:policy/none", alice),
              "NoSuchEntity");
}

TEST_F(IamHandlerTest, ASessionActsForItsUser) {
    const Who alice = Make("alice");
    const Answer opened = Ask({{"Action", "AssumeRole"},
                               {"RoleArn", "arn:aws:iam::000000000000:role/any"},
                               {"RoleSessionName", "job"}},
                              alice, "sts");
    ASSERT_EQ(opened.status, 200) << opened.body;
    const Who session = {opened.Element("AccessKeyId"), opened.Element("SecretAccessKey"),
                         opened.Element("SessionToken")};
    EXPECT_EQ(Ask({{"Action", "GetCallerIdentity"}}, session, "sts").Element("Arn"),
              "arn:aws:sts::000000000000:assumed-role/alice/job");
    EXPECT_EQ(Code({{"Action", "AssumeRole"}, {"RoleSessionName", "more"}}, session, "sts"),
              "AccessDenied");
    services_.clock.Advance(std::chrono::hours(1));
    EXPECT_EQ(Code({{"Action", "GetCallerIdentity"}}, session, "sts"), "ExpiredToken");
    EXPECT_EQ(Code({{"Action", "AssumeRole"}, {"DurationSeconds", "1"}}, alice, "sts"),
              "ValidationError");
}

TEST_F(IamHandlerTest, APolicyLimitsHowLongASessionLasts) {
    const Who alice = Make("alice");
    EXPECT_EQ(Code({{"Action", "PutUserPolicy"},
                    {"UserName", "alice"},
                    {"PolicyName", "short"},
                    {"PolicyDocument",
                     R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:*",)"
                     R"("Condition":{"NumericGreaterThan":{"sts:DurationSeconds":"3600"}}}]})"}}),
              "ok");
    for (const std::string action : {"AssumeRole", "GetSessionToken"}) {
        EXPECT_EQ(Code({{"Action", action}, {"DurationSeconds", "3600"}}, alice, "sts"), "ok");
        EXPECT_EQ(Code({{"Action", action}, {"DurationSeconds", "3601"}}, alice, "sts"),
                  "AccessDenied");
    }
}

TEST_F(IamHandlerTest, GetSessionTokenKeepsTheUsersName) {
    const Who alice = Make("alice");
    const Answer opened = Ask({{"Action", "GetSessionToken"}}, alice, "sts");
    const Who session = {opened.Element("AccessKeyId"), opened.Element("SecretAccessKey"),
                         opened.Element("SessionToken")};
    EXPECT_EQ(Ask({{"Action", "GetCallerIdentity"}}, session, "sts").Element("Arn"),
              "arn:aws:iam::000000000000:user/alice");
}

TEST_F(IamHandlerTest, NobodyGetsInWithoutAProof) {
    EXPECT_EQ(Code({{"Action", "ListUsers"}}, {.secret_key = "wrong-secret"}),
              "SignatureDoesNotMatch");
    EXPECT_TRUE(read_) << "the signature covers it";
    EXPECT_EQ(Code({{"Action", "ListUsers"}}, {.access_key = ""}), "MissingAuthenticationToken");
    EXPECT_FALSE(read_) << "it would be kept for strangers";
    EXPECT_EQ(Code({{"Action", "ListUsers"}}, {.access_key = "nobody"}), "InvalidClientTokenId");
    EXPECT_FALSE(read_);
    EXPECT_EQ(Code({{"Action", "ListUsers"}}, {}, "s3"), "IncompleteSignature");
    EXPECT_FALSE(read_);
    sent_ = "Action=DeleteUser&UserName=alice";
    EXPECT_EQ(Code({{"Action", "ListUsers"}}), "SignatureDoesNotMatch");
}

TEST_F(IamHandlerTest, WhatIsNotOfferedSaysSo) {
    EXPECT_EQ(Code({{"Action", "CreateRole"}, {"RoleName", "r"}}), "InvalidAction");
    EXPECT_EQ(Code({{"Action", "CreateUser"}, {"UserName", "a"}, {"Tags.member.1.Key", "k"}}),
              "NotImplemented");
    EXPECT_EQ(Code({{"UserName", "a"}}), "InvalidAction");
}

}  // namespace
}  // namespace coffer::api::iam
