#include "coffer/job/lifecycle_visit.h"

#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "coffer/catalog/lifecycle_due.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/object_lock.h"
#include "coffer/service/versions.h"

namespace coffer::job {
namespace {

using codec::LifecycleAction;
using codec::LifecycleVersion;

constexpr size_t kPage = 1000;

// Nobody asks for what goes by itself.
constexpr service::Origin kOrigin{.user_agent = "Coffer lifecycle"};

class Visit {
  public:
    Visit(db::Transaction& tx, const service::Core& core,
          const service::LifecycleRules::Rules& rules, const catalog::Bucket& bucket,
          std::string_view key, Timestamp now, int64_t& room)
        : tx_(tx),
          core_(core),
          lifecycle_(*core.lifecycle),
          rules_(rules),
          bucket_(bucket),
          key_(key),
          now_(now),
          room_(room) {}

    Result<> Run();

    const LifecycleCounts& counts() const { return counts_; }
    std::optional<Timestamp> next() const { return next_; }

  private:
    // A version, and what its neighbours say of it.
    struct Placed {
        catalog::Version version;
        LifecycleVersion place;
    };
    struct Due {
        catalog::Version version;
        LifecycleAction action;
        bool latest;
        Timestamp at;
    };

    Result<std::vector<Due>> Look();
    void Consider(Placed placed, std::vector<Due>& due);
    Result<> Delete(const Due& due);
    Result<bool> Perform(const Due& due);
    Result<> LookAtUploads();
    void LookAgain(Timestamp time) {
        if (!next_ || time < *next_) next_ = time;
    }

