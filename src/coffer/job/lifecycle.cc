#include "coffer/job/lifecycle.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ranges>
#include <utility>
#include <vector>

#include "coffer/base/log.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/lifecycle_due.h"
#include "coffer/runtime/sleep.h"
#include "coffer/service/reclaimer.h"

namespace coffer::job {
namespace {

using std::chrono::milliseconds;

// One transaction holds up every write for as long as it takes: some milliseconds.
constexpr size_t kKeysAtOnce = 100;
constexpr int64_t kRoom = 1000;  // VisitKey says of what

constexpr milliseconds kLookAgain{60'000};
constexpr milliseconds kRetryAfter{60'000};  // after a failure
constexpr milliseconds kGiveWay{20};
constexpr int kMostWaits = 50;

// How long to rest: a day of a test is too short for a minute.
milliseconds RestOf(codec::LifecycleDay day) {
    constexpr int kLooksInADay = 100;
    return std::clamp(std::chrono::floor<milliseconds>(day / kLooksInADay), milliseconds(100),
                      kLookAgain);
}

bool IsDamage(const Error& error) {
    return error.kind() == ErrorKind::kCorrupt;
}

// Reads what every write would have to parse else. kCorrupt where nothing can be done in the bucket
// before its settings are put right; without rules of notifications much can be.
Result<> WarmBucket(db::Transaction& tx, const service::Core& core, catalog::BucketId id) {
    TRY(const auto bucket, catalog::FindBucketById(tx, id));
    if (!bucket) return Ok();
    TRY(core.lifecycle->Get(tx, *bucket));
    const Result<> prepared = core.notifications->Prepare(tx, *bucket);
    return prepared || IsDamage(prepared.error()) ? Ok() : prepared;
}

// The next step of a walk.
Result<> Step(db::Transaction& tx, const service::Core& core, catalog::LifecycleWalk walk,
              Timestamp now) {
    TRY(const std::optional<catalog::Bucket> bucket, catalog::FindBucketById(tx, walk.bucket));
    if (!bucket) return catalog::EndWalk(tx, walk.bucket);
    TRY(const auto rules, core.lifecycle->GetForWrite(tx, *bucket));
    std::vector<std::string> keys;
    if (rules != nullptr) {
        TRY(keys, catalog::ListKeysToWalk(tx, walk, kKeysAtOnce));
    } else {
        // Nothing is to be looked at any more.
        TRY(const auto timed, catalog::ListTimedKeys(tx, walk.bucket, kKeysAtOnce));
        for (const catalog::DueKey& one : timed)
            keys.push_back(one.key);
    }
    if (keys.empty()) return catalog::EndWalk(tx, walk.bucket);
    for (const std::string& key : keys) {
        int64_t no_room = 0;
        const auto visited = VisitKey(tx, core, *bucket, key, now, no_room);
        if (visited) continue;
        if (!IsDamage(visited.error())) return visited.error();
        // Nobody knows its time: it is looked at until it can be told.
        TRY(catalog::LookAtKeyBy(tx, bucket->id, key, now));
    }
    walk.done = *std::ranges::max_element(keys);
    return catalog::KeepWalk(tx, walk);
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

// From the earliest key that is due to the last, in rounds, until one of them has done nothing:
// what goes may leave something else due.
struct Lifecycle::Pass {
    LifecycleCounts counts;
    std::optional<catalog::DueKey> after;  // up to here this round has looked
    bool did_something = false;            // in this round
    catalog::BucketId walked{-1};          // walks over buckets up to this one can't go on

    // One line a pass: there may be many, and every pass meets them.
    bool told_of_damage = false;
    void NoteDamage(std::string_view what, const Error& error) {
        if (std::exchange(told_of_damage, true)) return;
        Log(LogLevel::kError, "the lifecycle passes over what is damaged in the catalogue",
            {{"first", what}, {"error", error.ToString()}});
    }
};

Task<Result<LifecycleCounts>> Lifecycle::RunOnce() {
    Pass pass;
    Result<bool> walked = true;
    Result<bool> visited = true;
    const auto goes_on = [](const Result<bool>& step) { return step && step.value(); };
    // By turns, so that a long walk over one bucket keeps nothing in others waiting.
    while ((goes_on(walked) || goes_on(visited)) && !loop_.stopping()) {
        co_await GiveWay();
        if (goes_on(walked)) walked = co_await WalkOn(pass);
        // A walk may find what is due.
        if (visited) visited = co_await VisitDue(pass);
    }
    const LifecycleCounts& counts = pass.counts;
    if (counts.done() > 0) {
        Log(LogLevel::kInfo, "the lifecycle let go what was due",
            {{"expired", counts.expired},
             {"noncurrent", counts.removed},
             {"delete_markers", counts.removed_markers},
             {"uploads", counts.aborted},
             {"locked", counts.locked}});
    }
    if (!walked) co_return walked.error();
    if (!visited) co_return visited.error();
    co_return counts;
}

// False where there is nothing to walk over.
Task<Result<bool>> Lifecycle::WalkOn(Pass& pass) {
    std::optional<catalog::LifecycleWalk> walk;
    CO_TRY(co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) -> Result<> {
        TRY(walk, catalog::FindWalk(tx, pass.walked));
        if (!walk) return Ok();
        const Result<> warm = WarmBucket(tx, core_, walk->bucket);
        return warm || IsDamage(warm.error()) ? Ok() : warm;  // the step meets what it needs of it
    }));
    if (!walk) co_return false;
    const Timestamp now = core_.clock.Now();
    const Result<> stepped = co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(const auto current, catalog::FindWalk(tx, pass.walked));
        return current ? Step(tx, core_, *current, now) : Ok();
    });
    if (stepped) {
        pass.did_something = true;  // it may have found what is due
        co_return true;
    }
    if (!IsDamage(stepped.error())) co_return stepped.error();
    pass.NoteDamage(fmt::format("the walk over bucket {}", walk->bucket.value()), stepped.error());
    pass.walked = walk->bucket;
    co_return true;
}

// False where nothing is left to be done.
Task<Result<bool>> Lifecycle::VisitDue(Pass& pass) {
    std::vector<catalog::DueKey> due;
    std::vector<catalog::DueKey> keys;  // those of them that something can be done for
    std::optional<std::pair<catalog::BucketId, Error>> damaged;
    CO_TRY(co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) -> Result<> {
        keys.clear();
        TRY(due, catalog::ListDueKeys(tx, core_.clock.Now(), pass.after, kKeysAtOnce));
        for (const catalog::DueKey& key : due) {
            const Result<> warm = WarmBucket(tx, core_, key.bucket);
            if (warm)
                keys.push_back(key);
            else if (IsDamage(warm.error()))
                damaged.emplace(key.bucket, warm.error());
            else
                return warm;
        }
        return Ok();
    }));
    if (damaged) pass.NoteDamage(fmt::format("bucket {}", damaged->first.value()), damaged->second);
    if (due.empty()) {
        pass.after.reset();
        co_return std::exchange(pass.did_something, false);
    }
    if (keys.empty()) {
        pass.after = due.back();
        co_return true;
    }
    const Result<> visited = co_await VisitTogether(keys, pass);
    if (!visited && !IsDamage(visited.error())) co_return visited.error();
    if (!visited) {
        CO_TRY(co_await VisitOneByOne(keys, pass));
    }
    co_return true;
}

