#include "coffer/codec/acl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "coffer/codec/ascii.h"

namespace coffer::codec {
namespace {

using enum AclPermission;
using enum AclGroup;

struct PermissionName {
    AclPermission permission;
    std::string_view kept;
};
constexpr PermissionName kPermissions[] = {{kRead, "read"},
                                           {kWrite, "write"},
                                           {kReadAcp, "read-acp"},
                                           {kWriteAcp, "write-acp"},
                                           {kFullControl, "full-control"}};

struct GroupName {
    AclGroup group;
    std::string_view kept;
};
constexpr GroupName kGroups[] = {{kAllUsers, "all-users"},
                                 {kAuthenticatedUsers, "authenticated-users"},
                                 {kLogDelivery, "log-delivery"}};

constexpr std::pair<std::string_view, CannedAcl> kCanned[] = {
    {"private", CannedAcl::kPrivate},
    {"public-read", CannedAcl::kPublicRead},
    {"public-read-write", CannedAcl::kPublicReadWrite},
    {"authenticated-read", CannedAcl::kAuthenticatedRead},
    {"aws-exec-read", CannedAcl::kAwsExecRead},
    {"bucket-owner-read", CannedAcl::kBucketOwnerRead},
    {"bucket-owner-full-control", CannedAcl::kBucketOwnerFullControl},
    {"log-delivery-write", CannedAcl::kLogDeliveryWrite}};

Error Damaged() {
    return {ErrorKind::kCorrupt, "an access control list of the catalogue is damaged"};
}

std::string_view KeptName(const AclGrantee& grantee) {
    if (const auto* const account = std::get_if<std::string>(&grantee)) return *account;
    return std::ranges::find(kGroups, std::get<AclGroup>(grantee), &GroupName::group)->kept;
}

Result<AclGrant> DecodeGrant(std::string_view text) {
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size()) return Damaged();
    const auto* const permission =
        std::ranges::find(kPermissions, text.substr(0, equals), &PermissionName::kept);
    if (permission == std::end(kPermissions)) return Damaged();
    const std::string_view who = text.substr(equals + 1);
    const auto* const group = std::ranges::find(kGroups, who, &GroupName::kept);
    if (group != std::end(kGroups)) return AclGrant{group->group, permission->permission};
    return AclGrant{std::string(who), permission->permission};
}

}  // namespace

Acl PrivateAcl(std::string owner) {
    std::vector<AclGrant> grants{{owner, kFullControl}};
    return {std::move(owner), std::move(grants)};
}

bool IsPublic(const std::vector<AclGrant>& grants) {
    return std::ranges::any_of(grants, [](const AclGrant& grant) {
        const auto* const group = std::get_if<AclGroup>(&grant.grantee);
        return group != nullptr && *group != kLogDelivery;
    });
}

std::optional<CannedAcl> ParseCannedAcl(std::string_view name) {
    const auto* const found =
        std::ranges::find(kCanned, name, &std::pair<std::string_view, CannedAcl>::first);
    if (found == std::end(kCanned)) return std::nullopt;
    return found->second;
}

std::vector<AclGrant> CannedGrants(CannedAcl acl, const std::string& owner,
                                   const std::string& bucket_owner) {
    std::vector<AclGrant> grants{{owner, kFullControl}};
    const auto add = [&](AclGrantee grantee, AclPermission permission) {
        grants.push_back({std::move(grantee), permission});
    };
    switch (acl) {
        case CannedAcl::kPrivate:
        case CannedAcl::kAwsExecRead:
            break;
        case CannedAcl::kPublicReadWrite:
            add(kAllUsers, kRead);
            add(kAllUsers, kWrite);
            break;
        case CannedAcl::kPublicRead:
            add(kAllUsers, kRead);
            break;
        case CannedAcl::kAuthenticatedRead:
            add(kAuthenticatedUsers, kRead);
            break;
        case CannedAcl::kBucketOwnerRead:
            if (owner != bucket_owner) add(bucket_owner, kRead);
            break;
        case CannedAcl::kBucketOwnerFullControl:
            if (owner != bucket_owner) add(bucket_owner, kFullControl);
            break;
        case CannedAcl::kLogDeliveryWrite:
            add(kLogDelivery, kWrite);
            add(kLogDelivery, kReadAcp);
            break;
    }
    SortGrants(grants);
    return grants;
}

void SortGrants(std::vector<AclGrant>& grants) {
    std::vector<AclGrant> sorted;
    for (const bool groups : {true, false}) {
        for (AclGrant& grant : grants) {
            const bool is_group = std::holds_alternative<AclGroup>(grant.grantee);
            if (is_group == groups && std::ranges::find(sorted, grant) == sorted.end())
                sorted.push_back(grant);
        }
    }
    grants = std::move(sorted);
}

std::string EncodeAcl(const Acl& acl) {
    std::string text = acl.owner;
    for (const AclGrant& grant : acl.grants) {
        const auto* const permission =
            std::ranges::find(kPermissions, grant.permission, &PermissionName::permission);
        text += fmt::format(",{}={}", permission->kept, KeptName(grant.grantee));
    }
    return text;
}

Result<Acl> DecodeAcl(std::string_view text) {
    Acl acl;
    bool first = true;
    for (const std::string_view part : Split(text, ',')) {
        if (part.empty()) return Damaged();
        if (std::exchange(first, false)) {
            acl.owner = part;
            continue;
        }
        TRY(AclGrant grant, DecodeGrant(part));
        acl.grants.push_back(std::move(grant));
    }
    if (acl.owner.empty()) return Damaged();
    return acl;
}

std::string_view EncodedAclOwner(std::string_view text) {
    return text.substr(0, text.find(','));
}

}  // namespace coffer::codec
