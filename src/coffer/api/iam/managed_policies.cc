// CreatePolicy, GetPolicy, ListPolicies, DeletePolicy, and to whom they are attached. A policy has
// one version, "v1".
#include <algorithm>

#include "coffer/api/added_value.h"
#include "coffer/api/iam/operations.h"
#include "coffer/api/iam/write.h"
#include "coffer/codec/date.h"
#include "coffer/service/iam/names.h"

namespace coffer::api::iam {
namespace {

using service::HolderKind;
using service::HolderName;
using service::Policies;
using service::PolicyInfo;

constexpr std::string_view kVersion = "v1";

void WritePolicy(codec::XmlWriter& xml, std::string_view element, const PolicyInfo& info) {
    xml.Open(element)
        .Element("PolicyName", info.policy.name)
        .Element("PolicyId", info.policy.id)
        .Element("Arn", info.Arn())
        .Element("Path", info.policy.path)
        .Element("DefaultVersionId", kVersion)
        .Element("AttachmentCount", info.holders)
        .Element("PermissionsBoundaryUsageCount", 0)
        .Element("IsAttachable", true)
        .Element("CreateDate", codec::FormatIso8601(info.policy.created))
        .Element("UpdateDate", codec::FormatIso8601(info.policy.changed))
        .Close();
}

// The policy that PolicyArn names, once the call may.
Task<Result<PolicyInfo>> Admit(const Call& call, std::string_view action) {
    CO_TRY(const std::string arn, call.Need("PolicyArn"));
    CO_TRY(co_await call.Authorize(action, arn));
    CO_TRY(std::string name, service::PolicyNameOf(arn));
    auto info = co_await call.dependencies.policies.Get(std::move(name));
    // The name alone does not make the ARN.
    if (info && info.value().Arn() != arn)
        co_return Error(ErrorKind::kNotFound, "NoSuchEntity", "Policy " + arn + " does not exist.");
    co_return info;
}

void WriteVersion(codec::XmlWriter& xml, std::string_view element, const PolicyInfo& info,
                  bool with_document) {
    xml.Open(element);
    if (with_document) xml.Element("Document", codec::PercentEncode(info.policy.document));
    xml.Element("VersionId", kVersion)
        .Element("IsDefaultVersion", true)
        .Element("CreateDate", codec::FormatIso8601(info.policy.changed))
        .Close();
}

// The policy's own ARN: another's account or path may stand in the one that was sent, of which the
// name alone counts, and a condition must not be evaded by it.
Task<Result<std::string>> ArnOfPolicy(const Call& call, std::string arn) {
    auto name = service::PolicyNameOf(arn);
    if (!name) co_return arn;
    const auto info = co_await call.dependencies.policies.Get(std::move(name).value());
    if (info) co_return info.value().Arn();
    if (info.error().kind() != ErrorKind::kNotFound) co_return info.error();
    co_return arn;
}

struct Attachment {
    HolderName holder;
    std::string policy;
};

Task<Result<Attachment>> AdmitAttachment(const Call& call, HolderKind kind,
                                         std::string_view action) {
    CO_TRY(std::string name, call.Need(kind == HolderKind::kUser ? "UserName" : "GroupName"));
    CO_TRY(const std::string arn, call.Need("PolicyArn"));
    CO_TRY(std::string policy_arn, co_await ArnOfPolicy(call, arn));
    AddedValue values(call.values, codec::policy::KeyId::kPolicyArn,
                      std::vector{std::move(policy_arn)});
    const Call asked{call.dependencies, call.parameters, call.actor, values};
    CO_TRY(co_await asked.Authorize(action, kind, name));
    CO_TRY(std::string policy, service::PolicyNameOf(arn));
    co_return Attachment{{kind, std::move(name)}, std::move(policy)};
}

Task<Result<>> Attach(const Call& call, HolderKind kind, std::string_view action) {
    CO_TRY(Attachment wanted, co_await AdmitAttachment(call, kind, action));
    CO_TRY(co_await call.dependencies.policies.Attach(std::move(wanted.holder),
                                                      std::vector{std::move(wanted.policy)}));
    co_return Ok();
}

Task<Result<>> Detach(const Call& call, HolderKind kind, std::string_view action) {
    CO_TRY(Attachment wanted, co_await AdmitAttachment(call, kind, action));
    const std::string policy = wanted.policy;
    CO_TRY(const auto changed, co_await call.dependencies.policies.Detach(std::move(wanted.holder),
                                                                          std::vector{policy}));
    if (changed.empty())
        co_return Error(ErrorKind::kNotFound, "NoSuchEntity",
                        "Policy " + policy + " was not attached.");
    co_return Ok();
}

Task<Result<>> ListAttached(const Call& call, codec::XmlWriter& xml, HolderKind kind,
                            std::string_view action) {
    CO_TRY(std::string name, call.Need(kind == HolderKind::kUser ? "UserName" : "GroupName"));
    CO_TRY(co_await call.Authorize(action, kind, name));
    CO_TRY(const Paging paging, ParsePaging(call));
    CO_TRY(const auto all, co_await call.dependencies.policies.List());
    CO_TRY(const auto names,
           co_await call.dependencies.policies.AttachedTo(HolderName{kind, std::move(name)}));
    WritePage(xml, "AttachedPolicies", paging, names, [&](const std::string& policy) {
        const auto info =
            std::ranges::find(all, policy, [](const PolicyInfo& each) { return each.policy.name; });
        if (info == all.end()) return;
        xml.Open("member").Element("PolicyName", policy).Element("PolicyArn", info->Arn()).Close();
    });
    co_return Ok();
}

}  // namespace

Task<Result<>> CreatePolicy(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(std::string name, call.Need("PolicyName"));
    CO_TRY(std::string document, call.Need("PolicyDocument"));
    std::string path = call.Optional("Path");
    if (path.empty()) path = "/";
    const std::string arn = service::IamArn("policy", path, name);
    CO_TRY(co_await call.Authorize("iam:CreatePolicy", arn));
    CO_TRY(const PolicyInfo info,
           co_await call.dependencies.policies.Put(
               std::move(name), std::move(path), std::move(document), Policies::Existing::kRefuse));
    WritePolicy(xml, "Policy", info);
    co_return Ok();
}

Task<Result<>> GetPolicy(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const PolicyInfo info, co_await Admit(call, "iam:GetPolicy"));
    WritePolicy(xml, "Policy", info);
    co_return Ok();
}

