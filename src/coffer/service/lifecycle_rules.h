// What the lifecycle rules of buckets say of what is written to them: when a key has to be looked
// at for it, and what replies tell of it. Whatever changes a key says so here, in its transaction.
// What is due is done by the job (job/lifecycle_pass.h).
//
// A bucket without rules costs nothing but a look into a cache, and none where nothing was ever
// set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coffer/codec/lifecycle_due.h"
#include "coffer/service/settings_cache.h"
#include "coffer/service/types.h"

namespace coffer::service {

// When an upload is aborted if it is not finished by then.
struct UploadAbort {
    Timestamp at;
    std::string rule_id;
};

// Any thread may use it; it waits for nothing but its mutex.
class LifecycleRules {
  public:
    using Rules = std::vector<codec::LifecycleRule>;
    using Setting = std::shared_ptr<const Rules>;

    // `day`: how long a day of a rule is.
    explicit LifecycleRules(codec::LifecycleDay day = codec::kLifecycleDay)
        : day_(day), rules_(SettingKind::kLifecycle, &Parse) {}

    // The rules of a bucket, null where it has none; inside a transaction that has read `bucket`,
    // which writes in the second case.
    Result<Setting> Get(db::Transaction& tx, const catalog::Bucket& bucket);
    Result<Setting> GetForWrite(db::Transaction& tx, const catalog::Bucket& bucket);

    // `version` has become the newest of its key, before which `covered` was; not if that is gone.
    Result<> NoteNewest(db::Transaction& tx, const catalog::Bucket& bucket,
                        const catalog::Version& version,
                        const std::optional<catalog::Version>& covered);

    // A version of the key has gone, or been changed: it is looked at from `now` on.
    Result<> NoteChange(db::Transaction& tx, const catalog::Bucket& bucket, std::string_view key,
                        Timestamp now);

    // An upload was begun. Returns when it is aborted, if a rule says so.
    Result<std::optional<UploadAbort>> NoteUpload(db::Transaction& tx,
                                                  const catalog::Bucket& bucket,
                                                  const catalog::Upload& upload);

    // When the object that `version` is goes by itself: the value of x-amz-expiration; empty where
    // no rule says so. Inside a transaction that writes, or only reads.
    Result<std::string> Expiration(db::Transaction& tx, const catalog::Bucket& bucket,
                                   const catalog::Version& version);
    Result<std::string> ExpirationForWrite(db::Transaction& tx, const catalog::Bucket& bucket,
                                           const catalog::Version& version);

    // When `upload` is aborted, likewise; inside a transaction that only reads.
    Result<std::optional<UploadAbort>> AbortOf(db::Transaction& tx, const catalog::Bucket& bucket,
                                               const catalog::Upload& upload);

    codec::LifecycleDay day() const { return day_; }

  private:
    static Result<Rules> Parse(std::string_view document, const catalog::Bucket&) {
        return codec::ParseLifecycle(document);
    }

    const codec::LifecycleDay day_;
    SettingsCache<Rules> rules_;
};

// The tags of a version as rules compare them.
std::vector<codec::LifecycleTag> LifecycleTags(const catalog::Version& version);

}  // namespace coffer::service
