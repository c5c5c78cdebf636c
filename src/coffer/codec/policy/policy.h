// Policies in the JSON policy language of AWS: read once, with all the checks of AWS, into a form
// that is evaluated fast. Immutable; any thread may use one. How several policies decide together:
// decide.h.
//
// The document as it was sent is not kept here: whoever stores it keeps its bytes, and gives those
// back (GetBucketPolicy).
//
// Source: the IAM User Guide, "IAM JSON policy reference"; the Amazon S3 User Guide, "Policies and
// permissions in Amazon S3".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/codec/policy/condition.h"
#include "coffer/codec/policy/pattern.h"
#include "coffer/codec/policy/principals.h"
#include "coffer/codec/policy/request.h"

namespace coffer::codec::policy {

// Of a document without the white space between its tokens (S3: "20 KB").
inline constexpr size_t kMaxPolicyBytes = 20'480;

struct Statement {
    bool allow = false;                    // Effect: Allow, or else Deny
    std::optional<Principals> principals;  // nothing in policies of users and groups
    bool not_principals = false;           // it is about all others
    std::vector<Pattern> actions;          // in lower case; "*", "s3:get*"
    bool not_actions = false;
    std::vector<Pattern> resources;  // ARNs
    bool not_resources = false;
    std::vector<Condition> conditions;  // all must hold
};

enum class Decision : uint8_t {
    kNone,            // nothing is said
    kAllowToAccount,  // allowed to the principal's account, which has to allow it to the principal
    kAllow,
    kDeny,  // whatever else allows it
};

// What to do with a statement that can apply to nothing, or asks for what no request has.
enum class Idle { kRefuse, kAllow };

class Policy {
  public:
    // The policy of a bucket. kInvalid "MalformedPolicy", with S3's message: no JSON (one name
    // twice in an object is none), too large, a field that there is not, none of Principal, Action
    // and Resource, or both of a kind; a principal, action, resource, operator, key or value that
    // means nothing; a resource that is not in the bucket; an action that acts on none of the
    // statement's resources, a key that does not come with the actions; Allow with NotPrincipal.
    //
    // With Idle::kAllow a statement passes that can apply to nothing: its action acts on none of
    // its resources, or its condition's key does not come with its actions.
    static Result<Policy> ParseForBucket(std::string_view document, std::string_view bucket,
                                         Idle idle = Idle::kRefuse);

    // The policy of a user or group, or of a session. kInvalid "MalformedPolicyDocument", with
    // IAM's message. It has no principals; resources are any ARNs or "*", and may be left out where
    // all actions are of admin:, sts: or kms:, as MinIO has it. Unknown actions of s3: and admin:
    // and unknown keys of s3:, iam:, sts:, svc:, admin: and kms: are refused; those of other
    // services are taken, and never asked for.
    //
    // With Idle::kAllow unknown keys are taken but those of s3:, and no request has them: for what
    // is kept already, which else would lock its user out.
    static Result<Policy> ParseForIdentity(std::string_view document, Idle idle = Idle::kRefuse);

    // A policy without principals is taken to be the principal's own. Time grows with the policy
    // and the request's texts alone.
    //
    // Resources of S3 say nothing of actions of admin:, sts: and kms: that the statement names with
    // their vendor ("admin:*", not "*"), as MinIO has it.
    //
    // A statement whose Resource has a variable without a value in the request does not apply; one
    // whose NotResource has it applies if it denies, not if it allows.
    Decision Evaluate(Request& request) const;

    // Whether the answer may depend on this key, in a condition or a variable. To find out before
    // Evaluate what has to be fetched for it, such as the tags of an object.
    bool Asks(KeyId key) const;

    // Whether S3 calls it public: it allows something to everybody, and not only from given
    // networks, accounts, or the like. Source: the Amazon S3 User Guide, "The meaning of 'public'".
    // What BlockPublicPolicy refuses, and what RestrictPublicBuckets restricts.
    bool is_public() const { return is_public_; }

    const std::vector<Statement>& statements() const { return statements_; }

  private:
    explicit Policy(std::vector<Statement> statements);

    bool MayConcern(size_t statement, std::string_view resource) const;

    std::vector<Statement> statements_;
    std::vector<KeyId> keys_;  // that it asks for, sorted

    // What all resources of a statement begin with, one after the other, and where each ends: of a
    // long policy most is passed over without a look at its statements, which lie all over memory.
    std::string beginnings_;
    std::vector<size_t> ends_;
    bool is_public_ = false;
};

}  // namespace coffer::codec::policy
