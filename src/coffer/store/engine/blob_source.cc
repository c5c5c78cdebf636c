#include "coffer/store/engine/blob_source.h"

#include <algorithm>
#include <utility>

namespace coffer::store::engine {

Task<Result<size_t>> BlobSource::Read(ByteSpan out) {
    if (piece_.empty() && reader_.remaining_bytes() > 0) {
        // Straight into the caller's memory, where that is as large as ours.
        const bool direct = out.size() >= buffer_.span().size();
        CO_TRY(piece_, co_await Next(direct ? out : buffer_.span()));
        if (direct) co_return std::exchange(piece_, {}).size();
    }
    const size_t length = std::min(out.size(), piece_.size());
    std::copy_n(piece_.begin(), length, out.begin());
    piece_ = piece_.subspan(length);
    // What it was needed for is done, however long the client takes to receive it.
    if (piece_.empty() && reader_.remaining_bytes() == 0) buffer_ = runtime::Buffer();
    co_return length;
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