// In one transaction, as many of them as that has room for.
Task<Result<>> Lifecycle::VisitTogether(std::span<const catalog::DueKey> keys, Pass& pass) {
    const Timestamp now = core_.clock.Now();
    size_t visited = 0;
    CO_TRY(const LifecycleCounts done,
           co_await core_.database.Write(
               [&](db::Transaction& tx) -> Result<LifecycleCounts> {
                   LifecycleCounts sum;
                   int64_t room = kRoom;
                   for (visited = 0; visited < keys.size() && room > 0; ++visited) {
                       const catalog::DueKey& key = keys[visited];
                       TRY(const auto bucket, catalog::FindBucketById(tx, key.bucket));
                       if (!bucket) {  // no other row is about it
                           TRY(catalog::LookAtKeyAt(tx, key.bucket, key.key, std::nullopt));
                           continue;
                       }
                       TRY(const LifecycleCounts one,
                           VisitKey(tx, core_, *bucket, key.key, now, room));
                       sum += one;
                   }
                   return sum;
               },
               db::Purpose::kFreesSpace));
    pass.after = keys[visited - 1];
    pass.did_something = pass.did_something || done.done() > 0;
    pass.counts += done;
    expired_ += done.expired;
    removed_ += done.removed;
    removed_markers_ += done.removed_markers;
    aborted_ += done.aborted;
    visited_keys_ += static_cast<int64_t>(visited);
    if (done.done() > 0) core_.reclaimer.Wake();
    co_return Ok();
}

// Passes over what is damaged.
Task<Result<>> Lifecycle::VisitOneByOne(std::span<const catalog::DueKey> keys, Pass& pass) {
    for (const catalog::DueKey& key : keys) {
        if (loop_.stopping()) break;
        co_await GiveWay();
        const Result<> visited = co_await VisitTogether(std::span(&key, 1), pass);
        if (visited) continue;
        if (!IsDamage(visited.error())) co_return visited.error();
        pass.NoteDamage(fmt::format("the key {} of bucket {}", key.key, key.bucket.value()),
                        visited.error());
        pass.after = key;
    }
    co_return Ok();
}

Task<void> Lifecycle::GiveWay() {
    for (int i = 0; i < kMostWaits && busy_ && busy_() && !loop_.stopping(); ++i)
        co_await runtime::Sleep(kGiveWay);
}

}  // namespace coffer::job
