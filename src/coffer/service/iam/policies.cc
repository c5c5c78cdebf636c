#include "coffer/service/iam/policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "coffer/codec/policy/policy.h"
#include "coffer/service/iam/builtin_policies.h"
#include "coffer/service/iam/holders.h"
#include "coffer/service/iam/names.h"

namespace coffer::service {
namespace {

constexpr size_t kMaxPolicyName = 128;

Error NoSuchPolicy(std::string_view name) {
    return {ErrorKind::kNotFound, "NoSuchPolicy",
            fmt::format("Policy {} does not exist or is not attachable.", name)};
}

Result<> CheckDocument(std::string_view document) {
    TRY(codec::policy::Policy::ParseForIdentity(document));
    return Ok();
}

PolicyInfo FromBuiltin(const BuiltinPolicy& policy) {
    return {.policy = {.name = std::string(policy.name),
                       .id = "ANPACOFFER" + std::string(policy.name),
                       .document = std::string(policy.document)},
            .builtin = true};
}

Result<PolicyInfo> Describe(db::Transaction& tx, PolicyInfo info) {
    TRY(const auto holders, catalog::HoldersOf(tx, info.policy.name));
    info.holders = holders.size();
    return info;
}

Result<> NeedPolicy(db::Transaction& tx, const std::string& name) {
    if (FindBuiltinPolicy(name) != nullptr) return Ok();
    TRY(const auto policy, catalog::FindPolicy(tx, name));
    if (!policy) return NoSuchPolicy(name);
    return Ok();
}

}  // namespace

std::string PolicyInfo::Arn() const {
    return builtin ? BuiltinPolicyArn(policy.name) : IamArn("policy", policy.path, policy.name);
}

Task<Result<PolicyInfo>> Policies::Put(std::string name, std::string path, std::string document,
                                       Existing existing) {
    CO_TRY(CheckName("policyName", name, kMaxPolicyName));
    CO_TRY(CheckPath(path));
    CO_TRY(CheckDocument(document));
    const Timestamp now = clock_.Now();
    const Error exists(ErrorKind::kAlreadyExists, "EntityAlreadyExists",
                       fmt::format("A policy called {} already exists. Duplicate names are not "
                                   "allowed.",
                                   name));
    if (FindBuiltinPolicy(name) != nullptr) co_return exists;
    PolicyInfo info{.policy = {.name = name,
                               .id = NewId("ANPA"),
                               .path = std::move(path),
                               .document = std::move(document),
                               .created = now,
                               .changed = now}};
    const Result<PolicyInfo> put =
        co_await database_.Write([&](db::Transaction& tx) -> Result<PolicyInfo> {
            TRY(auto old, catalog::FindPolicy(tx, name));
            if (!old) {
                TRY(catalog::InsertPolicy(tx, info.policy));
                return info;
            }
            if (existing == Existing::kRefuse) return exists;
            old->document = info.policy.document;
            old->changed = now;
            TRY(catalog::ChangePolicy(tx, *old));
            return Describe(tx, {.policy = *std::move(old)});
        });
    credentials_.Forget();
    co_return put;
}

Task<Result<PolicyInfo>> Policies::Get(std::string name) {
    co_return co_await database_.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<PolicyInfo> {
            if (const BuiltinPolicy* builtin = FindBuiltinPolicy(name))
                return Describe(tx, FromBuiltin(*builtin));
            TRY(auto policy, catalog::FindPolicy(tx, name));
            if (!policy) return NoSuchPolicy(name);
            return Describe(tx, {.policy = *std::move(policy)});
        });
}

Task<Result<std::vector<PolicyInfo>>> Policies::List() {
    co_return co_await database_.Read(
        db::Cost::kScan, [](db::Transaction& tx) -> Result<std::vector<PolicyInfo>> {
            std::vector<PolicyInfo> all;
            for (const BuiltinPolicy& builtin : BuiltinPolicies()) {
                TRY(auto info, Describe(tx, FromBuiltin(builtin)));
                all.push_back(std::move(info));
            }
            TRY(auto made, catalog::ListPolicies(tx, "", std::numeric_limits<size_t>::max()));
            for (catalog::ManagedPolicy& policy : made) {
                TRY(auto info, Describe(tx, {.policy = std::move(policy)}));
                all.push_back(std::move(info));
            }
            std::ranges::sort(all, {}, [](const PolicyInfo& info) { return info.policy.name; });
            return all;
        });
}

