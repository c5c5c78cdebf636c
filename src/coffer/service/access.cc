#include "coffer/service/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/date.h"
#include "coffer/codec/policy/acl_decision.h"
#include "coffer/service/core.h"

namespace coffer::service {
namespace {

using codec::policy::AclRule;
using codec::policy::Decision;
using codec::policy::KeyId;
using codec::policy::Policy;
using codec::policy::Verdict;

constexpr std::string_view kCreateBucket = "s3:CreateBucket";
constexpr std::string_view kListAllMyBuckets = "s3:ListAllMyBuckets";

Error Denied() {
    return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
}

// Whether an idle statement is refused was decided when the policy was set.
Result<Policy> ParsePolicy(std::string_view document, const catalog::Bucket& bucket) {
    return Policy::ParseForBucket(document, bucket.name, codec::policy::Idle::kAllow);
}

bool IsNewBucket(const AccessRequest& request) {
    return request.new_bucket || request.action == kCreateBucket;
}

// Whose it is what a request is about that names no bucket, or one that is yet to be made: an
// account makes and lists buckets of its own, and all else is the server's.
std::string OwnerWithoutBucket(const Actor& actor, const AccessRequest& request) {
    const bool own = IsNewBucket(request) || request.action == kListAllMyBuckets;
    return own ? actor.principal.account : std::string(kAccount);
}

std::string ResourceOf(const AccessRequest& request) {
    if (!request.resource.empty()) return std::string(request.resource);
    // On all buckets, so that a policy on arn:aws:s3:::* speaks of it.
    if (request.bucket.empty()) return request.action.starts_with("s3:") ? "arn:aws:s3:::*" : "*";
    if (request.key.empty()) return fmt::format("arn:aws:s3:::{}", request.bucket);
    return fmt::format("arn:aws:s3:::{}/{}", request.bucket, request.key);
}

// The version that the request is about.
Result<std::optional<catalog::Version>> FindAsked(db::Transaction& tx, catalog::BucketId bucket,
                                                  const AccessRequest& request) {
    if (request.key.empty()) return std::optional<catalog::Version>();
    if (request.version_id)
        return catalog::FindVersion(tx, bucket, request.key, *request.version_id);
    return catalog::FindCurrent(tx, bucket, request.key);
}

// What who began an upload may do with it, though it is in another's bucket.
bool IsOfUpload(std::string_view action) {
    return action == "s3:AbortMultipartUpload" || action == "s3:ListMultipartUploadParts";
}

// The request's values, those of the object, and those of who asks.
class AllValues final : public codec::policy::ValueSource {
  public:
    AllValues(codec::policy::ValueSource& values, const std::optional<catalog::Tags>& tags,
              const Actor& actor, const std::string& owner, const AccessRequest& request)
        : values_(values), tags_(tags), actor_(actor), owner_(owner), request_(request) {}

    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override {
        if (key.id == KeyId::kGroups) return actor_.groups;
        if (key.id == KeyId::kTokenIssueTime) {
            if (!actor_.session_issued) return std::nullopt;
            return std::vector{codec::FormatIso8601(*actor_.session_issued)};
        }
        if (key.id == KeyId::kResourceAccount) return std::vector{owner_};
        if (key.id == KeyId::kPrefix && request_.prefix)
            return std::vector{std::string(*request_.prefix)};
        // One request may be about several, or about the source of a copy.
        if (key.id == KeyId::kVersionId) {
            if (!request_.version_id) return std::nullopt;
            return std::vector{std::string(*request_.version_id)};
        }
        if (key.id != KeyId::kExistingObjectTag) return values_.Find(key);
        if (!tags_) return std::nullopt;
        for (const auto& [name, value] : *tags_)
            if (name == key.detail) return std::vector{value};
        return std::nullopt;
    }

