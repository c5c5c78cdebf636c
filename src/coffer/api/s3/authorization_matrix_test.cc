// Who may do what: every row of the routes' table, asked by everybody, signed in every way. A
// caller gets in exactly where the row's action is allowed, and who does not changes nothing. There
// is no list of operations here: a row that is added is asked like all others.
#include <gtest/gtest.h>

#include "coffer/api/s3/routes.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/sigv2.h"
#include "coffer/service/iam/access_keys.h"
#include "coffer/service/iam/policies.h"
#include "coffer/service/iam/session_token.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

using catalog::HolderKind;
using testing::RunTask;

enum class Signing { kHeader, kLink, kHeaderV2, kLinkV2 };
constexpr Signing kSignings[] = {Signing::kHeader, Signing::kLink, Signing::kHeaderV2,
                                 Signing::kLinkV2};

struct Caller {
    std::string name;             // for people
    std::string access_key = {};  // empty: nobody, who signs nothing
    std::string secret_key = {};
    std::string token = {};
};

// A row, as something to ask.
struct Question {
    const Route* route;
    std::string target;
    std::string action;
    std::string body;
};

std::string QueryOf(const Route& route, const std::string& upload_id) {
    std::string query;
    std::string_view words = route.query;
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        query += (query.empty() ? "" : "&") + std::string(word);
        if (word == "uploadId") query += "=" + upload_id;
        if (word == "partNumber") query += "=1";
        if (word == "id") query += "=x";
    }
    return query;
}

// What an operation that asks once it has read its document has to be sent.
std::string BodyOf(const Route& route) {
    if (route.operation == "DeleteObjects")
        return "<Delete><Object><Key>key</Key></Object></Delete>";
    if (route.operation == "PutObjectRetention")
        return "<Retention><Mode>GOVERNANCE</Mode>"
               "<RetainUntilDate>2099-01-01T00:00:00Z</RetainUntilDate></Retention>";
    if (route.operation == "PutObjectLegalHold")
        return "<LegalHold><Status>ON</Status></LegalHold>";
    if (route.operation == "PutObjectTagging" || route.operation == "PutBucketTagging")
        return "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    return {};
}

// The question, and the one about a version where another action is asked then.
std::vector<Question> QuestionsOf(const Route& route, const std::string& upload_id) {
    const std::string path = route.scope == Scope::kService  ? "/"
                             : route.scope == Scope::kBucket ? "/vault"
                                                             : "/vault/key";
    const std::string query = QueryOf(route, upload_id);
    std::vector<Question> questions = {{&route, path + (query.empty() ? "" : "?" + query),
                                        std::string(route.rule.action(false)), BodyOf(route)}};
    const bool takes_versions = route.parameters.find("versionId") != std::string_view::npos;
    if (takes_versions && route.rule.action(true) != route.rule.action(false))
        questions.push_back({&route,
                             path + "?" + (query.empty() ? "" : query + "&") + "versionId=null",
                             std::string(route.rule.action(true)), BodyOf(route)});
    return questions;
}

std::string Statement(std::string_view effect, std::string_view what, std::string_view actions,
                      std::string_view rest = R"("Resource":"*")") {
    return fmt::format(R"({{"Effect":"{}","{}":[{}],{}}})", effect, what, actions, rest);
}
std::string PolicyOf(const std::vector<std::string>& statements) {
    return fmt::format(R"({{"Version":"2012-10-17","Statement":[{}]}})",
                       fmt::join(statements, ","));
}

// A vault with an object and an upload, and the users of whom the questions are asked.
class Matrix {
  public:
    Matrix() {
        fixture_.services.MakeBucket("vault");
        COFFER_CHECK(fixture_.services.Put("vault", "key", "body").has_value());
        COFFER_CHECK(fixture_.services.Put("vault", "source", "source").has_value());
        upload_id =
            RunTask(fixture_.uploads.Create({.bucket = Bucket(), .key = Key()})).value().upload_id;
        for (const std::string name : {"nobody", "only", "others", "denied", "guest"})
            COFFER_CHECK(RunTask(keys_.PutUser(name, Secret(name + "-secret"), true)).has_value());
    }

