// The operations of IAM and STS: one table of those that are offered, and what each answers.
#pragma once

#include <span>
#include <string_view>

#include "coffer/api/iam/call.h"

namespace coffer::api::iam {

enum class Api : uint8_t { kIam, kSts };

struct Row {
    std::string_view action;  // "CreateUser"
    Api api;
    bool has_result;  // its answer has a Result element
    Operation act;
};

// All that are offered.
std::span<const Row> Operations();

// Null where it is not offered.
const Row* FindOperation(std::string_view action);

// Each asks by itself whether the caller may: which resource it is about is in its parameters.

// users.cc
Task<Result<>> CreateUser(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetUser(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListUsers(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DeleteUser(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListGroupsForUser(const Call& call, codec::XmlWriter& xml);

// groups.cc
Task<Result<>> CreateGroup(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetGroup(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListGroups(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DeleteGroup(const Call& call, codec::XmlWriter& xml);
Task<Result<>> AddUserToGroup(const Call& call, codec::XmlWriter& xml);
Task<Result<>> RemoveUserFromGroup(const Call& call, codec::XmlWriter& xml);

// absent.cc
Task<Result<>> ListRoles(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListOpenIDConnectProviders(const Call& call, codec::XmlWriter& xml);

// access_keys.cc
Task<Result<>> CreateAccessKey(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListAccessKeys(const Call& call, codec::XmlWriter& xml);
Task<Result<>> UpdateAccessKey(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DeleteAccessKey(const Call& call, codec::XmlWriter& xml);

// inline_policies.cc
Task<Result<>> PutUserPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetUserPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListUserPolicies(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DeleteUserPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> PutGroupPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetGroupPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListGroupPolicies(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DeleteGroupPolicy(const Call& call, codec::XmlWriter& xml);

// managed_policies.cc
Task<Result<>> CreatePolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetPolicyVersion(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListPolicyVersions(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListPolicies(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DeletePolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListEntitiesForPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> AttachUserPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DetachUserPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListAttachedUserPolicies(const Call& call, codec::XmlWriter& xml);
Task<Result<>> AttachGroupPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> DetachGroupPolicy(const Call& call, codec::XmlWriter& xml);
Task<Result<>> ListAttachedGroupPolicies(const Call& call, codec::XmlWriter& xml);

// sessions.cc
Task<Result<>> AssumeRole(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetSessionToken(const Call& call, codec::XmlWriter& xml);
Task<Result<>> GetCallerIdentity(const Call& call, codec::XmlWriter& xml);

}  // namespace coffer::api::iam
