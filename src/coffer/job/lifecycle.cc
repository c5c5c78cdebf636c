#include "coffer/job/lifecycle.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "coffer/base/log.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/lifecycle_due.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/versions.h"
#include "coffer/runtime/sleep.h"
#include "coffer/service/reclaimer.h"

namespace coffer::job {
namespace {

using std::chrono::milliseconds;

// One transaction holds up every write for as long as it takes: some milliseconds.
constexpr size_t kKeysAtOnce = 100;
constexpr int64_t kMostOfAKey = 1000;

constexpr milliseconds kLookAgain{60'000};
constexpr milliseconds kRetryAfter{60'000};  // after a failure
constexpr std::chrono::hours kPutOff{1};     // of a key with damaged rows
constexpr milliseconds kGiveWay{20};
constexpr int kMostWaits = 50;

// How long to rest: a day of a test is too short for a minute.
milliseconds RestOf(codec::LifecycleDay day) {
    constexpr int kLooksInADay = 100;
    return std::clamp(std::chrono::floor<milliseconds>(day / kLooksInADay), milliseconds(100),
                      kLookAgain);
}

bool IsDamage(const Result<LifecycleCounts>& visited) {
    return !visited && visited.error().kind() == ErrorKind::kCorrupt;
}

// The keys of a bucket behind `after` that have a version or an unfinished upload, in order, at
// least one where there is any.
Result<std::set<std::string>> NextKeys(db::Transaction& tx, catalog::BucketId bucket,
                                       const std::string& after) {
    std::set<std::string> keys;
    // Every sequence is greater than 0: behind all versions of the key.
    catalog::VersionScan scan{.bucket = bucket,
                              .from_key = after,
                              .after = catalog::Sequence(0),
                              .limit = 10 * kKeysAtOnce,
                              .with_headers = false};
    TRY(catalog::ScanVersions(tx, scan, [&](const catalog::Version& version) {
        keys.insert(version.key);
        return keys.size() < kKeysAtOnce;
    }));
    // A page that was cut short ends before an upload that lies behind it.
    const std::optional<std::string> last =
        keys.empty() ? std::nullopt : std::optional(*keys.rbegin());
    TRY(catalog::ScanUploads(
        tx,
        {.bucket = bucket, .key = after, .id = catalog::ContentId(INT64_MAX), .limit = kKeysAtOnce},
        [&](const catalog::Upload& upload) {
            if (last && upload.key > *last) return false;
            keys.insert(upload.key);
            return true;
        }));
    return keys;
}

// The next step of a walk; false where it has come to its end.
Result<bool> Step(db::Transaction& tx, const service::Core& core, catalog::LifecycleWalk walk,
                  Timestamp now) {
    TRY(const std::optional<catalog::Bucket> bucket, catalog::FindBucketById(tx, walk.bucket));
    if (!bucket) {
        TRY(catalog::EndWalk(tx, walk.bucket));
        return false;
    }
    TRY(const auto rules, core.lifecycle->GetForWrite(tx, *bucket));
    std::set<std::string> keys;
    if (rules != nullptr) {
        TRY(keys, NextKeys(tx, walk.bucket, walk.done));
    } else {
        // Nothing is to be looked at any more.
        TRY(const auto timed, catalog::ListTimedKeys(tx, walk.bucket, kKeysAtOnce));
        for (const catalog::DueKey& one : timed)
            keys.insert(one.key);
    }
    if (keys.empty()) {
        TRY(catalog::EndWalk(tx, walk.bucket));
        return false;
    }
    for (const std::string& key : keys) {
        TRY(VisitKey(tx, core, *bucket, key, now, 0));
    }
    walk.done = *keys.rbegin();
    TRY(catalog::KeepWalk(tx, walk));
    return true;
}

}  // namespace

LifecycleCounts Lifecycle::counts() const {
    return {.expired = expired_,
            .removed = removed_,
            .removed_markers = removed_markers_,
            .aborted = aborted_};
}

Task<runtime::BackgroundLoop::Duration> Lifecycle::RunStep() {
    const Result<LifecycleCounts> ran = co_await RunOnce();
    if (loop_.stopping()) co_return milliseconds(0);
    if (ran) co_return RestOf(core_.lifecycle->day());
    Log(LogLevel::kWarning, "the lifecycle could not go on; it tries again in a minute",
        {{"error", ran.error().ToString()}});
    co_return kRetryAfter;
}

Task<Result<LifecycleCounts>> Lifecycle::RunOnce() {
    LifecycleCounts counts;
    Result<> ran = Ok();
    // By turns, so that a long walk over one bucket keeps nothing in others waiting.
    for (bool more = true; more && ran && !loop_.stopping();) {
        co_await GiveWay();
        const Result<bool> walked = co_await WalkOn();
        const Result<bool> visited = co_await VisitDue(counts);
        if (!walked) ran = walked.error();
        if (!visited) ran = visited.error();
        more = ran && (walked.value() || visited.value());
    }
    if (counts.done() > 0) {
        core_.reclaimer.Wake();
        Log(LogLevel::kInfo, "the lifecycle let go what was due",
            {{"expired", counts.expired},
             {"noncurrent", counts.removed},
             {"delete_markers", counts.removed_markers},
             {"uploads", counts.aborted},
             {"locked", counts.locked}});
    }
    if (!ran) co_return ran.error();
    co_return counts;
}

// False where there is nothing to walk over.
Task<Result<bool>> Lifecycle::WalkOn() {
    CO_TRY(const bool found,
           co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) -> Result<bool> {
               TRY(const auto walk, catalog::FindWalk(tx));
               if (!walk) return false;
               TRY(const auto bucket, catalog::FindBucketById(tx, walk->bucket));
               if (bucket) {
                   TRY(core_.lifecycle->Get(tx, *bucket));
               }
               return true;
           }));
    if (!found) co_return false;
    const Timestamp now = core_.clock.Now();
    CO_TRY(co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(const auto walk, catalog::FindWalk(tx));
        if (!walk) return Ok();
        TRY(Step(tx, core_, *walk, now));
        return Ok();
    }));
    co_return true;
}