Task<Result<>> GetPolicyVersion(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const PolicyInfo info, co_await Admit(call, "iam:GetPolicyVersion"));
    CO_TRY(const std::string version, call.Need("VersionId"));
    if (version != kVersion)
        co_return Error(ErrorKind::kNotFound, "NoSuchEntity",
                        "Policy " + info.Arn() + " version " + version + " does not exist.");
    WriteVersion(xml, "PolicyVersion", info, true);
    co_return Ok();
}

Task<Result<>> ListPolicyVersions(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const PolicyInfo info, co_await Admit(call, "iam:ListPolicyVersions"));
    xml.Open("Versions");
    WriteVersion(xml, "member", info, false);
    xml.Close();
    WriteEnd(xml, false, "");
    co_return Ok();
}

Task<Result<>> ListPolicies(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(co_await call.Authorize("iam:ListPolicies", "*"));
    CO_TRY(const Paging paging, ParsePaging(call));
    const std::string scope = call.Optional("Scope");
    const std::string prefix = call.Optional("PathPrefix");
    const bool only_attached = call.Optional("OnlyAttached") == "true";
    CO_TRY(auto all, co_await call.dependencies.policies.List());
    std::erase_if(all, [&](const PolicyInfo& info) {
        return (scope == "AWS" && !info.builtin) || (scope == "Local" && info.builtin) ||
               (only_attached && info.holders == 0) || !info.policy.path.starts_with(prefix);
    });
    std::vector<std::string> names;
    for (const PolicyInfo& info : all)
        names.push_back(info.policy.name);
    WritePage(xml, "Policies", paging, names, [&](const std::string& name) {
        WritePolicy(xml, "member", *std::ranges::find(all, name, [](const PolicyInfo& info) {
                        return info.policy.name;
                    }));
    });
    co_return Ok();
}

Task<Result<>> DeletePolicy(const Call& call, codec::XmlWriter&) {
    CO_TRY(const PolicyInfo info, co_await Admit(call, "iam:DeletePolicy"));
    co_return co_await call.dependencies.policies.Delete(info.policy.name);
}

Task<Result<>> ListEntitiesForPolicy(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(const PolicyInfo info, co_await Admit(call, "iam:ListEntitiesForPolicy"));
    CO_TRY(const auto holders, co_await call.dependencies.policies.HoldersOf(info.policy.name));
    const auto list = [&](HolderKind kind, std::string_view element, std::string_view name) {
        xml.Open(element);
        for (const HolderName& holder : holders)
            if (holder.kind == kind) xml.Open("member").Element(name, holder.name).Close();
        xml.Close();
    };
    list(HolderKind::kGroup, "PolicyGroups", "GroupName");
    list(HolderKind::kUser, "PolicyUsers", "UserName");
    xml.Open("PolicyRoles").Close();
    WriteEnd(xml, false, "");
    co_return Ok();
}

Task<Result<>> AttachUserPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Attach(call, HolderKind::kUser, "iam:AttachUserPolicy");
}

Task<Result<>> DetachUserPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Detach(call, HolderKind::kUser, "iam:DetachUserPolicy");
}

Task<Result<>> ListAttachedUserPolicies(const Call& call, codec::XmlWriter& xml) {
    co_return co_await ListAttached(call, xml, HolderKind::kUser, "iam:ListAttachedUserPolicies");
}

Task<Result<>> AttachGroupPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Attach(call, HolderKind::kGroup, "iam:AttachGroupPolicy");
}

Task<Result<>> DetachGroupPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Detach(call, HolderKind::kGroup, "iam:DetachGroupPolicy");
}

Task<Result<>> ListAttachedGroupPolicies(const Call& call, codec::XmlWriter& xml) {
    co_return co_await ListAttached(call, xml, HolderKind::kGroup, "iam:ListAttachedGroupPolicies");
}

}  // namespace coffer::api::iam
