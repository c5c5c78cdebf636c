#include "coffer/service/lock_rules.h"

namespace coffer::service {

Error NoLockConfiguration() {
    return Error(ErrorKind::kInvalid, "InvalidRequest",
                 "Bucket is missing Object Lock Configuration");
}

Result<> CheckRetainUntil(const codec::Retention& retention, Timestamp now) {
    if (retention.until > now) return Ok();
    return Error(ErrorKind::kInvalid, "InvalidArgument",
                 "The retain until date must be in the future!");
}

Result<> LockRules::Check(db::Transaction& tx, const catalog::Bucket& bucket,
                          const codec::ObjectLock& lock, Timestamp now) {
    // Asked in any case, so that it is known when the write comes to its transaction.
    TRY(const auto configuration, configurations_.Get(tx, bucket));
    if (configuration == nullptr && lock != codec::ObjectLock()) return NoLockConfiguration();
    if (!lock.retention) return Ok();
    return CheckRetainUntil(*lock.retention, now);
}

Result<> LockRules::Give(db::Transaction& tx, const catalog::Bucket& bucket, Timestamp now,
                         codec::ObjectLock& lock) {
    TRY(const auto configuration, configurations_.GetForWrite(tx, bucket));
    if (configuration == nullptr) {
        if (lock == codec::ObjectLock()) return Ok();
        return NoLockConfiguration();
    }
    if (const auto& otherwise = configuration->default_retention; otherwise && !lock.retention)
        lock.retention = {otherwise->mode, codec::RetainUntil(*otherwise, now)};
    return Ok();
}

Result<> LockRules::Expect(db::Transaction& tx, const catalog::Bucket& bucket) {
    TRY(const auto configuration, configurations_.GetForWrite(tx, bucket));
    if (configuration == nullptr) return NoLockConfiguration();
    return Ok();
}

}  // namespace coffer::service