Task<Result<>> Policies::Delete(std::string name) {
    const Result<> deleted = co_await database_.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(NeedPolicy(tx, name));
            if (FindBuiltinPolicy(name) != nullptr)
                return Error(ErrorKind::kConflict, "DeleteConflict",
                             "A policy that is built in can't be deleted.");
            TRY(const auto holders, catalog::HoldersOf(tx, name));
            if (!holders.empty())
                return Error(ErrorKind::kConflict, "DeleteConflict",
                             "Cannot delete a policy attached to entities.");
            return catalog::DeletePolicy(tx, name);
        },
        db::Purpose::kFreesSpace);
    credentials_.Forget();
    co_return deleted;
}

Task<Result<std::vector<std::string>>> Policies::Attach(HolderName holder,
                                                        std::vector<std::string> names) {
    using Names = std::vector<std::string>;
    const Result<Names> attached =
        co_await database_.Write([&](db::Transaction& tx) -> Result<Names> {
            TRY(NeedHolder(tx, holder.kind, holder.name));
            TRY(const Names before, catalog::AttachedPolicies(tx, holder));
            Names changed;
            for (const std::string& name : names) {
                TRY(NeedPolicy(tx, name));
                if (std::ranges::find(before, name) != before.end()) continue;
                TRY(catalog::AttachPolicy(tx, holder, name));
                changed.push_back(name);
            }
            return changed;
        });
    credentials_.Forget();
    co_return attached;
}

Task<Result<std::vector<std::string>>> Policies::Detach(HolderName holder,
                                                        std::vector<std::string> names) {
    using Names = std::vector<std::string>;
    const Result<Names> detached =
        co_await database_.Write([&](db::Transaction& tx) -> Result<Names> {
            TRY(NeedHolder(tx, holder.kind, holder.name));
            Names changed;
            for (const std::string& name : names) {
                TRY(NeedPolicy(tx, name));
                TRY(const bool was, catalog::DetachPolicy(tx, holder, name));
                if (was) changed.push_back(name);
            }
            return changed;
        });
    credentials_.Forget();
    co_return detached;
}

Task<Result<std::vector<std::string>>> Policies::AttachedTo(HolderName holder) {
    co_return co_await database_.Read(db::Cost::kPoint,
                                      [&](db::Transaction& tx) -> Result<std::vector<std::string>> {
                                          TRY(NeedHolder(tx, holder.kind, holder.name));
                                          return catalog::AttachedPolicies(tx, holder);
                                      });
}

Task<Result<std::vector<HolderName>>> Policies::HoldersOf(std::string name) {
    co_return co_await database_.Read(db::Cost::kScan,
                                      [&](db::Transaction& tx) -> Result<std::vector<HolderName>> {
                                          TRY(NeedPolicy(tx, name));
                                          return catalog::HoldersOf(tx, name);
                                      });
}

Task<Result<>> Policies::PutInline(HolderName holder, std::string name, std::string document) {
    CO_TRY(CheckName("policyName", name, kMaxPolicyName));
    CO_TRY(CheckDocument(document));
    const Result<> put = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        TRY(NeedHolder(tx, holder.kind, holder.name));
        return catalog::PutInlinePolicy(tx, holder, name, document);
    });
    credentials_.Forget();
    co_return put;
}

Task<Result<>> Policies::DeleteInline(HolderName holder, std::string name) {
    const Result<> deleted = co_await database_.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(NeedHolder(tx, holder.kind, holder.name));
            TRY(const bool was, catalog::DeleteInlinePolicy(tx, holder, name));
            if (!was) return NoSuchPolicy(name);
            return Ok();
        },
        db::Purpose::kFreesSpace);
    credentials_.Forget();
    co_return deleted;
}

Task<Result<std::string>> Policies::GetInline(HolderName holder, std::string name) {
    co_return co_await database_.Read(db::Cost::kPoint,
                                      [&](db::Transaction& tx) -> Result<std::string> {
                                          TRY(NeedHolder(tx, holder.kind, holder.name));
                                          TRY(auto all, catalog::InlinePolicies(tx, holder));
                                          for (auto& [policy, document] : all)
                                              if (policy == name) return std::move(document);
                                          return NoSuchPolicy(name);
                                      });
}

Task<Result<std::vector<std::string>>> Policies::ListInline(HolderName holder) {
    co_return co_await database_.Read(db::Cost::kPoint,
                                      [&](db::Transaction& tx) -> Result<std::vector<std::string>> {
                                          TRY(NeedHolder(tx, holder.kind, holder.name));
                                          TRY(const auto all, catalog::InlinePolicies(tx, holder));
                                          std::vector<std::string> names;
                                          for (const auto& [policy, document] : all)
                                              names.push_back(policy);
                                          return names;
                                      });
}

}  // namespace coffer::service