    void Ask(const Question& question) {
        const std::string action = fmt::format(R"("{}")", question.action);
        // Who may not list does not learn what is missing; a copy reads its source.
        const std::string helpers =
            (question.action == "s3:ListBucket" ? "" : R"(,"s3:ListBucket")") +
            std::string(question.route->header == "x-amz-copy-source"
                            ? R"(,"s3:GetObject","s3:GetObjectTagging")"
                            : "");
        Give("only", {Statement("Allow", "Action", action + helpers)});
        Give("others", {Statement("Allow", "NotAction", action)});
        Give("denied",
             {Statement("Allow", "Action", R"("*")"), Statement("Deny", "Action", action)});
        const Caller root{"root", "root-key", "root-secret"};
        const Caller only{"who has only this action", "only", "only-secret"};
        const std::string before = State();

        for (const Signing signing : kSignings) {
            Refused(question, {"nobody"}, signing);
            Refused(question, {"who has no policy", "nobody", "nobody-secret"}, signing);
            Refused(question, {"who has every other action", "others", "others-secret"}, signing);
            Refused(question, {"whom a policy denies it", "denied", "denied-secret"}, signing);
            Refused(question, {"who has another secret", "only", "another-secret"}, signing);
            Refused(question, {"whom nobody knows", "stranger", "only-secret"}, signing);
            Refused(question, Narrowed(only, question.action), signing);
            Refused(question, Narrowed(root, question.action), signing);
        }
        Refused(question, Session(only, question.action), Signing::kHeader);
        Refused(question, Session(root, question.action), Signing::kLink);
        EXPECT_EQ(State(), before) << "who is refused changed something";

        for (const Signing signing : kSignings) {
            Admitted(question, only, signing);
            Admitted(question, root, signing);
        }
        Admitted(question, Session(only, {}), Signing::kHeader);
        Admitted(question, Session(root, {}), Signing::kLink);
    }

