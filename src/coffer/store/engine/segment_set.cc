#include "coffer/store/engine/segment_set.h"

#include <algorithm>
#include <utility>

namespace coffer::store::engine {

Result<std::unique_ptr<SegmentSet>> SegmentSet::Open(os::FileSystem& file_system,
                                                     std::string directory, size_t open_limit) {
    std::unique_ptr<SegmentSet> opened(
        new SegmentSet(file_system, std::move(directory), open_limit));
    TRY(opened->FindSegments());
    return opened;
}

Result<> SegmentSet::FindSegments() {
    TRY(const std::vector<os::DirectoryEntry> entries, file_system_.List(directory_));
    MutexLock lock(mutex_);
    for (const os::DirectoryEntry& entry : entries) {
        const std::optional<uint32_t> number = ParseSegmentName(entry.name);
        if (!number || entry.kind != os::FileKind::kFile) continue;
        TRY(const os::FileStat stat, file_system_.Stat(PathOf(*number)));
        segments_[*number] = {*number, stat.size_bytes, std::nullopt, std::nullopt};
        next_number_ = std::max(next_number_, *number + 1);
    }
    return Ok();
}

std::shared_ptr<Segment> SegmentSet::FindOpen(uint32_t number) {
    MutexLock lock(mutex_);
    const auto found = open_.find(number);
    if (found == open_.end()) return nullptr;
    found->second.used = ++uses_;
    return found->second.segment;
}

Result<std::shared_ptr<Segment>> SegmentSet::Get(uint32_t number) {
    if (std::shared_ptr<Segment> open = FindOpen(number)) return open;
    if (!Find(number)) return Error(ErrorKind::kNotFound, "the copy's segment is gone");
    auto opened = file_system_.Open(PathOf(number), os::OpenMode::kReadWrite);
    if (!opened) {
        const Error& error = opened.error();
        if (error.kind() == ErrorKind::kBusy) return error;
        // Dropped meanwhile; or a file that is there is not to be read, which is no answer about a
        // copy.
        if (error.kind() == ErrorKind::kNotFound && !Find(number)) return error;
        return Error(ErrorKind::kIo, error.message());
    }
    TRY(std::shared_ptr<Segment> segment, Segment::Read(std::move(opened.value()), number));
    MutexLock lock(mutex_);
    if (segments_.contains(number)) Keep(segment);
    return segment;
}

uint32_t SegmentSet::NextNumber() {
    MutexLock lock(mutex_);
    return next_number_++;
}

void SegmentSet::Add(std::shared_ptr<Segment> segment, uint64_t size_bytes) {
    MutexLock lock(mutex_);
    const uint32_t number = segment->number();
    segments_[number] = {number, size_bytes, 0, kSegmentHeaderBytes};
    Keep(std::move(segment));
}

void SegmentSet::AddLive(uint32_t number, int64_t live_bytes) {
    MutexLock lock(mutex_);
    const auto found = segments_.find(number);
    if (found == segments_.end() || !found->second.live_bytes) return;
    const auto before = static_cast<int64_t>(*found->second.live_bytes);
    found->second.live_bytes = static_cast<uint64_t>(std::max<int64_t>(0, before + live_bytes));
}

void SegmentSet::SetLive(uint32_t number, uint64_t live_bytes) {
    MutexLock lock(mutex_);
    const auto found = segments_.find(number);
    if (found != segments_.end()) found->second.live_bytes = live_bytes;
}

void SegmentSet::SetEnd(uint32_t number, uint64_t end) {
    MutexLock lock(mutex_);
    const auto found = segments_.find(number);
    if (found != segments_.end()) found->second.end = end;
}

Result<> SegmentSet::Drop(uint32_t number) {
    std::shared_ptr<Segment> closed;  // outside of the lock: to free its space takes a while
    {
        MutexLock lock(mutex_);
        segments_.erase(number);
        if (const auto found = open_.find(number); found != open_.end()) {
            closed = std::move(found->second.segment);
            open_.erase(found);
        }
    }
    return file_system_.Remove(PathOf(number));
}

std::vector<SegmentInfo> SegmentSet::List(uint32_t first) const {
    MutexLock lock(mutex_);
    std::vector<SegmentInfo> all;
    for (auto at = segments_.lower_bound(first); at != segments_.end(); ++at)
        all.push_back(at->second);
    return all;
}

std::optional<SegmentInfo> SegmentSet::Find(uint32_t number) const {
    MutexLock lock(mutex_);
    const auto found = segments_.find(number);
    if (found == segments_.end()) return std::nullopt;
    return found->second;
}

void SegmentSet::Keep(std::shared_ptr<Segment> segment) {
    if (open_.size() >= open_limit_) {
        const auto oldest = std::ranges::min_element(
            open_, {}, [](const auto& entry) { return entry.second.used; });
        open_.erase(oldest);
    }
    const uint32_t number = segment->number();
    open_[number] = {std::move(segment), ++uses_};
}

std::string SegmentSet::PathOf(uint32_t number) const {
    return directory_ + "/" + SegmentName(number);
}

}  // namespace coffer::store::engine
