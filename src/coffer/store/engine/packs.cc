#include "coffer/store/engine/packs.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/runtime/suspend.h"
#include "coffer/store/engine/durability.h"
#include "coffer/store/engine/segment_walk.h"

namespace coffer::store::engine {
namespace {

constexpr std::string_view kTemporaryPrefix = ".tmp-";

Result<> RemoveTemporaries(os::FileSystem& file_system, const std::string& directory) {
    TRY(const std::vector<os::DirectoryEntry> entries, file_system.List(directory));
    for (const os::DirectoryEntry& entry : entries) {
        if (!entry.name.starts_with(kTemporaryPrefix)) continue;
        TRY(file_system.Remove(directory + "/" + entry.name));
    }
    return Ok();
}

// Where a segment's records end, as far as anybody knows.
uint64_t EndOf(const SegmentInfo& info) {
    return info.end.value_or(info.size_bytes);
}

}  // namespace

Result<std::unique_ptr<Packs>> Packs::Open(os::FileSystem& file_system, std::string directory,
                                           PackOptions options) {
    const std::string path = directory + "/packs";
    TRY(EnsureDirectory(file_system, directory, path));
    TRY(RemoveTemporaries(file_system, path));
    // The names that are there, too: the process that gave them may have died before they were
    // durable, and this one appends behind what it finds.
    TRY(SyncDirectory(file_system, path));
    TRY(auto segments, SegmentSet::Open(file_system, path, options.open_segments));
    return std::unique_ptr<Packs>(
        new Packs(file_system, std::move(directory), std::move(segments), options));
}

Packs::Packs(os::FileSystem& file_system, std::string directory,
             std::unique_ptr<SegmentSet> segments, PackOptions options)
    : file_system_(file_system),
      quarantine_(file_system, std::move(directory)),
      segments_(std::move(segments)),
      supply_(file_system, segments_->directory(),
              {std::min(options.segment_bytes, kMaxSegmentBytes), options.ahead}),
      writer_(file_system, *segments_, supply_) {
    uint64_t total = 0;
    uint64_t largest = 0;
    MutexLock lock(removal_);
    for (const SegmentInfo& info : segments_->List()) {
        unsynced_.insert(info.number);
        total += info.size_bytes;
        largest = std::max(largest, info.size_bytes);
    }
    supply_.SetUsed(total, largest);
}

Task<Result<PackKey>> Packs::Append(NewRecord record) {
    Result<PackKey> result = PackKey();
    co_await runtime::Suspend([&](runtime::Waker wake) {
        const auto finish = [&result, wake = std::move(wake)](Result<PackKey> outcome) {
            result = std::move(outcome);
            wake();
        };
        const Result<> submitted = writer_.Submit(record, finish);
        if (!submitted) finish(submitted.error());
    });
    co_return result;
}

Result<std::shared_ptr<Segment>> Packs::Find(const PackKey& key, Access access) {
    std::shared_ptr<Segment> open = segments_->FindOpen(key.segment);
    if (open != nullptr) return open;
    if (access == Access::kCached && segments_->Find(key.segment))
        return Error(ErrorKind::kBusy, "the copy's segment is not open");
    return segments_->Get(key.segment);
}

Result<ByteView> Packs::Read(const PackKey& key, ByteRange range, ByteSpan buffer, Access access) {
    TRY(const std::shared_ptr<Segment> segment, Find(key, access));
    return segment->ReadContent(key, range, buffer, access);
}

Result<CopyStat> Packs::Stat(const PackKey& key, Access access) {
    TRY(const std::shared_ptr<Segment> segment, Find(key, access));
    TRY(const RecordHeader header, segment->ReadHeader(key, access));
    return CopyStat{header.size_bytes, header.sha256};
}

Result<std::string> Packs::SetAside(const PackKey& key, std::string_view note) {
    TRY(const std::shared_ptr<Segment> segment, segments_->Get(key.segment));
    const Result<RecordHeader> header = segment->ReadHeader(key, Access::kBlocking);
    if (!header && header.error().kind() != ErrorKind::kCorrupt) return header.error();
    Bytes record(RecordBytes(key.size_bytes));
    TRY(const size_t got, segment->file().ReadAt(key.offset, record));
    std::string name = ToString(key);
    std::ranges::replace(name, '/', '-');
    TRY(std::string path, quarantine_.TakeBytes(ByteView(record).first(got), name, note));
    if (header) {
        TRY(Remove(key));
    }
    return path;
}

Result<> Packs::Remove(const PackKey& key) {
    TRY(const std::shared_ptr<Segment> segment, segments_->Get(key.segment));
    {
        MutexLock lock(removal_);
        TRY(segment->MarkRemoved(key));
        unsynced_.insert(key.segment);
        segments_->AddLive(key.segment, -static_cast<int64_t>(RecordBytes(key.size_bytes)));
    }
    {
        MutexLock lock(passed_over_);
        deferred_.erase(key.segment);
    }
    // The copy is gone, whatever becomes of its segment: compaction comes to that, too.
    (void)DropIfEmpty(key.segment);
    return Ok();
}

Result<> Packs::DropIfEmpty(uint32_t number) {
    const std::vector<SegmentInfo> from_here = segments_->List(number);
    // The last one is still appended to.
    if (from_here.size() < 2 || from_here.front().number != number ||
        from_here.front().live_bytes != uint64_t{0}) {
        return Ok();
    }
    // The count is a hint; what goes for good is looked at.
    TRY(const uint64_t live, CountLive(from_here.front()));
    if (live > 0) {
        segments_->SetLive(number, live);
        return Ok();
    }
    const Result<> dropped = segments_->Drop(number);
    if (!dropped) {
        Log(LogLevel::kWarning, "an empty segment of the packs keeps its space",
            {{"segment", SegmentName(number)}, {"error", dropped.error().ToString()}});
        return dropped;
    }
    {
        MutexLock lock(removal_);
        unsynced_.erase(number);
        dropped_ = true;
    }
    {
        MutexLock lock(passed_over_);
        unreadable_.erase(number);
    }
    supply_.Wake();
    return Ok();
}

Result<> Packs::SyncRemovals() {
    std::set<uint32_t> marked;
    bool dropped = false;
    {
        // Taken out first: what is marked meanwhile is for the next call.
        MutexLock lock(removal_);
        marked = std::exchange(unsynced_, {});
        dropped = std::exchange(dropped_, false);
    }
    Result<> synced = Ok();
    while (!marked.empty() && synced) {
        const auto segment = segments_->Get(*marked.begin());
        if (!segment && segment.error().kind() != ErrorKind::kNotFound) {
            synced = segment.error();
        } else {
            if (segment) SyncFile(segment.value()->file(), "a removal from a pack");
            marked.erase(marked.begin());
        }
    }
    if (synced && dropped) synced = SyncDirectory(file_system_, segments_->directory());
    if (synced) return synced;
    MutexLock lock(removal_);
    unsynced_.merge(marked);
    dropped_ = dropped_ || dropped;
    return synced;
}

Result<uint64_t> Packs::CountLive(const SegmentInfo& info) {
    TRY(std::shared_ptr<Segment> segment, segments_->Get(info.number));
    SegmentWalk walk(std::move(segment), kSegmentHeaderBytes, EndOf(info));
    uint64_t live_bytes = 0;
    for (;;) {
        TRY(const std::optional<RecordHeader> header, walk.Next());
        if (!header) return live_bytes + walk.unsound_bytes();
        if (header->state == RecordState::kLive) live_bytes += RecordBytes(header->size_bytes);
    }
}

Result<ListPage> Packs::List(std::string_view cursor, size_t limit) {
    COFFER_CHECK(limit > 0);
    ListPage page;
    const PackKey after = ParsePackKey(cursor).value_or(PackKey());
    for (const SegmentInfo& info : segments_->List(after.segment)) {
        const bool begun = after.offset > 0 && info.number == after.segment;
        const uint64_t begin =
            begun ? after.offset + RecordBytes(after.size_bytes) : kSegmentHeaderBytes;
        const Result<> listed = ListSegment(info, begin, limit, page);
        if (!listed && listed.error().kind() == ErrorKind::kBusy) return listed.error();
        if (!listed && listed.error().kind() != ErrorKind::kNotFound) {
            LogUnreadable(info.number, listed.error());
            page.left_out.push_back({fmt::format("p{:08x}", info.number), listed.error()});
            continue;
        }
        if (!page.next_cursor.empty()) break;
        MutexLock lock(passed_over_);
        unreadable_.erase(info.number);
    }
    return page;
}

void Packs::LogUnreadable(uint32_t number, const Error& error) {
    {
        MutexLock lock(passed_over_);
        if (!unreadable_.insert(number).second) return;
    }
    Log(LogLevel::kError, "a segment of the packs can't be read",
        {{"segment", SegmentName(number)}, {"error", error.ToString()}});
}

Result<> Packs::ListSegment(const SegmentInfo& info, uint64_t begin, size_t limit, ListPage& page) {
    TRY(std::shared_ptr<Segment> segment, segments_->Get(info.number));
    SegmentWalk walk(std::move(segment), begin, EndOf(info));
    for (;;) {
        TRY(const std::optional<RecordHeader> header, walk.Next());
        if (!header) return Ok();
        if (header->state == RecordState::kRemoved) continue;
        if (page.copies.size() == limit) {
            page.next_cursor = page.copies.back().key;
            return Ok();
        }
        page.copies.push_back({ToString(PackKey{info.number, header->offset, header->size_bytes,
                                                TagOf(header->sha256)}),
                               {header->size_bytes, header->sha256}});
    }
}

}  // namespace coffer::store::engine