    // What the bucket's policy alone decides: of a user of the account, and of everybody.
    void AskOfTheBucketsPolicy(const Question& question) {
        const Caller guest{"who is in the bucket's policy", "guest", "guest-secret"};
        const std::string resources = R"("Resource":["arn:aws:s3:::vault","arn:aws:s3:::vault/*"])";
        const std::string actions =
            fmt::format(R"("{}"{}{})", question.action,
                        question.action == "s3:ListBucket" ? "" : R"(,"s3:ListBucket")",
                        question.route->header == "x-amz-copy-source"
                            ? R"(,"s3:GetObject","s3:GetObjectTagging")"
                            : "");
        Open(Statement(
            "Allow", "Action", actions,
            R"("Principal":{"AWS":"arn:aws:iam::000000000000:user/guest"},)" + resources));
        for (const Signing signing : kSignings)
            Refused(question, {"who is not in it", "nobody", "nobody-secret"}, signing);
        Refused(question, {"nobody"}, Signing::kHeader);
        Admitted(question, guest, Signing::kHeader);
        COFFER_CHECK(RunTask(Restore()).has_value());
        Open(Statement("Allow", "Action", actions, R"("Principal":"*",)" + resources));
        Admitted(question, {"nobody"}, Signing::kHeader);
    }

    std::string upload_id;

  private:
    static service::BucketName Bucket() { return testing::ServiceFixture::Bucket("vault"); }
    static service::ObjectKey Key() { return testing::ServiceFixture::Key("key"); }

    void Give(const std::string& user, const std::vector<std::string>& statements) {
        const auto put =
            RunTask(policies_.PutInline({HolderKind::kUser, user}, "matrix", PolicyOf(statements)));
        ASSERT_TRUE(put) << put.error().ToString();
    }
    void Open(const std::string& statement) {
        const auto put = RunTask(fixture_.access.PutPolicy(Bucket(), PolicyOf({statement})));
        ASSERT_TRUE(put) << put.error().ToString();
    }
    // What an admitted caller may have taken away.
    Task<Result<>> Restore() {
        const auto made = co_await fixture_.buckets.Create(Bucket());
        if (!made && made.error().kind() != ErrorKind::kAlreadyExists) co_return made.error();
        co_return Ok();
    }

    // A service account of the caller's, whose policy has everything but the action.
    Caller Narrowed(const Caller& caller, const std::string& action) {
        service::NewAccessKey wanted;
        wanted.user = caller.access_key == "root-key" ? "" : caller.access_key;
        wanted.service = true;
        wanted.policy = AllBut(action);
        const auto pair = RunTask(keys_.Create(std::move(wanted)));
        COFFER_CHECK(pair.has_value());
        return {"a service account without it, of " + caller.name, pair.value().access_key,
                std::string(pair.value().secret_key.Reveal())};
    }
    // A session of the caller's; `action`: which its policy leaves out; empty: it has none.
    Caller Session(const Caller& caller, const std::string& action) {
        const auto found = RunTask(credentials().Find(caller.access_key, ""));
        service::NewSession wanted;
        wanted.duration = std::chrono::hours(1);
        if (!action.empty()) wanted.policy = AllBut(action);
        const auto session = RunTask(keys_.OpenSession(found.value()->actor, std::move(wanted)));
        COFFER_CHECK(session.has_value());
        return {"a session of " + caller.name, session.value().access_key,
                std::string(session.value().secret_key.Reveal()),
                service::SealSession(fixture_.seal, session.value())};
    }
    static std::string AllBut(const std::string& action) {
        return PolicyOf({Statement("Allow", "NotAction", fmt::format(R"("{}")", action))});
    }

    // Everything that a request could change, as root sees it.
    std::string State() {
        std::string state;
        const std::string upload = "/vault/key?uploadId=" + upload_id;
        for (const std::string_view target :
             {std::string_view("/"), std::string_view("/vault?versions"),
              std::string_view("/vault?uploads"), std::string_view("/vault?versioning"),
              std::string_view("/vault?policy"), std::string_view("/vault?cors"),
              std::string_view("/vault?lifecycle"), std::string_view("/vault?tagging"),
              std::string_view("/vault?encryption"), std::string_view("/vault/key?tagging"),
              std::string_view(upload)}) {
            std::string body = fixture_.Send("GET", std::string(target)).body;
            // Each error has an id of its own.
            if (const size_t id = body.find("<RequestId>"); id != std::string::npos)
                body.resize(id);
            state += fmt::format("{}: {}\n", target, body);
        }
        return state;
    }

    void Refused(const Question& question, const Caller& caller, Signing signing) {
        const TestReply reply = Send(question, caller, signing);
        // Of many keys each is answered by itself.
        const bool each = reply.status == 200 && question.route->rule.asks_later();
        EXPECT_TRUE(reply.status == 403 || (each && reply.Element("Code") == "AccessDenied"))
            << Described(question, caller, signing, reply);
    }
    void Admitted(const Question& question, const Caller& caller, Signing signing) {
        const TestReply reply = Send(question, caller, signing);
        EXPECT_TRUE(reply.status != 403 && reply.Element("Code") != "AccessDenied")
            << Described(question, caller, signing, reply);
    }
    static std::string Described(const Question& question, const Caller& caller, Signing signing,
                                 const TestReply& reply) {
        return fmt::format("{} {} ({}), signing {}: {} is answered {} {}", question.route->method,
                           question.target, question.action, static_cast<int>(signing), caller.name,
                           reply.status, reply.body);
    }

    TestReply Send(const Question& question, const Caller& caller, Signing signing) {
        http::Request request;
        request.method = question.route->method;
        request.target = question.target;
        request.headers.Add("Host", "localhost:9000");
        request.headers.Add("Content-Length", std::to_string(question.body.size()));
        if (!question.route->header.empty())
            request.headers.Add(std::string(question.route->header), "/vault/source");
        if (question.route->operation == "DeleteObjects")
            request.headers.Add("Content-MD5",
                                codec::Base64Encode(codec::Md5(AsBytes(question.body))));
        if (!caller.access_key.empty()) Sign(request, caller, signing);
        TestBody body(question.body, question.body.size(), nullptr);
        request.body = &body;
        return RunTask(fixture_.Perform(request, body));
    }

    void Sign(http::Request& request, const Caller& caller, Signing signing) {
        const Timestamp now = fixture_.services.clock.Now();
        const testing::Signer signer{caller.access_key, caller.secret_key, caller.token};
        if (signing == Signing::kLink) return testing::PresignV4(request, signer, now);
        if (signing == Signing::kHeader) {
            request.headers.Add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
            return testing::SignV4(request, signer, now, "UNSIGNED-PAYLOAD");
        }
        const bool link = signing == Signing::kLinkV2;
        const std::string expires =
            link ? std::to_string(ToMicros(now) / 1'000'000 + 60) : std::string();
        if (!link) request.headers.Add("Date", codec::FormatHttpDate(now));
        const codec::Target target = codec::SplitTarget(request.target);
        const std::string signature = codec::SigV2Sign(
            caller.secret_key,
            codec::SigV2StringToSign(request.method, target.path,
                                     codec::Query::Parse(target.query.value_or("")).value(),
                                     Fields(request), expires));
        if (!link) {
            request.headers.Add("Authorization", "AWS " + caller.access_key + ":" + signature);
            return;
        }
        Append(request.target, "AWSAccessKeyId=" + caller.access_key + "&Expires=" + expires +
                                   "&Signature=" + codec::PercentEncode(signature));
    }

    static void Append(std::string& target, const std::string& parameters) {
        target += (target.find('?') == std::string::npos ? "?" : "&") + parameters;
    }
    static std::vector<codec::HeaderField> Fields(const http::Request& request) {
        std::vector<codec::HeaderField> fields;
        for (const http::Header& header : request.headers)
            fields.push_back({header.name, header.value});
        return fields;
    }
    service::Credentials& credentials() { return fixture_.credentials; }

    S3Fixture fixture_;
    service::Policies policies_{*fixture_.services.database, fixture_.services.clock,
                                credentials()};
    service::AccessKeys keys_{*fixture_.services.database, fixture_.services.clock, credentials()};
};

// Rows that need no action, and why that is right; anything else must have one.
bool NeedsNoAction(const Route& route) {
    return route.operation == "CorsPreflight" ||  // browsers ask it without credentials
           route.operation == "PostObject";       // its form brings them: post_object_test.cc
}

// Cases 54 and 55 of the attack catalogue among others: another user's object by its id, or a link.
TEST(AuthorizationMatrix, EveryRouteIsForWhoHasItsActionAndForNobodyElse) {
    for (const Route& route : Routes()) {
        EXPECT_EQ(route.rule.anybody(), NeedsNoAction(route)) << route.operation;
        if (route.rule.anybody()) continue;
        const size_t questions = QuestionsOf(route, "").size();
        for (size_t i = 0; i < questions; ++i) {
            SCOPED_TRACE(route.operation);
            Matrix matrix;
            matrix.Ask(QuestionsOf(route, matrix.upload_id)[i]);
        }
    }
}

TEST(AuthorizationMatrix, ABucketsPolicyOpensARouteForWhomItNames) {
    for (const Route& route : Routes()) {
        // A bucket's policy is about what is in the bucket, once it is there.
        if (route.rule.anybody() || route.scope == Scope::kService ||
            route.operation == "CreateBucket")
            continue;
        const size_t questions = QuestionsOf(route, "").size();
        for (size_t i = 0; i < questions; ++i) {
            SCOPED_TRACE(route.operation);
            Matrix matrix;
            matrix.AskOfTheBucketsPolicy(QuestionsOf(route, matrix.upload_id)[i]);
        }
    }
}

}  // namespace
}  // namespace coffer::api::s3
