#include "coffer/api/s3/lock_values.h"

#include "coffer/codec/date.h"

namespace coffer::api::s3 {

using codec::policy::ConditionValues;
using codec::policy::KeyId;

bool IsLockKey(const codec::policy::ConditionKey& key) {
    return key.id == KeyId::kObjectLockMode || key.id == KeyId::kObjectLockRetainUntilDate ||
           key.id == KeyId::kObjectLockRemainingRetentionDays ||
           key.id == KeyId::kObjectLockLegalHold;
}

ConditionValues FindLockValue(const codec::policy::ConditionKey& key, const codec::ObjectLock& lock,
                              Timestamp now) {
    if (key.id == KeyId::kObjectLockLegalHold) {
        if (!lock.legal_hold) return std::nullopt;
        return std::vector<std::string>{*lock.legal_hold ? "ON" : "OFF"};
    }
    if (!lock.retention) return std::nullopt;
    switch (key.id) {
        case KeyId::kObjectLockMode:
            return std::vector{std::string(codec::LockModeName(lock.retention->mode))};
        case KeyId::kObjectLockRetainUntilDate:
            return std::vector{codec::FormatIso8601(lock.retention->until)};
        case KeyId::kObjectLockRemainingRetentionDays:
            // A day that has begun counts: what is retained for an hour more is for one day.
            return std::vector{std::to_string(
                std::chrono::ceil<std::chrono::days>(lock.retention->until - now).count())};
        default:
            return std::nullopt;
    }
}

ConditionValues LockValues::Find(const codec::policy::ConditionKey& key) {
    return IsLockKey(key) ? FindLockValue(key, lock_, now_) : others_.Find(key);
}

}  // namespace coffer::api::s3
