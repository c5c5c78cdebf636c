// May they? The one answer for every route and every interface: the account, the policies of the
// user and the user's groups, of the session, and of the bucket, and ACLs. Policies of users count
// in their own account; what is another's needs the bucket's policy or an ACL to allow it, too.
// What nothing allows is denied (codec/policy/decide.h says how policies decide together).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/codec/policy/decide.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/codec/policy/request.h"
#include "coffer/runtime/task.h"
#include "coffer/service/acl_rules.h"
#include "coffer/service/actor.h"
#include "coffer/service/grounds.h"
#include "coffer/service/settings_cache.h"
#include "coffer/service/types.h"

namespace coffer::service {

struct Core;

// What a request wants to do: an action of the AWS policy language ("s3:PutObject") on a bucket, or
// on a key in it.
struct AccessRequest {
    std::string_view action;
    std::string_view bucket = {};  // empty for actions of the account (s3:ListAllMyBuckets)
    std::string_view key = {};     // empty for actions of a bucket
    std::optional<std::string_view> version_id = {};  // of the key; else its newest
    std::string_view resource =
        {};  // the ARN of what is neither; empty: by the fields above, or "*" (of s3: all buckets)

    // The id of the account whose the bucket has to be, where the client says it.
    std::optional<std::string_view> expected_owner = {};

    // The account that began the upload which this is about: it may look after it.
    std::optional<std::string_view> initiator = {};

    // It is about what the request says of the object that it writes, its tags or its ACL: where
    // ACLs count, that is for its writer's account to say, whose it becomes.
    bool of_new_object = false;

    // Of s3:ListBucket, where what is asked is whether a key may be known not to be there.
    std::optional<std::string_view> prefix = {};

    // The bucket is yet to be made, for who asks; so it is for s3:CreateBucket.
    bool new_bucket = false;
};

// Any thread may call it.
class Access {
  public:
    explicit Access(Core& core);

    // kDenied "AccessDenied" where the principal may not, or the bucket is not whose the request
    // expects; kNotFound "NoSuchBucket" where the bucket does not exist, whoever asks, and whatever
    // the action but s3:CreateBucket; "NoSuchKey" or "NoSuchVersion" where it is the ACL of an
    // object that would have to allow it, which is not there, to who may list the bucket. All
    // views, and `values`, outlive the task; values are asked for everything but the tags of the
    // object (s3:ExistingObjectTag), which are read from the catalogue where the policy depends on
    // them.
    Task<Result<>> Check(const Actor& actor, AccessRequest request,
                         codec::policy::ValueSource& values);

    // The same; says by what it was allowed, for the operation that follows.
    Task<Result<Grounds>> Judge(const Actor& actor, AccessRequest request,
                                codec::policy::ValueSource& values);

    // The same for what everybody may do with what is one's own (making a service account): kDenied
    // "AccessDenied" only where a policy denies it, the request is anonymous, or a session's policy
    // does not allow it.
    Task<Result<>> CheckOwn(const Actor& actor, AccessRequest request,
                            codec::policy::ValueSource& values);

    // The same, before it is known which keys a request is about, or what else stands in its
    // document: kDenied where nothing can allow the principal any key of the bucket.
    Task<Result<>> CheckSomeKey(const Actor& actor, BucketName bucket,
                                std::optional<std::string_view> expected_owner = {});

    // Sets a bucket's policy. kInvalid "MalformedPolicy"; kDenied "AccessDenied" where the policy
    // is public and the bucket's public access block refuses those; "NoSuchBucket". `document` is
    // kept as it is.
    Task<Result<>> PutPolicy(BucketName bucket, std::string document,
                             codec::policy::Idle idle = codec::policy::Idle::kRefuse);

    // Whether the bucket's policy or its ACL lets everybody in. "NoSuchBucket".
    Task<Result<bool>> IsPublic(BucketName bucket);

  private:
    // What the catalogue says of a bucket that decides about access to it; null: not set.
    struct Rules {
        std::shared_ptr<const codec::policy::Policy> policy;
        AclRules::Rules acls;
        Grounds grounds;
        std::string owner;    // the account whose the bucket is, or what else is asked for
        std::string account;  // the same, or the account whose the object is

        codec::policy::Decision acl = codec::policy::Decision::kNone;  // what it says
        bool missing = false;  // the object is not there whose ACL would decide
    };
    Result<> ReadAcls(db::Transaction& tx, const catalog::Bucket& bucket, const Actor& actor,
                      const AccessRequest& request, Rules& rules);
    Task<Result<Rules>> ReadRules(const Actor& actor, AccessRequest request);
    Task<Result<Rules>> RulesFor(const Actor& actor, AccessRequest request);
    static codec::policy::Verdict Evaluate(const Actor& actor, const AccessRequest& request,
                                           const Rules& rules, codec::policy::ValueSource& values);

    Core& core_;
    SettingsCache<codec::policy::Policy> policies_;
};

}  // namespace coffer::service
