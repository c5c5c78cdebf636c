// The one thread that appends to the packs.
//
// It takes all records that wait, writes them behind each other, syncs once, and then tells all of
// them: one sync serves everyone who waited for the last one. There is no timer; a batch is what
// arrived meanwhile. Where a write fails, all records of its batch fail; a sync that fails ends the
// process.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/store/engine/purpose.h"
#include "coffer/store/engine/segment_set.h"
#include "coffer/store/engine/segment_supply.h"

namespace coffer::store::engine {

// What is to be appended. The views live until the record is done.
struct NewRecord {
    codec::Sha256Digest sha256{};
    ByteView content;  // at most kMaxPackedBytes
    ByteView table;    // the CRC32C of each chunk of it
    Purpose purpose = Purpose::kStore;
};

// Since the start.
struct PackCounters {
    uint64_t batches = 0;
    uint64_t records = 0;
    uint64_t appended_bytes = 0;
};

class PackWriter {
  public:
    using Done = std::function<void(Result<PackKey>)>;

    PackWriter(os::FileSystem& file_system, SegmentSet& segments, SegmentSupply& supply);

    // Appends what waits.
    ~PackWriter();
    PackWriter(const PackWriter&) = delete;
    PackWriter& operator=(const PackWriter&) = delete;

    // Hands over a record; any thread may. `done` is called once, on the writer's thread, with
    // where it lies once that is durable, or with why it is not: kNoSpace, kBusy, kIo. It must not
    // block. kBusy, and nothing is called, when too many wait.
    Result<> Submit(const NewRecord& record, Done done);

    PackCounters counters() const;

    // The segment that is appended to, or was last.
    uint32_t active_number() const { return active_number_; }

  private:
    struct Waiting {
        NewRecord record;
        Done done;
        Result<PackKey> result = PackKey();
    };

    void Loop();
    std::vector<Waiting> TakeWaiting();

    // Appends as many of the records as the segment has room for, from the first on; returns how
    // many. Each of them has its result then.
    size_t AppendBatch(std::span<Waiting> batch);
    void Serialise(Waiting& waiting);
    Result<> WriteBuffer();

    // Sees to it that the active segment has room for a record.
    Result<> EnsureRoom(const NewRecord& record);
    // Goes on with the last segment of the process before, where it has room.
    Result<> Resume();
    Result<> StartSegment(Purpose purpose);

    os::FileSystem& file_system_;
    SegmentSet& segments_;
    SegmentSupply& supply_;

    // For the writer's thread only.
    bool resumed_ = false;
    std::shared_ptr<Segment> active_;
    uint64_t active_bytes_ = 0;
    uint64_t end_ = 0;      // where the next record goes
    uint64_t written_ = 0;  // buffer_ begins there
    Bytes buffer_;

    std::atomic<uint32_t> active_number_ = 0;
    std::atomic<uint64_t> batches_ = 0;
    std::atomic<uint64_t> records_ = 0;
    std::atomic<uint64_t> appended_bytes_ = 0;

    Mutex mutex_;
    CondVar changed_;
    std::vector<Waiting> waiting_ GUARDED_BY(mutex_);
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace coffer::store::engine
