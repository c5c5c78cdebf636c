// What buckets say of locks on their objects: whether there may be any, and what a new version gets
// that brings none.
#pragma once

#include "coffer/service/settings_cache.h"
#include "coffer/service/types.h"

namespace coffer::service {

// kInvalid "InvalidRequest": the bucket has no object lock configuration.
Error NoLockConfiguration();

// Any thread may use it; it waits for nothing but its mutex.
class LockRules {
  public:
    LockRules() : configurations_(SettingKind::kObjectLock, &Parse) {}

    // Inside the read transaction that has read `bucket`: what Give will refuse, where that depends
    // on nothing that a body brings; and a retention that ends before `now`: kInvalid
    // "InvalidArgument".
    Result<> Check(db::Transaction& tx, const catalog::Bucket& bucket,
                   const codec::ObjectLock& lock, Timestamp now);

    // Inside a write transaction: completes the lock of a new version in `bucket` with the bucket's
    // default retention, from `now` on. kInvalid "InvalidRequest" where there is a lock and the
    // bucket takes none.
    Result<> Give(db::Transaction& tx, const catalog::Bucket& bucket, Timestamp now,
                  codec::ObjectLock& lock);

    // Inside a write transaction: "InvalidRequest" unless versions in `bucket` can be locked.
    Result<> Expect(db::Transaction& tx, const catalog::Bucket& bucket);

  private:
    using Configuration = codec::ObjectLockConfiguration;
    static Result<Configuration> Parse(std::string_view document, const catalog::Bucket&) {
        return codec::ParseObjectLockConfiguration(document);
    }

    SettingsCache<Configuration> configurations_;
};

// kInvalid "InvalidArgument" unless a retention that is set at `now` ends later.
Result<> CheckRetainUntil(const codec::Retention& retention, Timestamp now);

}  // namespace coffer::service