    db::Transaction& tx_;
    const service::Core& core_;
    service::LifecycleRules& lifecycle_;
    const service::LifecycleRules::Rules& rules_;
    const catalog::Bucket& bucket_;
    const std::string key_;
    const Timestamp now_;
    int64_t& room_;
    LifecycleCounts counts_;
    std::optional<Timestamp> next_;
};

Result<> Visit::Run() {
    // What goes may leave something else due: a delete marker that hides nothing any more.
    for (bool more = true; more;) {
        next_.reset();
        counts_.locked = 0;
        TRY(const std::vector<Due> due, Look());
        bool changed = false;
        // The oldest first: a delete marker may take the place of an older version that is due.
        for (const Due& one : std::views::reverse(due)) {
            if (room_ <= 0) break;
            TRY(const bool performed, Perform(one));
            if (performed) room_ -= 1 + one.version.parts_count;
            changed = changed || performed;
        }
        // Not from now on: a clock that goes back would keep what is due from being looked at.
        for (const Due& one : due)
            if (room_ <= 0) LookAgain(one.at);
        more = changed && room_ > 0;
    }
    return LookAtUploads();
}

// All versions of the key, the newest first: each is judged when the next older one is known.
Result<std::vector<Visit::Due>> Visit::Look() {
    std::vector<Due> due;
    std::optional<Placed> last;
    catalog::VersionScan scan{
        .bucket = bucket_.id, .from_key = key_, .end = key_ + '\0', .limit = kPage};
    for (size_t seen = kPage; seen == kPage;) {
        seen = 0;
        TRY(catalog::ScanVersions(tx_, scan, [&](catalog::Version& version) {
            ++seen;
            scan.after = version.sequence;
            Placed placed;
            placed.place.is_latest = !last;
            placed.place.is_only_version = !last;
            if (last) {
                placed.place.noncurrent_since = last->version.modified;
                placed.place.newer_noncurrent =
                    last->place.is_latest ? 0 : last->place.newer_noncurrent + 1;
                last->place.is_only_version = false;
                Consider(*std::move(last), due);
            }
            placed.version = std::move(version);
            last = std::move(placed);
            return true;
        }));
    }
    if (last) Consider(*std::move(last), due);
    return due;
}

void Visit::Consider(Placed placed, std::vector<Due>& due) {
    const catalog::Version& version = placed.version;
    const auto tags = service::LifecycleTags(version);
    LifecycleVersion& place = placed.place;
    place.key = version.key;
    place.tags = tags;
    place.size_bytes = version.size_bytes;
    place.modified = version.modified;
    place.is_delete_marker = version.delete_marker;
    const auto next = codec::NextDue(rules_, place, lifecycle_.day());
    if (!next) return;
    if (next->at > now_) return LookAgain(next->at);
    const bool covers = next->action == LifecycleAction::kExpire &&
                        bucket_.versioning == catalog::Versioning::kEnabled;
    const codec::ObjectLock& lock = version.headers.lock;
    if (!covers && !codec::CheckUnlocked(lock, {.now = now_})) {
        ++counts_.locked;
        // Whoever takes a legal hold off has the key looked at.
        if (!lock.legal_hold.value_or(false)) LookAgain(lock.retention->until);
        return;
    }
    due.push_back({version, next->action, place.is_latest, next->at});
}

Result<> Visit::Delete(const Due& due) {
    const catalog::Version& version = due.version;
    if (due.action == LifecycleAction::kRemove ||
        bucket_.versioning == catalog::Versioning::kUnversioned) {
        TRY(catalog::DeleteVersion(tx_, version, {.now = now_}));
        return core_.notifications->Note(tx_, bucket_, codec::ObjectEvent::kExpire, version, now_,
                                         kOrigin);
    }
    catalog::Version marker;
    marker.key = version.key;
    marker.delete_marker = true;
    marker.modified = now_;
    TRY(const service::Published published,
        service::Stack(tx_, lifecycle_, bucket_, std::move(marker), version));
    return core_.notifications->Note(tx_, bucket_, codec::ObjectEvent::kExpireMarker,
                                     published.version, now_, kOrigin);
}

// False where a lock holds.
Result<bool> Visit::Perform(const Due& due) {
    const Result<> deleted = Delete(due);
    if (!deleted) {
        // It holds the null version that the delete marker would replace. Nothing has changed.
        if (deleted.error().kind() != ErrorKind::kDenied) return deleted.error();
        ++counts_.locked;
        LookAgain(codec::EndOfDay(now_, 0, lifecycle_.day()));
        return false;
    }
    if (due.action == LifecycleAction::kExpire)
        ++counts_.expired;
    else if (due.latest)
        ++counts_.removed_markers;
    else
        ++counts_.removed;
    return true;
}

Result<> Visit::LookAtUploads() {
    struct DueUpload {
        catalog::ContentId id;
        Timestamp at;
    };
    std::vector<DueUpload> due;
    TRY(catalog::ScanUploads(
        tx_, {.bucket = bucket_.id, .key = key_, .id = catalog::ContentId(-1), .end = key_ + '\0'},
        [&](const catalog::Upload& upload) {
            const auto next =
                codec::UploadIsDue(rules_, upload.key, upload.initiated, lifecycle_.day());
            if (!next) return true;
            if (next->at > now_)
                LookAgain(next->at);
            else
                due.push_back({upload.id, next->at});
            return true;
        }));
    for (const DueUpload& upload : due) {
        if (room_ <= 0) {
            LookAgain(upload.at);
            continue;
        }
        TRY(const size_t extents, catalog::DeleteContent(tx_, upload.id));
        room_ -= 1 + static_cast<int64_t>(extents);
        ++counts_.aborted;
    }
    return Ok();
}

}  // namespace

LifecycleCounts& LifecycleCounts::operator+=(const LifecycleCounts& other) {
    expired += other.expired;
    removed += other.removed;
    removed_markers += other.removed_markers;
    aborted += other.aborted;
    locked += other.locked;
    return *this;
}

Result<LifecycleCounts> VisitKey(db::Transaction& tx, const service::Core& core,
                                 const catalog::Bucket& bucket, std::string_view key, Timestamp now,
                                 int64_t& room) {
    TRY(const auto rules, core.lifecycle->GetForWrite(tx, bucket));
    if (rules == nullptr) {
        TRY(catalog::LookAtKeyAt(tx, bucket.id, key, std::nullopt));
        return LifecycleCounts();
    }
    Visit visit(tx, core, *rules, bucket, key, now, room);
    TRY(visit.Run());
    TRY(catalog::LookAtKeyAt(tx, bucket.id, key, visit.next()));
    return visit.counts();
}

}  // namespace coffer::job
