// One open segment: its file, and what its header says. It stays readable for whoever has it, also
// when its name is gone. Any thread may use it; ReadAt and WriteAt block.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "coffer/os/file_system.h"
#include "coffer/store/engine/access.h"
#include "coffer/store/engine/pack_format.h"
#include "coffer/store/store.h"

namespace coffer::store::engine {

class Segment {
  public:
    // A file whose header is `header` already.
    Segment(std::unique_ptr<os::File> file, SegmentHeader header)
        : file_(std::move(file)), header_(header) {}

    // Reads and checks the header of a file that is named by `number`. kCorrupt, kUnsupported, kIo.
    static Result<std::shared_ptr<Segment>> Read(std::unique_ptr<os::File> file, uint32_t number);

    uint32_t number() const { return header_.number; }
    uint64_t id() const { return header_.id; }
    os::File& file() const { return *file_; }

    // The header of the record that `key` names. kNotFound where it was removed; kCorrupt where
    // there is no such record, or another one; kBusy, kIo.
    Result<RecordHeader> ReadHeader(const PackKey& key, Access access) const;

    // The bytes of `range` of the content, as a part of `buffer`, which holds a record. One read;
    // every chunk that the range touches has been checked. Errors as ReadHeader; kInvalid where the
    // range is not inside the content.
    Result<ByteView> ReadContent(const PackKey& key, ByteRange range, ByteSpan buffer,
                                 Access access) const;

    // Marks the record as removed. Errors as ReadHeader. One thread at a time.
    Result<> MarkRemoved(const PackKey& key);

  private:
    Result<RecordHeader> CheckHeader(const PackKey& key, ByteView bytes) const;

    const std::unique_ptr<os::File> file_;
    const SegmentHeader header_;
};

}  // namespace coffer::store::engine
