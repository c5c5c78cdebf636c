#include "coffer/service/acl_rules.h"

#include <utility>

namespace coffer::service {
namespace {

using codec::Acl;
using codec::AclGrant;
using codec::CannedAcl;
using codec::Ownership;

Result<Ownership> ParseOwnership(std::string_view document, const catalog::Bucket&) {
    return codec::ParseOwnershipControls(document);
}

Result<Acl> ParseKept(std::string_view document, const catalog::Bucket&) {
    return codec::DecodeAcl(document);
}

Result<codec::PublicAccessBlock> ParseBlock(std::string_view document, const catalog::Bucket&) {
    return codec::ParsePublicAccessBlock(document);
}

Error Denied() {
    return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
}

// Whether a bucket without ACLs can do what is asked for: it changes nothing there.
bool AsksForNothing(const AclRules::Rules& rules, const catalog::Bucket& bucket,
                    const AclRequest& request) {
    if (request.grants) return *request.grants == codec::PrivateAcl(bucket.owner).grants;
    if (!request.canned || *request.canned == CannedAcl::kBucketOwnerFullControl) return true;
    return *request.canned == CannedAcl::kPrivate && !rules.ownership_is_set;
}

std::vector<AclGrant> GrantsOf(const AclRequest& request, const std::string& owner,
                               const std::string& bucket_owner) {
    if (request.grants) return *request.grants;
    return codec::CannedGrants(request.canned.value_or(CannedAcl::kPrivate), owner, bucket_owner);
}

// The list on a thing of `owner`'s, unless the bucket blocks such.
Result<Acl> MakeAcl(const AclRules::Rules& rules, const catalog::Bucket& bucket,
                    const std::string& owner, const AclRequest& request) {
    Acl acl{.owner = owner, .grants = GrantsOf(request, owner, bucket.owner)};
    const bool blocked = rules.block != nullptr && rules.block->block_public_acls;
    if (blocked && codec::IsPublic(acl.grants)) return Denied();
    return acl;
}

// As it is kept with an object.
std::optional<Acl> Kept(const catalog::Bucket& bucket, Acl acl) {
    if (acl == codec::PrivateAcl(bucket.owner)) return std::nullopt;
    return acl;
}

}  // namespace

Error AclNotSupported() {
    return Error(ErrorKind::kInvalid, "AccessControlListNotSupported",
                 "The bucket does not allow ACLs");
}

AclRules::AclRules()
    : ownerships_(SettingKind::kOwnership, &ParseOwnership),
      acls_(SettingKind::kAcl, &ParseKept),
      blocks_(SettingKind::kPublicAccessBlock, &ParseBlock) {}

template <class Get>
Result<AclRules::Rules> AclRules::ReadBy(Get get) {
    Rules rules;
    TRY(const auto ownership, get(ownerships_));
    rules.ownership_is_set = ownership != nullptr;
    if (ownership != nullptr) rules.ownership = *ownership;
    TRY(rules.acl, get(acls_));
    TRY(rules.block, get(blocks_));
    return rules;
}

Result<AclRules::Rules> AclRules::Read(db::Transaction& tx, const catalog::Bucket& bucket) {
    return ReadBy([&](auto& cache) { return cache.Get(tx, bucket); });
}

Result<AclRules::Rules> AclRules::ReadForWrite(db::Transaction& tx, const catalog::Bucket& bucket) {
    return ReadBy([&](auto& cache) { return cache.GetForWrite(tx, bucket); });
}

Result<std::optional<Acl>> AclRules::ForObject(const Rules& rules, const catalog::Bucket& bucket,
                                               const AclRequest& request) {
    if (!rules.has_acls()) {
        if (!AsksForNothing(rules, bucket, request)) return AclNotSupported();
        return std::optional<Acl>();
    }
    // What nobody in particular writes is the bucket's owner's: else it would be nobody's.
    std::string owner = request.account.empty() ? bucket.owner : request.account;
    if (rules.ownership == Ownership::kBucketOwnerPreferred &&
        request.canned == CannedAcl::kBucketOwnerFullControl)
        owner = bucket.owner;
    TRY(Acl acl, MakeAcl(rules, bucket, owner, request));
    return Kept(bucket, std::move(acl));
}

Result<std::optional<Acl>> AclRules::Replace(const Rules& rules, const catalog::Bucket& bucket,
                                             const std::optional<Acl>& current,
                                             const AclRequest& request) {
    if (!rules.has_acls()) {
        if (rules.ownership_is_set || !AsksForNothing(rules, bucket, request))
            return AclNotSupported();
        return current;
    }
    const std::string owner = current ? current->owner : bucket.owner;
    if (request.owner && *request.owner != owner) return Denied();
    TRY(Acl acl, MakeAcl(rules, bucket, owner, request));
    return Kept(bucket, std::move(acl));
}

Result<> AclRules::PutBucketAcl(db::Transaction& tx, catalog::Bucket& bucket,
                                const AclRequest& request, Timestamp now) {
    TRY(const Rules rules, ReadForWrite(tx, bucket));
    if (!rules.has_acls()) {
        if (rules.ownership_is_set || !AsksForNothing(rules, bucket, request))
            return AclNotSupported();
        return Ok();
    }
    if (request.owner && *request.owner != bucket.owner) return Denied();
    TRY(const Acl acl, MakeAcl(rules, bucket, bucket.owner, request));
    if (acl == codec::PrivateAcl(bucket.owner))
        return catalog::DeleteBucketSetting(tx, bucket, SettingKind::kAcl);
    return catalog::PutBucketSetting(tx, bucket, SettingKind::kAcl, {codec::EncodeAcl(acl), now});
}

Result<> AclRules::PutOwnership(db::Transaction& tx, catalog::Bucket& bucket, Ownership ownership,
                                Timestamp now) {
    TRY(const Rules rules, ReadForWrite(tx, bucket));
    const bool has_grants = rules.has_acls() && rules.acl != nullptr;
    if (ownership == Ownership::kBucketOwnerEnforced && has_grants)
        return Error(ErrorKind::kInvalid, "InvalidBucketAclWithObjectOwnership",
                     "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
                     "setting");
    return catalog::PutBucketSetting(tx, bucket, SettingKind::kOwnership,
                                     {codec::WriteOwnershipControls(ownership), now});
}

}  // namespace coffer::service
