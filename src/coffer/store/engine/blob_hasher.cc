#include "coffer/store/engine/blob_hasher.h"

#include <algorithm>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/store/engine/blob_format.h"

namespace coffer::store::engine {

BlobHasher::BlobHasher(const StageHints& hints) : sha256_of_source_(hints.sha256_of_source) {
    COFFER_CHECK(!sha256_of_source_ || !hints.checksum);
    if (!sha256_of_source_) all_.emplace(hints.checksum);
}

void BlobHasher::Update(ByteView data) {
    // Chunk by chunk, so that each digest finds the bytes in the processor's cache.
    while (!data.empty()) {
        const ByteView piece = data.first(std::min(data.size(), ToChunkEnd()));
        if (all_) all_->Update(piece);
        UpdateChunk(piece);
        data = data.subspan(piece.size());
    }
}

void BlobHasher::UpdatePair(BlobHasher& first, ByteView of_first, BlobHasher& second,
                            ByteView of_second) {
    while (first.all_ && second.all_ && !of_first.empty() && !of_second.empty()) {
        const size_t size =
            std::min({of_first.size(), of_second.size(), first.ToChunkEnd(), second.ToChunkEnd()});
        const ByteView first_piece = of_first.first(size);
        const ByteView second_piece = of_second.first(size);
        codec::MultiHasher::UpdatePair(*first.all_, first_piece, *second.all_, second_piece);
        first.UpdateChunk(first_piece);
        second.UpdateChunk(second_piece);
        of_first = of_first.subspan(size);
        of_second = of_second.subspan(size);
    }
    first.Update(of_first);
    second.Update(of_second);
}

size_t BlobHasher::ToChunkEnd() const {
    return kChunkBytes - size_bytes_ % kChunkBytes;
}

void BlobHasher::UpdateChunk(ByteView piece) {
    chunk_crc_ = codec::Crc32c(chunk_crc_, piece);
    size_bytes_ += piece.size();
    if (size_bytes_ % kChunkBytes == 0) EndChunk();
}

void BlobHasher::EndChunk() {
    AppendChunkCrc(table_, chunk_crc_);
    chunk_crc_ = 0;
}

Digests BlobHasher::Finish() {
    if (size_bytes_ % kChunkBytes != 0) EndChunk();
    if (!all_)
        return {
            .size_bytes = size_bytes_, .sha256 = sha256_of_source_(), .md5 = {}, .checksum = {}};
    codec::MultiHasher::Digests digests = all_->Finish();
    return {.size_bytes = size_bytes_,
            .sha256 = digests.sha256,
            .md5 = digests.md5,
            .checksum = std::move(digests.checksum)};
}

}  // namespace coffer::store::engine
