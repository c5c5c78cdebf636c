#include "coffer/service/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/core.h"

namespace coffer::service {
namespace {

using codec::policy::KeyId;
using codec::policy::Policy;
using codec::policy::Verdict;

constexpr std::string_view kCreateBucket = "s3:CreateBucket";

Error Denied() {
    return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
}

Result<Policy> ParsePolicy(std::string_view document, const catalog::Bucket& bucket) {
    return Policy::ParseForBucket(document, bucket.name);
}

Result<codec::PublicAccessBlock> ParseBlock(std::string_view document, const catalog::Bucket&) {
    return codec::ParsePublicAccessBlock(document);
}

std::string ResourceOf(const AccessRequest& request) {
    if (!request.resource.empty()) return std::string(request.resource);
    if (request.bucket.empty()) return "*";
    if (request.key.empty()) return fmt::format("arn:aws:s3:::{}", request.bucket);
    return fmt::format("arn:aws:s3:::{}/{}", request.bucket, request.key);
}

// The tags of the version that the request is about; none where there is none.
Result<catalog::Tags> FindTags(db::Transaction& tx, catalog::BucketId bucket,
                               const AccessRequest& request) {
    std::optional<catalog::Version> version;
    if (request.version_id) {
        TRY(version, catalog::FindVersion(tx, bucket, request.key, *request.version_id));
    } else if (!request.key.empty()) {
        TRY(version, catalog::FindCurrent(tx, bucket, request.key));
    }
    return version ? std::move(version->headers.tags) : catalog::Tags();
}

// The request's values, those of the object, and those of who asks.
class AllValues final : public codec::policy::ValueSource {
  public:
    AllValues(codec::policy::ValueSource& values, const catalog::Tags& tags, const Actor& actor)
        : values_(values), tags_(tags), actor_(actor) {}

    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override {
        if (key.id == KeyId::kGroups) return actor_.groups;
        if (key.id != KeyId::kExistingObjectTag) return values_.Find(key);
        for (const auto& [name, value] : tags_)
            if (name == key.detail) return std::vector{value};
        return std::nullopt;
    }

  private:
    codec::policy::ValueSource& values_;
    const catalog::Tags& tags_;
    const Actor& actor_;
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

Access::Access(Core& core)
    : core_(core),
      policies_(catalog::SettingKind::kPolicy, &ParsePolicy),
      blocks_(catalog::SettingKind::kPublicAccessBlock, &ParseBlock) {}

Task<Result<Access::Rules>> Access::ReadRules(const Actor& actor, AccessRequest request) {
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<Rules> {
            TRY(const catalog::Bucket row, catalog::FindBucket(tx, request.bucket));
            Rules rules;
            TRY(rules.policy, policies_.Get(tx, row));
            TRY(rules.block, blocks_.Get(tx, row));
            if (AsksTags(actor, rules.policy.get())) {
                TRY(rules.tags, FindTags(tx, row.id, request));
            }
            return rules;
        });
}

Task<Result<Verdict>> Access::Ask(const Actor& actor, AccessRequest request,
                                  codec::policy::ValueSource& values) {
    Rules rules;
    if (!request.bucket.empty() && request.action != kCreateBucket) {
        CO_TRY(rules, co_await ReadRules(actor, request));
    }
    // Nothing can keep root from what no policy is about.
    if (rules.policy == nullptr && actor.IsUnboundRoot()) co_return Verdict::kAllowed;
    AllValues all_values(values, rules.tags, actor);
    codec::policy::Request asked(actor.principal, request.action, ResourceOf(request), all_values);
    std::vector<const Policy*> own;
    own.reserve(actor.policies.size());
    for (const auto& policy : actor.policies)
        own.push_back(policy.get());
    co_return Decide(asked, {.identity = own,
                             .session = actor.session_policy.get(),
                             .bucket = rules.policy.get(),
                             .account = kAccount,
                             .restrict_public_buckets =
                                 rules.block != nullptr && rules.block->restrict_public_buckets});
}

Task<Result<>> Access::Check(const Actor& actor, AccessRequest request,
                             codec::policy::ValueSource& values) {
    CO_TRY(const Verdict verdict, co_await Ask(actor, request, values));
    if (verdict == Verdict::kAllowed) co_return Ok();
    co_return Denied();
}

Task<Result<>> Access::CheckOwn(const Actor& actor, AccessRequest request,
                                codec::policy::ValueSource& values) {
    CO_TRY(const Verdict verdict, co_await Ask(actor, request, values));
    if (verdict == Verdict::kAllowed) co_return Ok();
    // Whom a policy narrows has nothing of its own: it could give itself a key without that policy.
    if (verdict == Verdict::kDenied || actor.anonymous() || actor.session_policy != nullptr)
        co_return Denied();
    co_return Ok();
}

Task<Result<>> Access::CheckSomeKey(const Actor& actor, BucketName bucket) {
    CO_TRY(const Rules rules, co_await ReadRules(actor, {.action = {}, .bucket = bucket.text()}));
    const bool root = actor.principal.kind == codec::policy::Principal::Kind::kRoot;
    if (root || rules.policy != nullptr || !actor.policies.empty()) co_return Ok();
    co_return Denied();
}

Task<Result<>> Access::PutPolicy(BucketName bucket, std::string document) {
    CO_TRY(const Policy policy, Policy::ParseForBucket(document, bucket.text()));
    const bool is_public = policy.is_public();
    const catalog::BucketSetting setting{std::move(document), core_.clock.Now()};
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket row, catalog::FindBucket(tx, bucket.text()));
        TRY(const auto block, blocks_.GetForWrite(tx, row));
        if (is_public && block != nullptr && block->block_public_policy) return Denied();
        return catalog::PutBucketSetting(tx, row, catalog::SettingKind::kPolicy, setting);
    });
}

Task<Result<bool>> Access::IsPublic(BucketName bucket) {
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<bool> {
            TRY(const catalog::Bucket row, catalog::FindBucket(tx, bucket.text()));
            TRY(const auto policy, policies_.Get(tx, row));
            return policy != nullptr && policy->is_public();
        });
}

}  // namespace coffer::service
