// What is set for a bucket, each setting as one document of its API: a row each. Every function
// runs inside the caller's transaction, in which `bucket` was read; a change raises its revision.
//
// Versioning and the quota are not among them: every write asks for them, so that they stand in the
// bucket's row.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

enum class SettingKind : uint8_t {
    kAcl,
    kCors,
    kEncryption,
    kLifecycle,
    kNotification,
    kObjectLock,
    kOwnership,
    kPolicy,
    kPublicAccessBlock,
    kTagging,
};

// As the column `kind` has it: "public_access_block".
std::string_view SettingName(SettingKind kind);

struct BucketSetting {
    std::string document;
    Timestamp changed;
};

// Nothing where it is not set.
Result<std::optional<BucketSetting>> FindBucketSetting(db::Transaction& tx, const Bucket& bucket,
                                                       SettingKind kind);

// Sets it, in place of what it was.
Result<> PutBucketSetting(db::Transaction& tx, Bucket& bucket, SettingKind kind,
                          const BucketSetting& setting);

// Takes it away; where it is not set that changes nothing.
Result<> DeleteBucketSetting(db::Transaction& tx, Bucket& bucket, SettingKind kind);

}  // namespace coffer::catalog
