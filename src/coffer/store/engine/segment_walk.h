// Finds the records of a segment by their headers, one after the other. Where there is no sound
// header it looks for the next one: what a crash or a failed write left does not hide what came
// after. Blocks; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/store/engine/segment.h"

namespace coffer::store::engine {

class SegmentWalk {
  public:
    // From `begin`, where a record may lie, up to `end` of the segment's bytes.
    SegmentWalk(std::shared_ptr<Segment> segment, uint64_t begin, uint64_t end)
        : segment_(std::move(segment)), position_(begin), end_(end) {}

    // The next record, live or removed; nothing at the end. kIo.
    Result<std::optional<RecordHeader>> Next();

    // The end of the last byte that is not zero, or of the last record found, whichever comes
    // later, as a multiple of 64. After Next has given nothing.
    uint64_t used_end() const { return used_end_; }

    // How many bytes, in whole 64s, are neither in a record nor zero.
    uint64_t unsound_bytes() const { return unsound_bytes_; }

  private:
    // The header at position_, or nothing where there is none.
    Result<std::optional<RecordHeader>> ReadHeader();

    const std::shared_ptr<Segment> segment_;
    uint64_t position_;
    const uint64_t end_;
    uint64_t used_end_ = kSegmentHeaderBytes;
    uint64_t unsound_bytes_ = 0;
    Bytes window_;
    uint64_t window_begin_ = 0;
};

}  // namespace coffer::store::engine