// False where nothing was due.
Task<Result<bool>> Lifecycle::VisitDue(LifecycleCounts& counts) {
    const Timestamp now = core_.clock.Now();
    std::vector<catalog::DueKey> keys;
    CO_TRY(co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) -> Result<> {
        TRY(keys, catalog::ListDueKeys(tx, now, kKeysAtOnce));
        // So that the rules are parsed once, and not in every transaction that writes.
        for (const catalog::DueKey& key : keys) {
            TRY(const auto bucket, catalog::FindBucketById(tx, key.bucket));
            if (bucket) {
                TRY(core_.lifecycle->Get(tx, *bucket));
                TRY(core_.notifications->Prepare(tx, *bucket));
            }
        }
        return Ok();
    }));
    if (keys.empty()) co_return false;
    Result<LifecycleCounts> visited = co_await Visit(keys, now);
    if (IsDamage(visited)) visited = co_await VisitOneByOne(keys, now);
    if (!visited) co_return visited.error();
    const LifecycleCounts& done = visited.value();
    counts += done;
    expired_ += done.expired;
    removed_ += done.removed;
    removed_markers_ += done.removed_markers;
    aborted_ += done.aborted;
    visited_keys_ += static_cast<int64_t>(keys.size());
    co_return true;
}

// As many of them as one transaction has room for.
Task<Result<LifecycleCounts>> Lifecycle::Visit(std::span<const catalog::DueKey> keys,
                                               Timestamp now) {
    co_return co_await core_.database.Write(
        [&](db::Transaction& tx) -> Result<LifecycleCounts> {
            LifecycleCounts sum;
            int64_t left = kMostOfAKey;
            for (const catalog::DueKey& key : keys) {
                if (left == 0) break;  // the rest comes with the next transaction
                TRY(const auto bucket, catalog::FindBucketById(tx, key.bucket));
                if (!bucket) continue;  // it took its rows along
                TRY(const LifecycleCounts one, VisitKey(tx, core_, *bucket, key.key, now, left));
                left -= one.done();
                sum += one;
            }
            return sum;
        },
        db::Purpose::kFreesSpace);
}

// What is damaged stops nobody else: it is put off, until the scrub's report has been read.
Task<Result<LifecycleCounts>> Lifecycle::VisitOneByOne(std::span<const catalog::DueKey> keys,
                                                       Timestamp now) {
    LifecycleCounts sum;
    for (const catalog::DueKey& key : keys) {
        const Result<LifecycleCounts> one = co_await Visit(std::span(&key, 1), now);
        if (one) {
            sum += one.value();
            continue;
        }
        if (!IsDamage(one)) co_return one.error();
        Log(LogLevel::kError, "the lifecycle passes over a key whose rows are damaged",
            {{"key", key.key}, {"error", one.error().ToString()}});
        CO_TRY(co_await core_.database.Write([&](db::Transaction& tx) {
            return catalog::LookAtKeyAt(tx, key.bucket, key.key, now + kPutOff);
        }));
    }
    co_return sum;
}

Task<void> Lifecycle::GiveWay() {
    for (int i = 0; i < kMostWaits && busy_ && busy_() && !loop_.stopping(); ++i)
        co_await runtime::Sleep(kGiveWay);
}

}  // namespace coffer::job