  private:
    codec::policy::ValueSource& values_;
    const std::optional<catalog::Tags>& tags_;
    const Actor& actor_;
    const std::string& owner_;
    const AccessRequest& request_;
};

// Whether the answer may depend on the tags of the object.
bool AsksTags(const Actor& actor, const Policy* bucket_policy) {
    const auto asks = [](const auto& policy) {
        return policy != nullptr && policy->Asks(KeyId::kExistingObjectTag);
    };
    return asks(bucket_policy) || asks(actor.session_policy) ||
           std::ranges::any_of(actor.policies, asks);
}

}  // namespace

Access::Access(Core& core) : core_(core), policies_(catalog::SettingKind::kPolicy, &ParsePolicy) {}

// What the list says that decides about the action: the bucket's, or the object's, which is read
// only where there can be one.
Result<> Access::ReadAcls(db::Transaction& tx, const catalog::Bucket& bucket, const Actor& actor,
                          const AccessRequest& request, Rules& rules) {
    TRY(rules.acls, core_.acls->Read(tx, bucket));
    const AclRule rule = codec::policy::AclRuleOf(request.action);
    const bool ignore_public = rules.acls.ignores_public_acls();
    const auto says = [&](const codec::Acl& acl) {
        return codec::policy::EvaluateAcl(acl, actor.principal, *rule.permission, ignore_public);
    };
    if (!rules.acls.has_acls()) return Ok();
    if (request.of_new_object) {
        rules.acl = actor.anonymous() ? Decision::kAllow : Decision::kAllowToAccount;
        return Ok();
    }
    if (!rule.of_object && rule.permission && rules.acls.acl != nullptr)
        rules.acl = says(*rules.acls.acl);
    const bool judges_own = rule.own_object_only && rules.acl != Decision::kNone;
    if (!rule.of_object && !judges_own) return Ok();

    TRY(const auto version, FindAsked(tx, bucket.id, request));
    const bool there = version && !version->delete_marker;
    const auto* const acl = there && version->headers.acl ? &*version->headers.acl : nullptr;
    rules.grounds.by_acl = true;
    rules.grounds.missing = !there;
    if (acl != nullptr) rules.grounds.acl = *acl;
    const std::string& owner = acl == nullptr ? bucket.owner : acl->owner;
    if (judges_own) {
        if (there && owner != actor.principal.account) rules.acl = Decision::kNone;
        return Ok();
    }
    rules.missing = !there;
    rules.account = owner;
    if (acl != nullptr && rule.permission) rules.acl = says(*acl);
    return Ok();
}

Task<Result<Access::Rules>> Access::ReadRules(const Actor& actor, AccessRequest request) {
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<Rules> {
            TRY(const catalog::Bucket row, catalog::FindBucket(tx, request.bucket));
            Rules rules;
            rules.owner = row.owner;
            rules.account = row.owner;
            rules.grounds.bucket = row.id;
            rules.grounds.revision = row.revision;
            if (request.expected_owner && *request.expected_owner != row.owner) return Denied();
            TRY(rules.policy, policies_.Get(tx, row));
            TRY(ReadAcls(tx, row, actor, request, rules));
            if (AsksTags(actor, rules.policy.get())) {
                TRY(auto version, FindAsked(tx, row.id, request));
                rules.grounds.tags = version ? std::move(version->headers.tags) : catalog::Tags();
            }
            if (IsOfUpload(request.action) && request.initiator && !actor.anonymous() &&
                *request.initiator == actor.principal.account)
                rules.acl = Decision::kAllowToAccount;
            return rules;
        });
}

Verdict Access::Evaluate(const Actor& actor, const AccessRequest& request, const Rules& rules,
                         codec::policy::ValueSource& values) {
    // Nothing can keep root from what no policy is about, and is its account's.
    if (rules.policy == nullptr && actor.IsUnboundRootOf(rules.account)) return Verdict::kAllowed;
    AllValues all_values(values, rules.grounds.tags, actor, rules.owner, request);
    codec::policy::Request asked(actor.principal, request.action, ResourceOf(request), all_values);
    std::vector<const Policy*> own;
    own.reserve(actor.policies.size());
    for (const auto& policy : actor.policies)
        own.push_back(policy.get());
    const auto& block = rules.acls.block;
    return Decide(asked,
                  {.identity = own,
                   .session = actor.session_policy.get(),
                   .bucket = rules.policy.get(),
                   .account = rules.account,
                   .acl = rules.acl,
                   .others_object = rules.account != rules.owner,
                   .restrict_public_buckets = block != nullptr && block->restrict_public_buckets});
}

