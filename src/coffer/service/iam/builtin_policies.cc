#include "coffer/service/iam/builtin_policies.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "coffer/base/check.h"

namespace coffer::service {
namespace {

constexpr std::pair<std::string_view, std::string_view> kDocuments[] = {
    {"AmazonS3FullAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})"},
    {"AmazonS3ReadOnlyAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],)"
     R"("Resource":"*"}]})"},
    {"consoleAdmin",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["admin:*"]},)"
     R"({"Effect":"Allow","Action":["kms:*"]},)"
     R"({"Effect":"Allow","Action":["s3:*"],"Resource":["arn:aws:s3:::*"]}]})"},
    {"diagnostics",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["admin:BandwidthMonitor",)"
     R"("admin:ConsoleLog","admin:OBDInfo","admin:Profiling","admin:Prometheus",)"
     R"("admin:ServerInfo","admin:ServerTrace","admin:TopLocksInfo"],)"
     R"("Resource":["arn:aws:s3:::*"]}]})"},
    {"readonly",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
     R"("Action":["s3:GetBucketLocation","s3:GetObject"],"Resource":["arn:aws:s3:::*"]}]})"},
    {"readwrite", R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],)"
                  R"("Resource":["arn:aws:s3:::*"]}]})"},
    {"writeonly",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject"],)"
     R"("Resource":["arn:aws:s3:::*"]}]})"},
};

const std::vector<BuiltinPolicy>& Table() {
    static const std::vector<BuiltinPolicy> table = [] {
        std::vector<BuiltinPolicy> made;
        for (const auto& [name, document] : kDocuments) {
            auto policy = codec::policy::Policy::ParseForIdentity(document);
            COFFER_CHECK(policy.has_value());
            made.push_back(
                {name, document,
                 std::make_shared<const codec::policy::Policy>(std::move(policy).value())});
        }
        return made;
    }();
    return table;
}

}  // namespace

std::span<const BuiltinPolicy> BuiltinPolicies() {
    return Table();
}

const BuiltinPolicy* FindBuiltinPolicy(std::string_view name) {
    const auto found = std::ranges::find(Table(), name, &BuiltinPolicy::name);
    return found == Table().end() ? nullptr : &*found;
}

}  // namespace coffer::service
