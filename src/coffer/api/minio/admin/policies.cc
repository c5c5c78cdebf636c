// mc admin policy create, info, list, remove, attach, detach, entities.
#include <algorithm>

#include "coffer/api/minio/admin/call.h"
#include "coffer/codec/date.h"

namespace coffer::api::minio {
namespace {

using codec::JsonValue;
using service::HolderKind;
using service::HolderName;
using service::Policies;
using service::PolicyInfo;

// Documents were read before they were kept.
JsonValue DocumentOf(const PolicyInfo& info) {
    auto document = codec::ParseJson(info.policy.document);
    return document ? std::move(document).value() : JsonValue();
}

Task<Result<AdminReply>> Associate(const AdminCall& call, bool attach) {
    CO_TRY(co_await call.Authorize("admin:UpdatePolicyAssociation"));
    CO_TRY(const JsonValue document, co_await call.ReadEncrypted());
    const std::string user = TextOf(document, "user");
    const std::string group = TextOf(document, "group");
    std::vector<std::string> names = ListOf(document, "policies");
    if (user.empty() == group.empty() || names.empty())
        co_return Error(ErrorKind::kInvalid, "XMinioAdminInvalidArgument",
                        "Policies are attached to one user or to one group.");
    HolderName holder =
        user.empty() ? HolderName{HolderKind::kGroup, group} : HolderName{HolderKind::kUser, user};
    Policies& policies = call.dependencies.policies;
    auto changed = attach ? co_await policies.Attach(std::move(holder), std::move(names))
                          : co_await policies.Detach(std::move(holder), std::move(names));
    if (!changed) co_return changed.error();
    if (changed.value().empty())
        co_return Error(ErrorKind::kInvalid, "XMinioAdminPolicyChangeAlreadyApplied",
                        "The specified policy change is already in effect.");
    const JsonValue told(JsonValue::Object{
        {attach ? "policiesAttached" : "policiesDetached", ToJson(changed.value())},
        {"updatedAt", codec::FormatIso8601(call.dependencies.clock.Now())}});
    co_return AdminReply{.text = codec::WriteJson(told), .encrypted = true};
}

// Who has what, read once for one question.
struct Entities {
    std::vector<std::string> users, groups;
};

Task<Result<Entities>> EntitiesOf(const AdminCall& call, std::string policy) {
    CO_TRY(const auto holders, co_await call.dependencies.policies.HoldersOf(std::move(policy)));
    Entities entities;
    for (const HolderName& holder : holders)
        (holder.kind == HolderKind::kUser ? entities.users : entities.groups)
            .push_back(holder.name);
    co_return entities;
}

Task<Result<JsonValue>> DescribeGroup(const AdminCall& call, std::string group) {
    CO_TRY(const auto policies,
           co_await call.dependencies.policies.AttachedTo({HolderKind::kGroup, group}));
    co_return JsonValue(
        JsonValue::Object{{"group", std::move(group)}, {"policies", ToJson(policies)}});
}

Task<Result<JsonValue>> DescribeUser(const AdminCall& call, std::string user) {
    CO_TRY(const auto policies,
           co_await call.dependencies.policies.AttachedTo({HolderKind::kUser, user}));
    CO_TRY(const auto groups, co_await call.dependencies.holders.GroupsOf(user));
    JsonValue::Array member_of;
    for (const std::string& group : groups) {
        CO_TRY(JsonValue described, co_await DescribeGroup(call, group));
        member_of.push_back(std::move(described));
    }
    co_return JsonValue(JsonValue::Object{{"user", std::move(user)},
                                          {"policies", ToJson(policies)},
                                          {"memberOfMappings", JsonValue(std::move(member_of))}});
}

}  // namespace

Task<Result<AdminReply>> AddPolicy(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("name"));
    CO_TRY(co_await call.Authorize("admin:CreatePolicy"));
    CO_TRY(co_await call.dependencies.policies.Put(std::move(name), "/", call.body,
                                                   Policies::Existing::kReplace));
    co_return AdminReply();
}