Task<Result<Access::Rules>> Access::RulesFor(const Actor& actor, AccessRequest request) {
    if (!request.bucket.empty() && !IsNewBucket(request))
        co_return co_await ReadRules(actor, request);
    Rules rules;
    rules.owner = OwnerWithoutBucket(actor, request);
    rules.account = rules.owner;
    co_return rules;
}

Task<Result<>> Access::Check(const Actor& actor, AccessRequest request,
                             codec::policy::ValueSource& values) {
    CO_TRY(co_await Judge(actor, request, values));
    co_return Ok();
}

Task<Result<Grounds>> Access::Judge(const Actor& actor, AccessRequest request,
                                    codec::policy::ValueSource& values) {
    CO_TRY(Rules rules, co_await RulesFor(actor, request));
    const Verdict verdict = Evaluate(actor, request, rules, values);
    if (verdict == Verdict::kAllowed) co_return std::move(rules.grounds);
    if (verdict == Verdict::kDenied || !rules.missing) co_return Denied();
    // There is no list that could allow it. Who may list the bucket may know why.
    const AccessRequest list{
        .action = "s3:ListBucket", .bucket = request.bucket, .prefix = request.key};
    rules.acl = Decision::kNone;
    if (rules.acls.acl != nullptr)
        rules.acl = codec::policy::EvaluateAcl(*rules.acls.acl, actor.principal,
                                               codec::AclPermission::kRead,
                                               rules.acls.ignores_public_acls());
    if (Evaluate(actor, list, rules, values) != Verdict::kAllowed) co_return Denied();
    co_return Error(ErrorKind::kNotFound, request.version_id ? "NoSuchVersion" : "NoSuchKey", "");
}

Task<Result<>> Access::CheckOwn(const Actor& actor, AccessRequest request,
                                codec::policy::ValueSource& values) {
    CO_TRY(const Rules rules, co_await RulesFor(actor, request));
    const Verdict verdict = Evaluate(actor, request, rules, values);
    if (verdict == Verdict::kAllowed) co_return Ok();
    // Whom a policy narrows has nothing of its own: it could give itself a key without that policy.
    // Nor has who is of another account: keys and sessions are the server's own.
    if (verdict == Verdict::kDenied || actor.anonymous() || actor.session_policy != nullptr ||
        !actor.of_main_account())
        co_return Denied();
    co_return Ok();
}

Task<Result<>> Access::CheckSomeKey(const Actor& actor, BucketName bucket,
                                    std::optional<std::string_view> expected_owner) {
    CO_TRY(const Rules rules,
           co_await ReadRules(
               actor, {.action = {}, .bucket = bucket.text(), .expected_owner = expected_owner}));
    const bool root = actor.principal.kind == codec::policy::Principal::Kind::kRoot &&
                      actor.principal.account == rules.owner;
    // Where ACLs count, an object may be somebody else's than the bucket: an account's.
    const bool by_acl = rules.acls.has_acls() && (!actor.anonymous() || rules.acls.acl != nullptr);
    if (root || rules.policy != nullptr || by_acl || !actor.policies.empty()) co_return Ok();
    co_return Denied();
}

Task<Result<>> Access::PutPolicy(BucketName bucket, std::string document,
                                 codec::policy::Idle idle) {
    CO_TRY(const Policy policy, Policy::ParseForBucket(document, bucket.text(), idle));
    const bool is_public = policy.is_public();
    const catalog::BucketSetting setting{std::move(document), core_.clock.Now()};
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket row, catalog::FindBucket(tx, bucket.text()));
        TRY(const auto rules, core_.acls->ReadForWrite(tx, row));
        if (is_public && rules.block != nullptr && rules.block->block_public_policy)
            return Denied();
        return catalog::PutBucketSetting(tx, row, catalog::SettingKind::kPolicy, setting);
    });
}

Task<Result<bool>> Access::IsPublic(BucketName bucket) {
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<bool> {
            TRY(const catalog::Bucket row, catalog::FindBucket(tx, bucket.text()));
            TRY(const auto policy, policies_.Get(tx, row));
            if (policy != nullptr && policy->is_public()) return true;
            TRY(const auto rules, core_.acls->Read(tx, row));
            return rules.has_acls() && !rules.ignores_public_acls() && rules.acl != nullptr &&
                   codec::IsPublic(rules.acl->grants);
        });
}

}  // namespace coffer::service
