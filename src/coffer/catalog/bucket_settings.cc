#include "coffer/catalog/bucket_settings.h"

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/tables.h"

namespace coffer::catalog {

std::string_view SettingName(SettingKind kind) {
    switch (kind) {
        case SettingKind::kAcl:
            return "acl";
        case SettingKind::kCors:
            return "cors";
        case SettingKind::kEncryption:
            return "encryption";
        case SettingKind::kLifecycle:
            return "lifecycle";
        case SettingKind::kNotification:
            return "notification";
        case SettingKind::kObjectLock:
            return "object_lock";
        case SettingKind::kOwnership:
            return "ownership";
        case SettingKind::kPolicy:
            return "policy";
        case SettingKind::kPublicAccessBlock:
            return "public_access_block";
        case SettingKind::kTagging:
            return "tagging";
    }
    return "";
}

Result<std::optional<BucketSetting>> FindBucketSetting(db::Transaction& tx, const Bucket& bucket,
                                                       SettingKind kind) {
    static const std::string kFind = kBucketSettings.Select("WHERE bucket_id = $1 AND kind = $2");
    std::optional<BucketSetting> found;
    TRY(kBucketSettings.Query(tx, kFind, {bucket.id.value(), SettingName(kind)},
                              [&](const db::Row& row) {
                                  found = BucketSetting{row.BlobString(2), FromMicros(row.Int(3))};
                                  return false;
                              }));
    return found;
}

Result<> PutBucketSetting(db::Transaction& tx, Bucket& bucket, SettingKind kind,
                          const BucketSetting& setting) {
    TRY(kBucketSettings.Put(tx, {bucket.id.value(), SettingName(kind), AsBytes(setting.document),
                                 ToMicros(setting.changed)}));
    return ChangeBucket(tx, bucket);
}

Result<> DeleteBucketSetting(db::Transaction& tx, Bucket& bucket, SettingKind kind) {
    TRY(const int64_t deleted,
        tx.Execute("DELETE FROM bucket_settings WHERE bucket_id = $1 AND kind = $2",
                   {bucket.id.value(), SettingName(kind)}));
    if (deleted == 0) return Ok();
    return ChangeBucket(tx, bucket);
}

}  // namespace coffer::catalog
