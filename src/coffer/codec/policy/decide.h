// How policies decide together: the one rule of access that every interface shares. A pure
// function; any thread may call it.
//
// Source: the IAM User Guide, "Policy evaluation logic"; the Amazon S3 User Guide, "Blocking public
// access to your Amazon S3 storage".
//
//   1. A Deny in any policy decides. One exception: the root of the bucket's account may always
//      read, write and delete the bucket's policy, whatever that policy says, so that nobody is
//      locked out for good.
//   2. The account of the principal allows, where the principal is its root, or a policy of the
//      user or of a group of the user allows.
//   3. The resource allows, where the bucket's policy or an ACL allows the principal itself, or
//      everybody. A bucket's policy allows nothing with objects that are not its owner's.
//   4. In the resource's own account either is enough. From another account both are needed, and
//   the
//      resource may allow the account in place of the principal. Anonymous requests need the
//      resource alone.
//   5. A session's policy (temporary credentials, or an access key with a narrower policy) must
//      allow besides; it never adds anything.
//   6. Where RestrictPublicBuckets is set and the bucket's policy is public, that policy allows
//      nothing to anybody outside of the bucket's account.
//   7. What nothing allows is denied.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "coffer/codec/policy/policy.h"
#include "coffer/codec/policy/request.h"

namespace coffer::codec::policy {

struct AccessPolicies {
    std::span<const Policy* const> identity = {};  // of the user and the user's groups
    const Policy* session = nullptr;
    const Policy* bucket = nullptr;
    // Whose the bucket is, or the object that the request is about.
    std::string_view account;
    Decision acl = Decision::kNone;  // what the ACL says to the principal
    bool others_object = false;      // the object is not the bucket's owner's
    bool restrict_public_buckets = false;
};

enum class Verdict : uint8_t {
    kAllowed,
    kDenied,      // by a statement
    kNotAllowed,  // by none
};

Verdict Decide(Request& request, const AccessPolicies& policies);

}  // namespace coffer::codec::policy
