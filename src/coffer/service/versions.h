// Finding the version that a request means, and making a new one visible: the steps that every
// operation on objects shares. Each runs inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/service/grounds.h"
#include "coffer/service/types.h"

namespace coffer::service {

class LifecycleRules;
struct Core;
struct NamedObject;

// The bucket of that name, while it is still the same: "NoSuchBucket" where another has come in the
// place of the one with that id, or of the one that the grounds are about. Of those nothing else
// counts: what is set of the bucket may have been changed.
Result<catalog::Bucket> FindSameBucket(db::Transaction& tx, const BucketName& name,
                                       catalog::BucketId id);
Result<catalog::Bucket> FindSameBucket(db::Transaction& tx, const BucketName& name,
                                       const std::optional<Grounds>& grounds);

// The newest version of a key as an object: "NoSuchKey" where there is none, or a delete marker.
Result<catalog::Version> ExistingObject(std::optional<catalog::Version> current);

// A version, and the bucket that it is in.
struct FoundVersion {
    catalog::Bucket bucket;
    catalog::Version version;
};

// The object that a read means: the current version, or the one that is named. "NoSuchBucket",
// "NoSuchKey", "NoSuchVersion", "MethodNotAllowed" (a delete marker was named), and those of
// Expect, before anything is told of it.
Result<FoundVersion> ResolveVersion(db::Transaction& tx, const BucketName& bucket,
                                    const ObjectKey& key,
                                    const std::optional<std::string>& version_id,
                                    const std::optional<Grounds>& grounds);

Result<FoundVersion> ResolveVersion(db::Transaction& tx, const NamedObject& object);

// The ETag of the object that a key shows now, for conditions; nothing where there is none.
Result<std::optional<std::string>> CurrentEtag(db::Transaction& tx, catalog::BucketId bucket,
                                               const ObjectKey& key);

// Makes `version` the newest of its key in `bucket`: beside all others where that keeps versions,
// else in place of the null version that was there, which goes with what only it refers to. The
// blob or content that `version` names has been given its reference.
// What a lock holds is not replaced: kDenied "AccessDenied".
struct Published {
    catalog::Version version;
    std::string version_id;  // as replies tell it
    bool replaced = false;   // there was one before, whose bytes may be free now
    std::string expiration;  // of an object: x-amz-expiration; empty: it stays
};
Result<Published> Stack(db::Transaction& tx, LifecycleRules& lifecycle,
                        const catalog::Bucket& bucket, catalog::Version version,
                        const std::optional<catalog::Version>& current);

// The same for a new object, if the conditions of the write hold in this transaction, and the
// bucket holds no more than its quota with it, or no more than before: QuotaExceeded. It gets the
// lock that its bucket gives it.
Result<Published> Publish(const Core& core, db::Transaction& tx, const catalog::Bucket& bucket,
                          catalog::Version version, const WriteConditions& conditions);

// kQuotaExceeded "XMinioAdminBucketQuotaExceeded".
Error QuotaExceeded();

VersionInfo ToInfo(catalog::Version&& version);

// "null", or the id.
std::string PublicVersionId(const catalog::Version& version);

// The same as replies tell it: empty for a bucket whose versioning was never configured.
std::string ToldVersionId(const catalog::Bucket& bucket, const catalog::Version& version);

}  // namespace coffer::service
