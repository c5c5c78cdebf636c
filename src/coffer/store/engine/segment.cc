#include "coffer/store/engine/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "coffer/base/check.h"

namespace coffer::store::engine {
namespace {

Error Corrupt(uint32_t segment, std::string_view what) {
    return Error(ErrorKind::kCorrupt, fmt::format("{} is damaged: {}", SegmentName(segment), what));
}

Result<size_t> ReadFrom(os::File& file, uint64_t offset, ByteSpan out, Access access) {
    if (access == Access::kBlocking) return file.ReadAt(offset, out);
    TRY(const size_t got, file.ReadCachedAt(offset, out));
    // What the cache gave says nothing of where the file ends.
    if (got < out.size()) return Error(ErrorKind::kBusy, "the record is not in memory");
    return got;
}

Result<> CheckChunks(const PackKey& key, ByteView record, uint64_t begin, uint64_t end) {
    const ByteView table = record.subspan(kRecordHeaderBytes);
    const ByteView content = record.subspan(ContentOffset(key.size_bytes));
    for (size_t i = begin / kChunkBytes; i * kChunkBytes < end; ++i) {
        const size_t offset = i * kChunkBytes;
        const ByteView chunk =
            content.subspan(offset, std::min<size_t>(kChunkBytes, key.size_bytes - offset));
        if (codec::Crc32c(0, chunk) != ChunkCrcAt(table, i)) {
            return Corrupt(key.segment, fmt::format("chunk {} of the record at {} does not match "
                                                    "its checksum",
                                                    i, key.offset));
        }
    }
    return Ok();
}

}  // namespace

Result<std::shared_ptr<Segment>> Segment::Read(std::unique_ptr<os::File> file, uint32_t number) {
    std::array<std::byte, kSegmentHeaderBytes> bytes;
    TRY(const size_t got, file->ReadAt(0, bytes));
    TRY(const SegmentHeader header, DecodeSegmentHeader(ByteView(bytes).first(got)));
    if (header.number != number) return Corrupt(number, "it is another segment");
    return std::make_shared<Segment>(std::move(file), header);
}

Result<RecordHeader> Segment::CheckHeader(const PackKey& key, ByteView bytes) const {
    TRY(const RecordHeader header, DecodeRecordHeader(bytes));
    if (header.segment_id != id() || header.offset != key.offset ||
        header.size_bytes != key.size_bytes || TagOf(header.sha256) != key.tag) {
        return Corrupt(number(), fmt::format("another record lies at {}", key.offset));
    }
    if (header.state == RecordState::kRemoved) {
        return Error(ErrorKind::kNotFound, "the copy was removed");
    }
    return header;
}

Result<RecordHeader> Segment::ReadHeader(const PackKey& key, Access access) const {
    std::array<std::byte, kRecordHeaderBytes> bytes;
    TRY(const size_t got, ReadFrom(*file_, key.offset, bytes, access));
    return CheckHeader(key, ByteView(bytes).first(got));
}

Result<ByteView> Segment::ReadContent(const PackKey& key, ByteRange range, ByteSpan buffer,
                                      Access access) const {
    if (range.offset > key.size_bytes || range.length > key.size_bytes - range.offset) {
        return Error(ErrorKind::kInvalid, "the range is not inside the blob");
    }
    // Up to the end of the last chunk that is wanted.
    const uint64_t end = range.offset + range.length;
    const uint64_t chunks_end =
        std::min<uint64_t>(key.size_bytes, ChunkCount(end) * uint64_t{kChunkBytes});
    const uint64_t content_offset = ContentOffset(key.size_bytes);
    const uint64_t length = content_offset + (range.length == 0 ? 0 : chunks_end);
    COFFER_CHECK(buffer.size() >= length);
    const ByteSpan record = buffer.first(length);
    TRY(const size_t got, ReadFrom(*file_, key.offset, record, access));
    TRY(CheckHeader(key, record.first(std::min<size_t>(got, kRecordHeaderBytes))));
    if (got != length) return Corrupt(number(), "it ends inside a record");
    if (range.length == 0) return ByteView();
    TRY(CheckChunks(key, record, range.offset, end));
    return ByteView(record).subspan(content_offset + range.offset, range.length);
}

Result<> Segment::MarkRemoved(const PackKey& key) {
    TRY(ReadHeader(key, Access::kBlocking));
    return file_->WriteAt(key.offset + kStateOffset, AsBytes(kRemovedState));
}

}  // namespace coffer::store::engine
