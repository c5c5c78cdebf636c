#include "coffer/codec/policy/acl_decision.h"

#include <algorithm>
#include <iterator>

namespace coffer::codec::policy {
namespace {

using enum AclPermission;

struct Row {
    std::string_view action;
    AclRule rule;
};

constexpr Row kRows[] = {
    {"s3:ListBucket", {.permission = kRead}},
    {"s3:ListBucketVersions", {.permission = kRead}},
    {"s3:ListBucketMultipartUploads", {.permission = kRead}},
    {"s3:PutObject", {.permission = kWrite}},
    {"s3:DeleteObject", {.permission = kWrite, .own_object_only = true}},
    {"s3:GetBucketAcl", {.permission = kReadAcp}},
    {"s3:PutBucketAcl", {.permission = kWriteAcp}},
    {"s3:GetObject", {.of_object = true, .permission = kRead}},
    {"s3:GetObjectVersion", {.of_object = true, .permission = kRead}},
    {"s3:GetObjectAcl", {.of_object = true, .permission = kReadAcp}},
    {"s3:GetObjectVersionAcl", {.of_object = true, .permission = kReadAcp}},
    {"s3:PutObjectAcl", {.of_object = true, .permission = kWriteAcp}},
    {"s3:PutObjectVersionAcl", {.of_object = true, .permission = kWriteAcp}},
    // Of the object, though no list can allow them.
    {"s3:GetObjectAttributes", {.of_object = true}},
    {"s3:GetObjectVersionAttributes", {.of_object = true}},
    {"s3:GetObjectTagging", {.of_object = true}},
    {"s3:GetObjectVersionTagging", {.of_object = true}},
    {"s3:PutObjectTagging", {.of_object = true}},
    {"s3:PutObjectVersionTagging", {.of_object = true}},
    {"s3:DeleteObjectTagging", {.of_object = true}},
    {"s3:DeleteObjectVersionTagging", {.of_object = true}},
};

bool Includes(AclPermission granted, AclPermission wanted) {
    return (static_cast<int>(granted) & static_cast<int>(wanted)) == static_cast<int>(wanted);
}

}  // namespace

AclRule AclRuleOf(std::string_view action) {
    const Row* const row = std::ranges::find(kRows, action, &Row::action);
    return row == std::end(kRows) ? AclRule() : row->rule;
}

Decision EvaluateAcl(const Acl& acl, const Principal& principal, AclPermission permission,
                     bool ignore_public) {
    const bool anonymous = principal.kind == Principal::Kind::kAnonymous;
    Decision decision = Decision::kNone;
    for (const AclGrant& grant : acl.grants) {
        if (!Includes(grant.permission, permission)) continue;
        if (const auto* const account = std::get_if<std::string>(&grant.grantee)) {
            if (!anonymous && *account == principal.account)
                decision = std::max(decision, Decision::kAllowToAccount);
            continue;
        }
        const AclGroup group = std::get<AclGroup>(grant.grantee);
        const bool in_group =
            group == AclGroup::kAllUsers || (group == AclGroup::kAuthenticatedUsers && !anonymous);
        if (in_group && !ignore_public) decision = Decision::kAllow;
    }
    return decision;
}

}  // namespace coffer::codec::policy
