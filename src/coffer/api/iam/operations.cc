#include "coffer/api/iam/operations.h"

#include <algorithm>
#include <iterator>

namespace coffer::api::iam {
namespace {

constexpr Row kRows[] = {
    {"AddUserToGroup", Api::kIam, false, AddUserToGroup},
    {"AssumeRole", Api::kSts, true, AssumeRole},
    {"AttachGroupPolicy", Api::kIam, false, AttachGroupPolicy},
    {"AttachUserPolicy", Api::kIam, false, AttachUserPolicy},
    {"CreateAccessKey", Api::kIam, true, CreateAccessKey},
    {"CreateGroup", Api::kIam, true, CreateGroup},
    {"CreatePolicy", Api::kIam, true, CreatePolicy},
    {"CreateUser", Api::kIam, true, CreateUser},
    {"DeleteAccessKey", Api::kIam, false, DeleteAccessKey},
    {"DeleteGroup", Api::kIam, false, DeleteGroup},
    {"DeleteGroupPolicy", Api::kIam, false, DeleteGroupPolicy},
    {"DeletePolicy", Api::kIam, false, DeletePolicy},
    {"DeleteUser", Api::kIam, false, DeleteUser},
    {"DeleteUserPolicy", Api::kIam, false, DeleteUserPolicy},
    {"DetachGroupPolicy", Api::kIam, false, DetachGroupPolicy},
    {"DetachUserPolicy", Api::kIam, false, DetachUserPolicy},
    {"GetCallerIdentity", Api::kSts, true, GetCallerIdentity},
    {"GetGroup", Api::kIam, true, GetGroup},
    {"GetGroupPolicy", Api::kIam, true, GetGroupPolicy},
    {"GetPolicy", Api::kIam, true, GetPolicy},
    {"GetPolicyVersion", Api::kIam, true, GetPolicyVersion},
    {"GetSessionToken", Api::kSts, true, GetSessionToken},
    {"GetUser", Api::kIam, true, GetUser},
    {"GetUserPolicy", Api::kIam, true, GetUserPolicy},
    {"ListAccessKeys", Api::kIam, true, ListAccessKeys},
    {"ListAttachedGroupPolicies", Api::kIam, true, ListAttachedGroupPolicies},
    {"ListAttachedUserPolicies", Api::kIam, true, ListAttachedUserPolicies},
    {"ListEntitiesForPolicy", Api::kIam, true, ListEntitiesForPolicy},
    {"ListGroupPolicies", Api::kIam, true, ListGroupPolicies},
    {"ListGroups", Api::kIam, true, ListGroups},
    {"ListGroupsForUser", Api::kIam, true, ListGroupsForUser},
    {"ListOpenIDConnectProviders", Api::kIam, true, ListOpenIDConnectProviders},
    {"ListPolicies", Api::kIam, true, ListPolicies},
    {"ListPolicyVersions", Api::kIam, true, ListPolicyVersions},
    {"ListRoles", Api::kIam, true, ListRoles},
    {"ListUserPolicies", Api::kIam, true, ListUserPolicies},
    {"ListUsers", Api::kIam, true, ListUsers},
    {"PutGroupPolicy", Api::kIam, false, PutGroupPolicy},
    {"PutUserPolicy", Api::kIam, false, PutUserPolicy},
    {"RemoveUserFromGroup", Api::kIam, false, RemoveUserFromGroup},
    {"UpdateAccessKey", Api::kIam, false, UpdateAccessKey},
};

}  // namespace

std::span<const Row> Operations() {
    return kRows;
}

const Row* FindOperation(std::string_view action) {
    const Row* const row = std::ranges::find(kRows, action, &Row::action);
    return row == std::end(kRows) ? nullptr : row;
}

}  // namespace coffer::api::iam
