// One call of the admin API: its parameters, its document, and who makes it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/api/minio/admin/handler.h"
#include "coffer/codec/json.h"
#include "coffer/codec/policy/request.h"
#include "coffer/codec/uri.h"

namespace coffer::api::minio {

// What to answer: 200 with `text`, or 204 where there is nothing to say.
struct AdminReply {
    std::string text;
    bool encrypted = false;  // as the client expects of this operation
    bool no_content = false;
};

// It lives until its operation has returned.
struct AdminCall {
    const AdminDependencies& dependencies;
    const codec::Query& parameters;
    const std::shared_ptr<const service::Actor>& actor;
    codec::policy::ValueSource& values;
    const Secret& secret_key;  // that the request was signed with
    const std::string& body;   // as sent

    // The same call with other values; they outlive it.
    AdminCall With(codec::policy::ValueSource& others) const {
        return {dependencies, parameters, actor, others, secret_key, body};
    }

    // kInvalid "XMinioAdminInvalidArgument" where it is not there, or empty.
    Result<std::string> Need(std::string_view name) const;
    std::vector<std::string> All(std::string_view name) const;

    // "enabled" or "disabled" in `status`; else kInvalid "XMinioAdminInvalidArgument".
    Result<bool> NeedStatus() const;

    // kDenied "AccessDenied" unless the caller may do `action`.
    Task<Result<>> Authorize(std::string_view action) const;

    // The same, where what is one's own needs no more than that nothing denies it. `user`: whose it
    // is; empty: root's.
    Task<Result<>> AuthorizeFor(std::string_view action, std::string_view user) const;

    // kDenied "AccessDenied" where a policy narrows the caller's key: it neither makes nor changes
    // keys, as one without that policy could sign for it.
    Result<> RefuseNarrowed() const;

    // The body as a JSON object; of an operation with encrypted payloads, decrypted. kInvalid
    // "XMinioAdminConfigBadJSON", or "XMinioAdminInvalidArgument".
    Result<codec::JsonValue> ReadPlain() const;
    Task<Result<codec::JsonValue>> ReadEncrypted() const;

    // The user whose access key or name this is, as MinIO's clients mean it: root's access key is
    // root, who is empty.
    std::string UserOf(std::string_view name) const;
    std::string NameOf(std::string_view user) const;
};

using codec::TextOf;

// The texts of a list that is a member of that name; none where there is no list.
std::vector<std::string> ListOf(const codec::JsonValue& object, std::string_view name);

codec::JsonValue ToJson(const std::vector<std::string>& names);

// "a,b": how MinIO writes the policies of somebody.
std::string Joined(const std::vector<std::string>& names);

using AdminOperation = Task<Result<AdminReply>> (*)(const AdminCall& call);

struct AdminRoute {
    std::string_view method;
    std::string_view path;  // behind "/minio/admin/v3/"
    AdminOperation act;
};

// All that is offered.
std::span<const AdminRoute> AdminRoutes();

// info.cc
Task<Result<AdminReply>> GetServerInfo(const AdminCall& call);

// users.cc
Task<Result<AdminReply>> AddUser(const AdminCall& call);
Task<Result<AdminReply>> RemoveUser(const AdminCall& call);
Task<Result<AdminReply>> ListUsers(const AdminCall& call);
Task<Result<AdminReply>> GetUserInfo(const AdminCall& call);
Task<Result<AdminReply>> SetUserStatus(const AdminCall& call);

// groups.cc
Task<Result<AdminReply>> UpdateGroupMembers(const AdminCall& call);
Task<Result<AdminReply>> GetGroup(const AdminCall& call);
Task<Result<AdminReply>> ListGroups(const AdminCall& call);
Task<Result<AdminReply>> SetGroupStatus(const AdminCall& call);

// policies.cc
Task<Result<AdminReply>> AddPolicy(const AdminCall& call);
Task<Result<AdminReply>> GetPolicy(const AdminCall& call);
Task<Result<AdminReply>> ListPolicies(const AdminCall& call);
Task<Result<AdminReply>> RemovePolicy(const AdminCall& call);
Task<Result<AdminReply>> AttachPolicy(const AdminCall& call);
Task<Result<AdminReply>> DetachPolicy(const AdminCall& call);
Task<Result<AdminReply>> ListPolicyEntities(const AdminCall& call);

// quota.cc
Task<Result<AdminReply>> GetBucketQuota(const AdminCall& call);
Task<Result<AdminReply>> SetBucketQuota(const AdminCall& call);

// service_accounts.cc
Task<Result<AdminReply>> AddServiceAccount(const AdminCall& call);
Task<Result<AdminReply>> UpdateServiceAccount(const AdminCall& call);
Task<Result<AdminReply>> GetServiceAccount(const AdminCall& call);
Task<Result<AdminReply>> GetAccessKey(const AdminCall& call);
Task<Result<AdminReply>> ListServiceAccounts(const AdminCall& call);
Task<Result<AdminReply>> ListAccessKeys(const AdminCall& call);
Task<Result<AdminReply>> RemoveServiceAccount(const AdminCall& call);

}  // namespace coffer::api::minio
