#include "coffer/service/access.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/policy/decide.h"
#include "coffer/service/authenticate.h"
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

class ValuesWithTags final : public codec::policy::ValueSource {
  public:
    ValuesWithTags(codec::policy::ValueSource& values, const catalog::Tags& tags)
        : values_(values), tags_(tags) {}

    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override {
        if (key.id != KeyId::kExistingObjectTag) return values_.Find(key);
        for (const auto& [name, value] : tags_)
            if (name == key.detail) return std::vector{value};
        return std::nullopt;
    }

  private:
    codec::policy::ValueSource& values_;
    const catalog::Tags& tags_;
};

}  // namespace

Access::Access(Core& core)
    : core_(core),
      policies_(catalog::SettingKind::kPolicy, &ParsePolicy),
      blocks_(catalog::SettingKind::kPublicAccessBlock, &ParseBlock) {}

Task<Result<Access::Rules>> Access::ReadRules(AccessRequest request) {
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<Rules> {
            TRY(const catalog::Bucket row, catalog::FindBucket(tx, request.bucket));
            Rules rules;
            TRY(rules.policy, policies_.Get(tx, row));
            TRY(rules.block, blocks_.Get(tx, row));
            if (rules.policy != nullptr && rules.policy->Asks(KeyId::kExistingObjectTag)) {
                TRY(rules.tags, FindTags(tx, row.id, request));
            }
            return rules;
        });
}

Task<Result<>> Access::Check(const codec::policy::Principal& principal, AccessRequest request,
                             codec::policy::ValueSource& values) {
    Rules rules;
    if (!request.bucket.empty() && request.action != kCreateBucket) {
        CO_TRY(rules, co_await ReadRules(request));
    }
    // Nothing can keep root from what no policy is about.
    if (rules.policy == nullptr && principal.kind == codec::policy::Principal::Kind::kRoot)
        co_return Ok();
    ValuesWithTags with_tags(values, rules.tags);
    codec::policy::Request asked(principal, request.action, ResourceOf(request), with_tags);
    const Verdict verdict =
        Decide(asked, {.bucket = rules.policy.get(),
                       .account = kAccount,
                       .restrict_public_buckets =
                           rules.block != nullptr && rules.block->restrict_public_buckets});
    if (verdict == Verdict::kAllowed) co_return Ok();
    co_return Denied();
}

Task<Result<>> Access::CheckSomeKey(const codec::policy::Principal& principal, BucketName bucket) {
    CO_TRY(const Rules rules, co_await ReadRules({.action = {}, .bucket = bucket.text()}));
    if (principal.kind == codec::policy::Principal::Kind::kRoot || rules.policy != nullptr)
        co_return Ok();
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
