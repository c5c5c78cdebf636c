// Packs: which segments are worth emptying, and how their records are read to be written again.

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/runtime/suspend.h"
#include "coffer/store/engine/packs.h"

namespace coffer::store::engine {
namespace {

// A segment of which at least half is dead: to move the rest costs no more than it frees (ADR
// 0011).
bool IsWorthMoving(const SegmentInfo& info) {
    return info.live_bytes && *info.live_bytes <= info.size_bytes / 2;
}

}  // namespace

Result<Fragmented> Packs::ListFragmented(size_t limit) {
    std::vector<SegmentInfo> all = segments_->List();
    if (!all.empty()) all.pop_back();  // the last one is still appended to
    std::erase_if(all, [&](const SegmentInfo& info) { return IsStuck(info.number); });
    const auto uncounted =
        std::ranges::find_if(all, [](const SegmentInfo& info) { return !info.live_bytes; });
    if (uncounted != all.end()) {
        const Result<> counted = CountSegment(*uncounted);
        if (!counted) {
            TRY(PassOver(uncounted->number, counted.error()));
        }
        return Fragmented{{}, true};
    }
    std::erase_if(all, [&](const SegmentInfo& info) {
        return !IsWorthMoving(info) || IsDeferred(info.number);
    });
    if (all.empty()) {
        MutexLock lock(passed_over_);
        deferred_.clear();
        return Fragmented{};
    }
    // What frees the most for the least.
    const SegmentInfo& best = *std::ranges::min_element(
        all, {}, [](const SegmentInfo& info) { return *info.live_bytes; });
    ListPage page;
    const Result<> listed = ListSegment(best, kSegmentHeaderBytes, limit, page);
    if (!listed) {
        TRY(PassOver(best.number, listed.error()));
        return Fragmented{{}, true};
    }
    if (page.copies.empty()) {
        const Result<> dropped = DropIfEmpty(best.number);
        if (!dropped) {
            TRY(PassOver(best.number, dropped.error()));
        } else if (segments_->Find(best.number)) {
            SetStuck(best.number,
                     Error(ErrorKind::kCorrupt, "bytes are left that no sound header explains"));
        }
    }
    return Fragmented{std::move(page.copies), true};
}

Result<> Packs::CountSegment(const SegmentInfo& info) {
    // Nothing is removed meanwhile; one segment takes some tens of milliseconds.
    MutexLock lock(removal_);
    TRY(const uint64_t live, CountLive(info));
    segments_->SetLive(info.number, live);
    return Ok();
}

Result<NewRecord> Packs::ReadRecord(const PackKey& key, ByteSpan buffer) {
    TRY(const std::shared_ptr<Segment> segment, segments_->Get(key.segment));
    TRY(const RecordHeader header, segment->ReadHeader(key, Access::kBlocking));
    TRY(const ByteView content,
        segment->ReadContent(key, {0, key.size_bytes}, buffer, Access::kBlocking));
    const ByteView table = ByteView(buffer).subspan(
        kRecordHeaderBytes, ContentOffset(key.size_bytes) - kRecordHeaderBytes);
    return NewRecord{header.sha256, content, table, Purpose::kFreeSpace};
}

Result<size_t> Packs::Load(const std::vector<std::string>& keys, size_t first, ByteSpan buffer,
                           std::vector<Loaded>& loaded) {
    size_t next = first;
    for (; next < keys.size(); ++next) {
        const std::optional<PackKey> key = ParsePackKey(keys[next]);
        if (!key) continue;
        const uint64_t bytes = RecordBytes(key->size_bytes);
        if (bytes > buffer.size()) break;
        const Result<NewRecord> record = ReadRecord(*key, buffer);
        if (!record) {
            TRY(PassOver(key->segment, record.error()));
            continue;
        }
        loaded.push_back({keys[next], record.value()});
        buffer = buffer.subspan(bytes);
    }
    return next;
}

Task<Result<std::vector<PackKey>>> Packs::AppendAll(const std::vector<Loaded>& loaded) {
    if (loaded.empty()) co_return std::vector<PackKey>();
    // One for each, since they end on two threads: the writer's, and this one where it refuses.
    std::vector<Result<PackKey>> outcomes(loaded.size(), Result<PackKey>(PackKey()));
    std::atomic<size_t> left = loaded.size();
    co_await runtime::Suspend([&](const runtime::Waker& wake) {
        const size_t count = loaded.size();  // the frame may go with the last of them
        for (size_t i = 0; i < count; ++i) {
            const auto finish = [&outcomes, &left, wake, i](Result<PackKey> outcome) {
                outcomes[i] = std::move(outcome);
                if (--left == 0) wake();
            };
            const Result<> submitted = writer_.Submit(loaded[i].record, finish);
            if (!submitted) finish(submitted.error());
        }
    });
    std::vector<PackKey> keys;
    keys.reserve(outcomes.size());
    for (const Result<PackKey>& outcome : outcomes) {
        CO_TRY(const PackKey key, outcome);
        keys.push_back(key);
    }
    co_return keys;
}

// An error that stays would come first every time, and what can be moved would never have its turn.
Result<> Packs::PassOver(uint32_t number, const Error& error) {
    if (error.kind() == ErrorKind::kBusy) return error;
    if (error.kind() != ErrorKind::kNotFound) SetStuck(number, error);
    return Ok();
}

bool Packs::IsStuck(uint32_t number) {
    MutexLock lock(passed_over_);
    return stuck_.contains(number);
}

void Packs::SetStuck(uint32_t number, const Error& why) {
    {
        MutexLock lock(passed_over_);
        if (!stuck_.insert(number).second) return;
    }
    Log(LogLevel::kWarning, "a segment of the packs keeps its free space until the next start",
        {{"segment", SegmentName(number)}, {"error", why.ToString()}});
}

bool Packs::IsDeferred(uint32_t number) {
    MutexLock lock(passed_over_);
    return deferred_.contains(number);
}

void Packs::Defer(uint32_t number) {
    MutexLock lock(passed_over_);
    deferred_.insert(number);
}

PackStats Packs::stats() const {
    PackStats stats;
    for (const SegmentInfo& info : segments_->List()) {
        ++stats.segments;
        stats.size_bytes += info.size_bytes;
        if (!info.live_bytes) continue;
        stats.live_bytes += *info.live_bytes;
        stats.counted_bytes += info.size_bytes;
    }
    {
        MutexLock lock(passed_over_);
        stats.unreadable = unreadable_.size();
    }
    const PackCounters counters = writer_.counters();
    stats.batches = counters.batches;
    stats.records = counters.records;
    stats.appended_bytes = counters.appended_bytes;
    return stats;
}

}  // namespace coffer::store::engine
