// Segments before they are used: nameless files full of zeros, made ahead of use on a thread of its
// own, since to append to blocks that have been written costs half of what it costs to grow a file.
//
// A segment is at most as large as all before it together, so that little data takes little space,
// and a small part of what the disk has free. One more is held back for what frees space: a
// compaction on a full disk has somewhere to go.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "coffer/base/mutex.h"
#include "coffer/os/file_system.h"
#include "coffer/store/engine/purpose.h"

namespace coffer::store::engine {

struct BlankSegment {
    std::unique_ptr<os::File> file;
    uint64_t size_bytes = 0;
};

class SegmentSupply {
  public:
    struct Options {
        uint64_t segment_bytes = 64_MiB;
        bool ahead = true;  // false: each is made when it is asked for, by who asks
    };

    // `directory`: where the segments will get their names.
    SegmentSupply(os::FileSystem& file_system, std::string directory, Options options);
    ~SegmentSupply();
    SegmentSupply(const SegmentSupply&) = delete;
    SegmentSupply& operator=(const SegmentSupply&) = delete;

    // The segments that there are: in all, and the largest. A hint for the sizes of new ones.
    void SetUsed(uint64_t total_bytes, uint64_t largest_bytes);

    // Says that space may have become free, or is wanted again. Cheap.
    void Wake();

    // A segment to append to. Blocks while there is none. Errors: kNoSpace, kBusy, kIo.
    Result<BlankSegment> Take(Purpose purpose);

    // Whether something is held back for what frees space, or may yet be: where there is no room
    // for it, nothing else may be appended. Blocks for one attempt to make it, where the last one
    // failed.
    bool EnsureReserve();

  private:
    void Loop();
    // Makes what is missing, or has the thread make it, and waits for it.
    void Refill() REQUIRES(mutex_);
    void MakeMissing() REQUIRES(mutex_);
    bool HasReserve() const REQUIRES(mutex_);
    uint64_t ReserveBytes() const REQUIRES(mutex_);
    // With the mutex let go; a smaller one than is wanted where `may_be_smaller`.
    Result<BlankSegment> Make(uint64_t wanted_bytes, bool may_be_smaller) REQUIRES(mutex_);
    Result<BlankSegment> MakeUnlocked(uint64_t wanted_bytes, bool may_be_smaller);

    os::FileSystem& file_system_;
    const std::string directory_;
    const Options options_;

    mutable Mutex mutex_;
    CondVar changed_;
    uint64_t total_bytes_ GUARDED_BY(mutex_) = 0;
    uint64_t largest_bytes_ GUARDED_BY(mutex_) = 0;
    bool work_ GUARDED_BY(mutex_) = false;  // something may be missing that can be made now
    std::atomic<bool> stopping_ = false;
    std::optional<BlankSegment> spare_ GUARDED_BY(mutex_);
    std::optional<BlankSegment> reserve_ GUARDED_BY(mutex_);
    std::optional<Error> failed_ GUARDED_BY(mutex_);  // why something is missing
    uint64_t attempts_ GUARDED_BY(mutex_) = 0;
    std::thread thread_;
};

}  // namespace coffer::store::engine
