#include "coffer/store/engine/blob_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/codec/digest.h"

namespace coffer::store::engine {
namespace {

// Up to here one read of the whole file is cheaper than a read for each of its parts.
constexpr uint64_t kWholeFileBytes = FileBytes(2 * kChunkBytes);

constexpr uint64_t kTableWindowBytes = 4_KiB;  // of 64 MiB of blob

Error Corrupt(std::string_view what) {
    return Error(ErrorKind::kCorrupt, fmt::format("a blob's file is damaged: {}", what));
}

Result<> ReadExactly(os::File& file, uint64_t offset, ByteSpan out, Access access) {
    TRY(const size_t got,
        access == Access::kCached ? file.ReadCachedAt(offset, out) : file.ReadAt(offset, out));
    if (got == out.size()) return Ok();
    // What the cache gave says nothing of where the file ends.
    if (access == Access::kCached) return Error(ErrorKind::kBusy, "the file is not in memory");
    return Corrupt("it ends early");
}

Result<Footer> CheckFooter(ByteView bytes, uint64_t file_bytes, const codec::Sha256Digest& sha256) {
    TRY(const Footer footer, DecodeFooter(bytes, file_bytes));
    if (footer.sha256 != sha256) return Corrupt("it is another blob's");
    return footer;
}

Result<Footer> ReadFooterAt(os::File& file, uint64_t file_bytes, const codec::Sha256Digest& sha256,
                            Access access) {
    if (file_bytes < kFooterBytes) return Corrupt("it is too short");
    std::array<std::byte, kFooterBytes> bytes;
    TRY(ReadExactly(file, file_bytes - kFooterBytes, bytes, access));
    return CheckFooter(bytes, file_bytes, sha256);
}

Result<> CheckRange(ByteRange range, uint64_t size_bytes) {
    if (range.offset > size_bytes || range.length > size_bytes - range.offset) {
        return Error(ErrorKind::kInvalid, "the range is not inside the blob");
    }
    return Ok();
}

}  // namespace

Result<Footer> ReadFooter(os::File& file, const codec::Sha256Digest& sha256) {
    TRY(const uint64_t file_bytes, file.Size());
    return ReadFooterAt(file, file_bytes, sha256, Access::kBlocking);
}

Result<BlobReader> BlobReader::Open(std::unique_ptr<os::File> file,
                                    const codec::Sha256Digest& sha256, ByteRange range,
                                    ByteSpan buffer, ByteView& piece, Access access) {
    COFFER_CHECK(buffer.size() >= kWholeFileBytes);
    TRY(const uint64_t file_bytes, file->Size());
    if (file_bytes > kWholeFileBytes) {
        TRY(const Footer footer, ReadFooterAt(*file, file_bytes, sha256, access));
        TRY(CheckRange(range, footer.size_bytes));
        BlobReader reader(std::move(file), footer.size_bytes, range);
        TRY(piece, reader.Next(buffer, access));
        return reader;
    }
    const ByteSpan whole = buffer.first(file_bytes);
    TRY(ReadExactly(*file, 0, whole, access));
    const size_t footer_offset = file_bytes - std::min(file_bytes, uint64_t{kFooterBytes});
    TRY(const Footer footer, CheckFooter(whole.subspan(footer_offset), file_bytes, sha256));
    TRY(CheckRange(range, footer.size_bytes));
    BlobReader reader(nullptr, footer.size_bytes, range);
    const ByteView chunks = whole.first(footer.size_bytes);
    const uint64_t first = std::min(range.offset / kChunkBytes, ChunkCount(footer.size_bytes));
    TRY(piece, reader.Take(first, chunks.subspan(first * kChunkBytes),
                           ByteView(whole).subspan(footer.size_bytes + first * kChunkCrcBytes)));
    return reader;
}

Result<ByteView> BlobReader::Next(ByteSpan buffer, Access access) {
    COFFER_CHECK(buffer.size() >= kChunkBytes);
    if (position_ == end_) return ByteView();
    const uint64_t first = position_ / kChunkBytes;
    const uint64_t wanted = ChunkCount(end_) - first;
    TRY(const ByteView crcs,
        Crcs(first, std::min(wanted, uint64_t{buffer.size() / kChunkBytes}), access));
    const uint64_t offset = first * kChunkBytes;
    const uint64_t length =
        std::min(crcs.size() / kChunkCrcBytes * kChunkBytes, size_bytes_ - offset);
    const ByteSpan chunks = buffer.first(length);
    TRY(ReadExactly(*file_, offset, chunks, access));
    return Take(first, chunks, crcs);
}

Result<ByteView> BlobReader::Take(uint64_t first, ByteView chunks, ByteView crcs) {
    const uint64_t offset = first * kChunkBytes;
    const uint64_t length = std::min(end_, offset + chunks.size()) - position_;
    const ByteView piece = length == 0 ? ByteView() : chunks.subspan(position_ - offset, length);
    const uint64_t last = ChunkCount(position_ + length);  // exclusive
    for (size_t i = 0; length > 0 && i < last - first; ++i) {
        const size_t begin = i * kChunkBytes;
        const ByteView chunk = chunks.subspan(begin, std::min(kChunkBytes, chunks.size() - begin));
        if (codec::Crc32c(0, chunk) != ChunkCrcAt(crcs, i)) {
            return Corrupt(fmt::format("chunk {} does not match its checksum", first + i));
        }
    }
    position_ += length;
    if (position_ == end_) file_.reset();
    return piece;
}

Result<ByteView> BlobReader::Crcs(uint64_t first, uint64_t count, Access access) {
    const uint64_t known_end = table_first_ + table_.size() / kChunkCrcBytes;
    if (first < table_first_ || first >= known_end) {
        const uint64_t rest = (ChunkCount(size_bytes_) - first) * kChunkCrcBytes;
        Bytes window(std::min(rest, kTableWindowBytes));
        TRY(ReadExactly(*file_, size_bytes_ + first * kChunkCrcBytes, window, access));
        table_ = std::move(window);
        table_first_ = first;
    }
    const ByteView known = ByteView(table_).subspan((first - table_first_) * kChunkCrcBytes);
    return known.first(std::min<uint64_t>(known.size(), count * kChunkCrcBytes));
}

}  // namespace coffer::store::engine
