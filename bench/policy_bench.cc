// What access policies cost a request: a bucket's policy of 50 statements, of kinds that each make
// the evaluation look at more of them. Goal: at most 10 us.
#include <benchmark/benchmark.h>

#include <string>

#include "coffer/base/check.h"
#include "coffer/codec/policy/decide.h"

namespace coffer::codec::policy {
namespace {

constexpr int kStatements = 50;

// A statement for each of 50 teams. `resource`, `condition`: with '#' for the team's number.
std::string Document(const std::string& resource, const std::string& condition) {
    std::string statements;
    for (int i = 0; i < kStatements; ++i) {
        std::string statement =
            R"({"Sid":"team-#","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/alice","arn:aws:iam::111122223333:user/bob#"]},)"
            R"("Action":["s3:PutObject","s3:DeleteObject","s3:GetObject"],"Resource":[")" +
            resource + R"("])" + condition + "}";
        for (size_t at = statement.find('#'); at != statement.npos; at = statement.find('#'))
            statement.replace(at, 1, std::to_string(i));
        statements += (i > 0 ? "," : "") + statement;
    }
    return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
}

// As a server answers: from strings that it has at hand.
class Values final : public ValueSource {
  public:
    ConditionValues Find(const ConditionKey& key) override {
        if (key.id == KeyId::kSourceIp) return std::vector<std::string>{"203.0.113.99"};
        if (key.id == KeyId::kSecureTransport) return std::vector<std::string>{"true"};
        if (key.id == KeyId::kUserAgent) return std::vector<std::string>{"aws-cli/2.15.0 md/x"};
        return std::nullopt;
    }
};

void Evaluate(benchmark::State& state, const std::string& document, Verdict expected) {
    const auto policy = Policy::ParseForBucket(document, "shared-bucket");
    COFFER_CHECK(policy.has_value());
    Principal alice;
    alice.kind = Principal::Kind::kUser;
    alice.account = "111122223333";
    alice.arn = "arn:aws:iam::111122223333:user/alice";
    alice.user_name = "alice";
    for (auto _ : state) {
        Values values;
        Request request(alice, "s3:GetObject", "arn:aws:s3:::shared-bucket/team-49/2026/report.pdf",
                        values);
        const Verdict verdict =
            Decide(request, {.bucket = &policy.value(), .account = "111122223333"});
        COFFER_CHECK(verdict == expected);
        benchmark::DoNotOptimize(verdict);
    }
    state.SetLabel("goal: 10 us");
}

const std::string kFolder = "arn:aws:s3:::shared-bucket/team-#/*";
const std::string kConditions =
    R"(,"Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8:#::/48"]},)"
    R"("Bool":{"aws:SecureTransport":"true"},"StringLike":{"aws:UserAgent":"*agent-#*"}})";

void FolderOfTheLastStatement(benchmark::State& state) {
    Evaluate(state, Document(kFolder, ""), Verdict::kAllowed);
}
void NoStatementApplies(benchmark::State& state) {
    Evaluate(state, Document("arn:aws:s3:::shared-bucket/*/other-#/*", ""), Verdict::kNotAllowed);
}
void AllConditionsAreTried(benchmark::State& state) {
    Evaluate(state, Document("arn:aws:s3:::shared-bucket/*", kConditions), Verdict::kNotAllowed);
}
void EveryResourceHasAVariable(benchmark::State& state) {
    Evaluate(state, Document("arn:aws:s3:::shared-bucket/${aws:username}/#/*", ""),
             Verdict::kNotAllowed);
}
BENCHMARK(FolderOfTheLastStatement)->Name("policy_50_folder_of_the_last");
BENCHMARK(NoStatementApplies)->Name("policy_50_none_applies");
BENCHMARK(AllConditionsAreTried)->Name("policy_50_all_conditions");
BENCHMARK(EveryResourceHasAVariable)->Name("policy_50_all_variables");

void Parse(benchmark::State& state) {
    const std::string document = Document(kFolder, kConditions);
    for (auto _ : state)
        benchmark::DoNotOptimize(Policy::ParseForBucket(document, "shared-bucket"));
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(document.size()));
}
BENCHMARK(Parse)->Name("policy_50_parse");

}  // namespace
}  // namespace coffer::codec::policy
