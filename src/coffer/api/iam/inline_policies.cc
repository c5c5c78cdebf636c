// Put, Get, Delete …UserPolicy and …GroupPolicy, and ListUserPolicies, ListGroupPolicies.
#include "coffer/api/iam/operations.h"
#include "coffer/api/iam/write.h"

namespace coffer::api::iam {
namespace {

using service::HolderKind;
using service::HolderName;

std::string_view NameParameter(HolderKind kind) {
    return kind == HolderKind::kUser ? "UserName" : "GroupName";
}

// Whose policies a call is about, once it may.
Task<Result<HolderName>> Admit(const Call& call, HolderKind kind, std::string_view action) {
    CO_TRY(std::string name, call.Need(NameParameter(kind)));
    CO_TRY(co_await call.Authorize(action, kind, name));
    co_return HolderName{kind, std::move(name)};
}

Task<Result<>> Put(const Call& call, HolderKind kind, std::string_view action) {
    CO_TRY(HolderName holder, co_await Admit(call, kind, action));
    CO_TRY(std::string name, call.Need("PolicyName"));
    CO_TRY(std::string document, call.Need("PolicyDocument"));
    co_return co_await call.dependencies.policies.PutInline(std::move(holder), std::move(name),
                                                            std::move(document));
}

Task<Result<>> Get(const Call& call, codec::XmlWriter& xml, HolderKind kind,
                   std::string_view action) {
    CO_TRY(const HolderName holder, co_await Admit(call, kind, action));
    CO_TRY(const std::string name, call.Need("PolicyName"));
    CO_TRY(const std::string document, co_await call.dependencies.policies.GetInline(holder, name));
    xml.Element(NameParameter(kind), holder.name)
        .Element("PolicyName", name)
        .Element("PolicyDocument", codec::PercentEncode(document));
    co_return Ok();
}

Task<Result<>> List(const Call& call, codec::XmlWriter& xml, HolderKind kind,
                    std::string_view action) {
    CO_TRY(HolderName holder, co_await Admit(call, kind, action));
    CO_TRY(const Paging paging, ParsePaging(call));
    CO_TRY(const auto names, co_await call.dependencies.policies.ListInline(std::move(holder)));
    WritePage(xml, "PolicyNames", paging, names,
              [&](const std::string& name) { xml.Element("member", name); });
    co_return Ok();
}

Task<Result<>> Delete(const Call& call, HolderKind kind, std::string_view action) {
    CO_TRY(HolderName holder, co_await Admit(call, kind, action));
    CO_TRY(std::string name, call.Need("PolicyName"));
    co_return co_await call.dependencies.policies.DeleteInline(std::move(holder), std::move(name));
}

}  // namespace

Task<Result<>> PutUserPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Put(call, HolderKind::kUser, "iam:PutUserPolicy");
}

Task<Result<>> GetUserPolicy(const Call& call, codec::XmlWriter& xml) {
    co_return co_await Get(call, xml, HolderKind::kUser, "iam:GetUserPolicy");
}

Task<Result<>> ListUserPolicies(const Call& call, codec::XmlWriter& xml) {
    co_return co_await List(call, xml, HolderKind::kUser, "iam:ListUserPolicies");
}

Task<Result<>> DeleteUserPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Delete(call, HolderKind::kUser, "iam:DeleteUserPolicy");
}

Task<Result<>> PutGroupPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Put(call, HolderKind::kGroup, "iam:PutGroupPolicy");
}

Task<Result<>> GetGroupPolicy(const Call& call, codec::XmlWriter& xml) {
    co_return co_await Get(call, xml, HolderKind::kGroup, "iam:GetGroupPolicy");
}

Task<Result<>> ListGroupPolicies(const Call& call, codec::XmlWriter& xml) {
    co_return co_await List(call, xml, HolderKind::kGroup, "iam:ListGroupPolicies");
}

Task<Result<>> DeleteGroupPolicy(const Call& call, codec::XmlWriter&) {
    co_return co_await Delete(call, HolderKind::kGroup, "iam:DeleteGroupPolicy");
}

}  // namespace coffer::api::iam
