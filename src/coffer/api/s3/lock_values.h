// What policies ask of a request about a lock: "s3:object-lock-mode" and its kin.
#pragma once

#include "coffer/base/clock.h"
#include "coffer/codec/object_lock.h"
#include "coffer/codec/policy/request.h"

namespace coffer::api::s3 {

// Whether a key is one of object lock.
bool IsLockKey(const codec::policy::ConditionKey& key);

// The value of such a key; nothing for what `lock` does not have.
codec::policy::ConditionValues FindLockValue(const codec::policy::ConditionKey& key,
                                             const codec::ObjectLock& lock, Timestamp now);

// The values of a request whose lock stands in its document: what headers say of one does not
// count. What it is made of outlives it.
class LockValues final : public codec::policy::ValueSource {
  public:
    LockValues(codec::policy::ValueSource& others, const codec::ObjectLock& lock, Timestamp now)
        : others_(others), lock_(lock), now_(now) {}

    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override;

  private:
    codec::policy::ValueSource& others_;
    const codec::ObjectLock& lock_;
    const Timestamp now_;
};

}  // namespace coffer::api::s3
