#include "coffer/store/engine/blob_source.h"

#include <algorithm>
#include <utility>

namespace coffer::store::engine {

Task<Result<size_t>> BlobSource::Read(ByteSpan out) {
    if (piece_.empty() && reader_.remaining_bytes() > 0) {
        // Straight into the caller's memory, where that is as large as ours: which others can have
        // then, however long the client takes to receive all that comes.
        const bool direct = out.size() >= runtime::kBufferBytes;
        if (direct) buffer_ = runtime::Buffer();
        CO_TRY(piece_, co_await Next(direct ? out : OwnBuffer()));
        if (direct) co_return std::exchange(piece_, {}).size();
    }
    const size_t length = std::min(out.size(), piece_.size());
    std::copy_n(piece_.begin(), length, out.begin());
    piece_ = piece_.subspan(length);
    // What it was needed for is done, however long the client takes to receive it.
    if (piece_.empty() && reader_.remaining_bytes() == 0) buffer_ = runtime::Buffer();
    co_return length;
}

// Half of the answer may have been sent: it is not broken off for want of a buffer.
ByteSpan BlobSource::OwnBuffer() {
    if (!buffer_) {
        if (auto taken = buffers_.Take()) buffer_ = std::move(taken).value();
    }
    if (buffer_) return buffer_.span();
    spare_.resize(kChunkBytes);
    return spare_;
}

Task<Result<ByteView>> BlobSource::Next(ByteSpan buffer) {
    Result<ByteView> piece = reader_.Next(buffer, Access::kCached);
    if (piece || piece.error().kind() != ErrorKind::kBusy) co_return piece;
    bool ran = false;
    piece = co_await pool_.Run([&] {
        ran = true;
        return reader_.Next(buffer, Access::kBlocking);
    });
    // A full pool: part of the answer has been sent, and it is better to be slow than to break it
    // off.
    if (!ran) piece = reader_.Next(buffer, Access::kBlocking);
    co_return piece;
}

}  // namespace coffer::store::engine
