// What access control lists say in the language of policies: which permission an action asks for,
// and whom a list grants it. Pure functions; any thread may call them.
//
// Source: the Amazon S3 User Guide, "Access control list (ACL) overview": "Mapping of ACL
// permissions and access policy permissions".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "coffer/codec/acl.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/codec/policy/request.h"

namespace coffer::codec::policy {

// What of a bucket and an object decides about an action besides policies.
struct AclRule {
    // Whose account allows the action: the object's owner's, or else the bucket's owner's.
    bool of_object = false;

    // What the list of the object (of_object), or of the bucket, has to grant; nothing: no list
    // allows the action.
    std::optional<AclPermission> permission = std::nullopt;

    // By that grant on the bucket only what is the asker's own, or not there.
    bool own_object_only = false;
};

// Of an action of S3, "s3:GetObject".
AclRule AclRuleOf(std::string_view action);

// What `acl` says to `principal` who asks for `permission`: kAllow where a group that it is in is
// granted it, kAllowToAccount where its account is. `ignore_public`: grants to everybody, and to
// everybody with an account, count for nothing (IgnorePublicAcls).
Decision EvaluateAcl(const Acl& acl, const Principal& principal, AclPermission permission,
                     bool ignore_public);

}  // namespace coffer::codec::policy