Task<Result<AdminReply>> GetPolicy(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("name"));
    CO_TRY(co_await call.Authorize("admin:GetPolicy"));
    CO_TRY(const PolicyInfo info, co_await call.dependencies.policies.Get(std::move(name)));
    if (call.parameters.Get("v") != "2")
        co_return AdminReply{.text = codec::WriteJson(DocumentOf(info))};
    JsonValue::Object told{{"PolicyName", info.policy.name}, {"Policy", DocumentOf(info)}};
    if (!info.builtin) {
        told.push_back({"CreateDate", codec::FormatIso8601(info.policy.created)});
        told.push_back({"UpdateDate", codec::FormatIso8601(info.policy.changed)});
    }
    co_return AdminReply{.text = codec::WriteJson(JsonValue(std::move(told)))};
}

Task<Result<AdminReply>> ListPolicies(const AdminCall& call) {
    CO_TRY(co_await call.Authorize("admin:ListUserPolicies"));
    CO_TRY(const auto all, co_await call.dependencies.policies.List());
    JsonValue::Object told;
    for (const PolicyInfo& info : all)
        told.push_back({info.policy.name, DocumentOf(info)});
    co_return AdminReply{.text = codec::WriteJson(JsonValue(std::move(told)))};
}

Task<Result<AdminReply>> RemovePolicy(const AdminCall& call) {
    CO_TRY(std::string name, call.Need("name"));
    CO_TRY(co_await call.Authorize("admin:DeletePolicy"));
    CO_TRY(co_await call.dependencies.policies.Delete(std::move(name)));
    co_return AdminReply();
}

Task<Result<AdminReply>> AttachPolicy(const AdminCall& call) {
    co_return co_await Associate(call, true);
}

Task<Result<AdminReply>> DetachPolicy(const AdminCall& call) {
    co_return co_await Associate(call, false);
}

Task<Result<AdminReply>> ListPolicyEntities(const AdminCall& call) {
    for (const std::string_view action :
         {"admin:ListGroups", "admin:ListUsers", "admin:ListUserPolicies"}) {
        CO_TRY(co_await call.Authorize(action));
    }
    const auto users = call.All("user");
    const auto groups = call.All("group");
    auto policies = call.All("policy");
    // Without a question: every policy that somebody has.
    if (users.empty() && groups.empty() && policies.empty()) {
        CO_TRY(const auto all, co_await call.dependencies.policies.List());
        for (const PolicyInfo& info : all)
            if (info.holders > 0) policies.push_back(info.policy.name);
    }
    JsonValue::Array of_users;
    JsonValue::Array of_groups;
    JsonValue::Array of_policies;
    for (const std::string& user : users) {
        CO_TRY(JsonValue described, co_await DescribeUser(call, user));
        of_users.push_back(std::move(described));
    }
    for (const std::string& group : groups) {
        CO_TRY(JsonValue described, co_await DescribeGroup(call, group));
        of_groups.push_back(std::move(described));
    }
    for (const std::string& policy : policies) {
        CO_TRY(const Entities entities, co_await EntitiesOf(call, policy));
        of_policies.push_back(JsonValue(JsonValue::Object{{"policy", policy},
                                                          {"users", ToJson(entities.users)},
                                                          {"groups", ToJson(entities.groups)}}));
    }
    const JsonValue told(
        JsonValue::Object{{"timestamp", codec::FormatIso8601(call.dependencies.clock.Now())},
                          {"userMappings", JsonValue(std::move(of_users))},
                          {"groupMappings", JsonValue(std::move(of_groups))},
                          {"policyMappings", JsonValue(std::move(of_policies))}});
    co_return AdminReply{.text = codec::WriteJson(told), .encrypted = true};
}

}  // namespace coffer::api::minio
