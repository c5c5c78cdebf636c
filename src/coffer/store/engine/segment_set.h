// The segments of the packs directory: which there are, how much of each lives, and a bounded
// number of them open. Any thread may call it. What it says blocks, does; the rest takes a mutex
// for a moment.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/os/file_system.h"
#include "coffer/store/engine/segment.h"

namespace coffer::store::engine {

struct SegmentInfo {
    uint32_t number = 0;
    uint64_t size_bytes = 0;  // of its file
    // Of records that are not removed; nothing where nobody has counted since the start.
    std::optional<uint64_t> live_bytes;
    // Where its last record ends, for all who look; nothing for a segment of an earlier process,
    // whose records may be anywhere in it.
    std::optional<uint64_t> end;
};

class SegmentSet {
  public:
    // `directory` holds segments and nothing else of interest. Finds those that are there; blocks.
    static Result<std::unique_ptr<SegmentSet>> Open(os::FileSystem& file_system,
                                                    std::string directory, size_t open_limit);

    // The open segment, or null where it has to be opened.
    std::shared_ptr<Segment> FindOpen(uint32_t number);

    // Blocks. kNotFound where there is no such segment; kCorrupt, kUnsupported, kBusy, kIo.
    Result<std::shared_ptr<Segment>> Get(uint32_t number);

    // A new segment, of which nothing is used. Its number is more than that of any before it.
    uint32_t NextNumber();
    void Add(std::shared_ptr<Segment> segment, uint64_t size_bytes);

    // Counts of a segment, after its records changed: `live_bytes` may be negative. Nothing happens
    // where there is no such segment, or nobody has counted it.
    void AddLive(uint32_t number, int64_t live_bytes);
    void SetLive(uint32_t number, uint64_t live_bytes);
    void SetEnd(uint32_t number, uint64_t end);

    // Blocks. Takes the file away; whoever has it open keeps it. Durable with the next sync of the
    // directory.
    Result<> Drop(uint32_t number);

    // In the order of their numbers, from `first` on.
    std::vector<SegmentInfo> List(uint32_t first = 0) const;
    std::optional<SegmentInfo> Find(uint32_t number) const;

    const std::string& directory() const { return directory_; }

  private:
    struct OpenSegment {
        std::shared_ptr<Segment> segment;
        uint64_t used = 0;  // when, as a count of uses
    };

    SegmentSet(os::FileSystem& file_system, std::string directory, size_t open_limit)
        : file_system_(file_system), directory_(std::move(directory)), open_limit_(open_limit) {}

    Result<> FindSegments();
    std::string PathOf(uint32_t number) const;
    void Keep(std::shared_ptr<Segment> segment) REQUIRES(mutex_);

    os::FileSystem& file_system_;
    const std::string directory_;
    const size_t open_limit_;

    mutable Mutex mutex_;
    std::map<uint32_t, SegmentInfo> segments_ GUARDED_BY(mutex_);
    std::map<uint32_t, OpenSegment> open_ GUARDED_BY(mutex_);
    uint64_t uses_ GUARDED_BY(mutex_) = 0;
    uint32_t next_number_ GUARDED_BY(mutex_) = 1;
};

}  // namespace coffer::store::engine
