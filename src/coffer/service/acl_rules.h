// What buckets say of ownership and ACLs: whose a new object is, with which list, and which lists
// count at all (codec/ownership.h, codec/acl.h).
//
// A bucket that says nothing of ownership is its owner's with everything in it, as S3's new buckets
// are; other than where that was set, `private` is taken there for what it is: nothing new.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffer/codec/acl.h"
#include "coffer/codec/ownership.h"
#include "coffer/codec/public_access_block.h"
#include "coffer/service/settings_cache.h"
#include "coffer/service/types.h"

namespace coffer::service {

// The list that a request brings, and for whom.
struct AclRequest {
    std::string account;  // whose request it is; empty: anonymous

    // One of these at most; neither: none was asked for.
    std::optional<codec::CannedAcl> canned;
    std::optional<std::vector<codec::AclGrant>> grants;

    std::optional<std::string> owner;  // that a document names besides its grants

    bool asks() const { return canned || grants; }
};

// 400 "AccessControlListNotSupported": the bucket has no ACLs.
Error AclNotSupported();

// Any thread may use it; it waits for nothing but its mutexes. What takes a transaction runs inside
// one that has read `bucket`.
class AclRules {
  public:
    AclRules();

    // What decides about access. Lists and blocks are null where they are not set: a bucket's own
    // list is then private.
    struct Rules {
        codec::Ownership ownership = codec::Ownership::kBucketOwnerEnforced;
        bool ownership_is_set = false;
        std::shared_ptr<const codec::Acl> acl;  // of the bucket
        std::shared_ptr<const codec::PublicAccessBlock> block;

        bool has_acls() const { return ownership != codec::Ownership::kBucketOwnerEnforced; }
        bool ignores_public_acls() const { return block != nullptr && block->ignore_public_acls; }
    };
    Result<Rules> Read(db::Transaction& tx, const catalog::Bucket& bucket);
    Result<Rules> ReadForWrite(db::Transaction& tx, const catalog::Bucket& bucket);

    // What is kept for a new object; nothing: it is the bucket's owner's, and private. kInvalid
    // "AccessControlListNotSupported"; kDenied "AccessDenied" where the bucket blocks public lists.
    // `rules` are the bucket's.
    static Result<std::optional<codec::Acl>> ForObject(const Rules& rules,
                                                       const catalog::Bucket& bucket,
                                                       const AclRequest& request);

    // The same in place of `current`, that of an object. Errors as ForObject; "AccessDenied" where
    // the document names another owner.
    static Result<std::optional<codec::Acl>> Replace(const Rules& rules,
                                                     const catalog::Bucket& bucket,
                                                     const std::optional<codec::Acl>& current,
                                                     const AclRequest& request);

    // Sets the bucket's own list, in a write transaction; errors likewise.
    Result<> PutBucketAcl(db::Transaction& tx, catalog::Bucket& bucket, const AclRequest& request,
                          Timestamp now);

    // Sets the bucket's ownership, in a write transaction. kInvalid
    // "InvalidBucketAclWithObjectOwnership" where ACLs would cease to count, and the bucket's
    // grants others something.
    Result<> PutOwnership(db::Transaction& tx, catalog::Bucket& bucket, codec::Ownership ownership,
                          Timestamp now);

  private:
    // `get` asks one of the caches.
    template <class Get>
    Result<Rules> ReadBy(Get get);

    SettingsCache<codec::Ownership> ownerships_;
    SettingsCache<codec::Acl> acls_;
    SettingsCache<codec::PublicAccessBlock> blocks_;
};

}  // namespace coffer::service
