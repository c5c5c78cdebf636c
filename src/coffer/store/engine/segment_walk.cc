#include "coffer/store/engine/segment_walk.h"

#include <algorithm>

namespace coffer::store::engine {
namespace {

// A read of it costs little more than one of a header, and brings those of small records along.
constexpr uint64_t kWindowBytes = 64_KiB;

bool IsZero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

Result<std::optional<RecordHeader>> SegmentWalk::Next() {
    while (position_ + kRecordHeaderBytes <= end_) {
        TRY(const std::optional<RecordHeader> header, ReadHeader());
        position_ += header ? RecordBytes(header->size_bytes) : kRecordAlignment;
        if (header) {
            used_end_ = std::max(used_end_, position_);
            return header;
        }
    }
    return std::optional<RecordHeader>();
}

Result<std::optional<RecordHeader>> SegmentWalk::ReadHeader() {
    if (position_ < window_begin_ ||
        position_ + kRecordHeaderBytes > window_begin_ + window_.size()) {
        window_.resize(std::min(kWindowBytes, end_ - position_));
        window_begin_ = position_;
        TRY(const size_t got, segment_->file().ReadAt(position_, window_));
        std::fill(window_.begin() + static_cast<ptrdiff_t>(got), window_.end(), std::byte{0});
    }
    const ByteView bytes = ByteView(window_).subspan(position_ - window_begin_, kRecordHeaderBytes);
    if (IsZero(bytes)) return std::optional<RecordHeader>();
    const Result<RecordHeader> header = DecodeRecordHeader(bytes);
    // A copy of another record, or of another segment's, may be the content of one here.
    if (!header || header.value().segment_id != segment_->id() ||
        header.value().offset != position_ ||
        position_ + RecordBytes(header.value().size_bytes) > end_) {
        used_end_ = std::max(used_end_, position_ + kRecordAlignment);
        unsound_bytes_ += kRecordAlignment;
        return std::optional<RecordHeader>();
    }
    return std::optional<RecordHeader>(header.value());
}

}  // namespace coffer::store::engine
