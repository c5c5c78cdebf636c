// The engine's small blobs: records in the segments of <directory>/packs, one sync for all that are
// written at the same time. docs/formats/pack.md has the form of the files.
//
// Append suspends; all else blocks, and any thread may call it. Nothing is kept in memory but a few
// numbers for each segment: a copy's key says where it is.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/os/file_system.h"
#include "coffer/runtime/task.h"
#include "coffer/store/compaction.h"
#include "coffer/store/engine/access.h"
#include "coffer/store/engine/pack_writer.h"
#include "coffer/store/engine/quarantine.h"
#include "coffer/store/engine/segment_set.h"
#include "coffer/store/engine/segment_supply.h"
#include "coffer/store/store.h"

namespace coffer::store::engine {

struct PackOptions {
    uint64_t segment_bytes = 64_MiB;  // the most of one; small packs have smaller ones
    size_t open_segments = 64;        // descriptors that are kept
    bool ahead = true;                // segments are made ahead of use, on a thread of its own
};

class Packs {
  public:
    // `directory` exists and is durable. Makes packs/ in it, and removes unfinished files of an
    // earlier process. Nobody else uses it at the same time.
    static Result<std::unique_ptr<Packs>> Open(os::FileSystem& file_system, std::string directory,
                                               PackOptions options);

    // Appends a record, and returns where once it is durable. Errors as PackWriter::Submit.
    Task<Result<PackKey>> Append(NewRecord record);

    // As Segment::ReadContent. kNotFound, too, where the segment is gone. kBusy with
    // Access::kCached where the segment is not open.
    Result<ByteView> Read(const PackKey& key, ByteRange range, ByteSpan buffer, Access access);

    Result<CopyStat> Stat(const PackKey& key, Access access);

    // The copy is gone at once; a crash may bring it back. A segment of which nothing is left goes,
    // too.
    Result<> Remove(const PackKey& key);

    // As Store::SyncRemovals.
    Result<> SyncRemovals();

    // As Store::Quarantine. Where the record has no sound header, its bytes stay where they are,
    // too.
    Result<std::string> SetAside(const PackKey& key, std::string_view note);

    // As Store::List, of the packs alone. What lies in a segment that is damaged or can't be read
    // is left out. kBusy.
    Result<ListPage> List(std::string_view cursor, size_t limit);

    // As Compactable::ListFragmented.
    Result<Fragmented> ListFragmented(size_t limit);

    // The steps of Compactable::Relocate. Load reads records into `buffer`, which holds at least
    // one, beginning with keys[first], and returns which comes next. A segment of which something
    // is damaged or can't be read is not listed as fragmented again before the next start.
    struct Loaded {
        std::string key;
        NewRecord record;
    };
    Result<size_t> Load(const std::vector<std::string>& keys, size_t first, ByteSpan buffer,
                        std::vector<Loaded>& loaded);
    Task<Result<std::vector<PackKey>>> AppendAll(const std::vector<Loaded>& loaded);

    // A segment that is not listed as fragmented again before the next start. Does not block.
    void SetStuck(uint32_t number, const Error& why);

    // As Compactable::Defer. Does not block.
    void Defer(uint32_t number);

    PackStats stats() const;

    // Keys from here on are the packs'.
    static constexpr std::string_view kFirstKey = "p";

  private:
    Packs(os::FileSystem& file_system, std::string directory, std::unique_ptr<SegmentSet> segments,
          PackOptions options);

    Result<std::shared_ptr<Segment>> Find(const PackKey& key, Access access);
    // Adds to `page` what lives in a segment, from `begin` on, until the page is full.
    Result<> ListSegment(const SegmentInfo& info, uint64_t begin, size_t limit, ListPage& page);
    // Once for each segment.
    void LogUnreadable(uint32_t number, const Error& error);
    // Takes a segment away that holds nothing: each of its records was removed, and looked at. An
    // error where they could not be.
    Result<> DropIfEmpty(uint32_t number);
    // Reads the headers of a segment, and counts what lives. Bytes that no sound header explains
    // count as living.
    Result<uint64_t> CountLive(const SegmentInfo& info);
    Result<> CountSegment(const SegmentInfo& info);
    Result<NewRecord> ReadRecord(const PackKey& key, ByteSpan buffer);
    // What compaction makes of an error of a segment: goes on with the others, but after kBusy.
    Result<> PassOver(uint32_t number, const Error& error);
    bool IsStuck(uint32_t number);
    bool IsDeferred(uint32_t number);

    os::FileSystem& file_system_;
    Quarantine quarantine_;
    const std::unique_ptr<SegmentSet> segments_;
    SegmentSupply supply_;
    PackWriter writer_;
    Mutex removal_;                                     // held while a record is marked
    std::set<uint32_t> unsynced_ GUARDED_BY(removal_);  // segments with marks that are not durable
    bool dropped_ GUARDED_BY(removal_) = false;         // a name went, and that is not durable
    mutable Mutex passed_over_;
    // Segments of which something can't be moved.
    std::set<uint32_t> stuck_ GUARDED_BY(passed_over_);
    // Those of which nothing could be moved in this round, and that have not changed since.
    std::set<uint32_t> deferred_ GUARDED_BY(passed_over_);
    // Those of which the last listing left out something: the log has named them.
    std::set<uint32_t> unreadable_ GUARDED_BY(passed_over_);
};

}  // namespace coffer::store::engine
