#include "coffer/service/sealed_stream.h"

#include <algorithm>
#include <array>
#include <utility>

#include "coffer/base/check.h"

namespace coffer::service {
namespace {

using codec::kAeadTagBytes;
using codec::kPlainChunkBytes;
using codec::kSealedChunkBytes;

constexpr size_t kBatchChunks = runtime::kBufferBytes / kSealedChunkBytes;
static_assert(kBatchChunks * kSealedChunkBytes == runtime::kBufferBytes);

// Encrypting less than this costs about as much as a hop to another thread and back.
constexpr size_t kInPlaceBytes = kSealedChunkBytes;

// Decrypts what a store gives.
class OpeningSource final : public ByteSource {
  public:
    OpeningSource(std::unique_ptr<ByteSource> sealed, const codec::AeadKey& key,
                  runtime::Buffer buffer)
        : sealed_(std::move(sealed)), cipher_(key), buffer_(std::move(buffer)) {}

    // `chunks`: of the whole blob. The store's source gives `sealed_bytes` from `first` on.
    Task<Result<>> Begin(uint64_t first, uint64_t chunks, uint64_t sealed_bytes, size_t skip,
                         uint64_t length) {
        number_ = first;
        chunks_ = chunks;
        sealed_left_ = sealed_bytes;
        left_ = length;
        CO_TRY(co_await NextChunk());
        plain_ = plain_.subspan(skip);
        co_return Ok();
    }

    Task<Result<size_t>> Read(ByteSpan out) override {
        if (left_ == 0) co_return size_t{0};
        if (plain_.empty()) {
            CO_TRY(co_await NextChunk());
        }
        const size_t n = std::min<uint64_t>({out.size(), plain_.size(), left_});
        std::ranges::copy(plain_.first(n), out.begin());
        plain_ = plain_.subspan(n);
        left_ -= n;
        co_return n;
    }

  private:
    Task<Result<>> NextChunk() {
        if (loaded_.empty()) {
            CO_TRY(co_await Load());
        }
        const ByteSpan chunk = loaded_.first(std::min(loaded_.size(), kSealedChunkBytes));
        loaded_ = loaded_.subspan(chunk.size());
        if (!cipher_.Open(number_, number_ + 1 == chunks_, chunk))
            co_return Error(ErrorKind::kCorrupt,
                            "an encrypted chunk is not the one that was written there");
        ++number_;
        plain_ = chunk.first(chunk.size() - kAeadTagBytes);
        co_return Ok();
    }

    // Whole chunks, as many as fit.
    Task<Result<>> Load() {
        const size_t want = std::min<uint64_t>(
            sealed_left_,
            std::max(buffer_.span().size() / kSealedChunkBytes, size_t{1}) * kSealedChunkBytes);
        const ByteSpan room = buffer_.span().first(want);
        size_t filled = 0;
        while (filled < want) {
            CO_TRY(const size_t n, co_await sealed_->Read(room.subspan(filled)));
            if (n == 0)
                co_return Error(ErrorKind::kCorrupt, "a store gave fewer bytes than asked for");
            filled += n;
        }
        sealed_left_ -= want;
        loaded_ = room;
        co_return Ok();
    }

    const std::unique_ptr<ByteSource> sealed_;
    codec::ChunkCipher cipher_;
    const runtime::Buffer buffer_;
    ByteSpan loaded_;  // encrypted, from the next chunk on
    ByteSpan plain_;   // of the current one, not given out yet
    uint64_t number_ = 0;
    uint64_t chunks_ = 0;
    uint64_t sealed_left_ = 0;
    uint64_t left_ = 0;
};

}  // namespace

struct SealingSource::Batch {
    std::array<ByteSpan, kBatchChunks> chunks;  // each with its tag
    size_t count = 0;
};

SealingSource::SealingSource(ByteSource& plain, const codec::AeadKey& key,
                             const store::StageHints& hints, runtime::BlockingPool& pool,
                             runtime::Buffer buffer)
    : plain_(plain),
      cipher_(key),
      hasher_(hints.checksum),
      promised_(hints.size_bytes),
      pool_(pool),
      buffer_(std::move(buffer)) {}

Result<runtime::Buffer> SealingSource::TakeBuffer(runtime::BufferPool& pool,
                                                  const store::StageHints& hints) {
    constexpr uint64_t kMost = runtime::kBufferBytes;
    const uint64_t plain = std::min(hints.size_bytes.value_or(kMost), kMost);
    return pool.TakeAtLeast(std::min(codec::SealedSize(plain), kMost));
}

Task<Result<size_t>> SealingSource::Read(ByteSpan out) {
    if (ready_.empty() && !ended_) {
        CO_TRY(co_await Refill());
    }
    const size_t n = std::min(out.size(), ready_.size());
    std::ranges::copy(ready_.first(n), out.begin());
    ready_ = ready_.subspan(n);
    co_return n;
}

store::Digests SealingSource::TakeDigests() {
    codec::MultiHasher::Digests digests = hasher_.Finish();
    return {.size_bytes = total_,
            .sha256 = digests.sha256,
            .md5 = digests.md5,
            .checksum = std::move(digests.checksum)};
}

Task<Result<>> SealingSource::Refill() {
    Batch batch;
    size_t offset = 0;
    while (!ended_ && batch.count < kBatchChunks) {
        // The buffer is a whole number of chunks, or has room for all that was promised.
        const ByteSpan rest = buffer_.span().subspan(offset);
        if (rest.size() < kAeadTagBytes || (rest.size() == kAeadTagBytes && total_ > 0)) break;
        const ByteSpan slot = rest.first(std::min(rest.size(), kSealedChunkBytes));
        CO_TRY(const size_t filled, co_await FillChunk(slot.first(slot.size() - kAeadTagBytes)));
        // No bytes at all are one chunk; else a chunk has some.
        if (filled == 0 && total_ > 0) break;
        batch.chunks[batch.count++] = slot.first(filled + kAeadTagBytes);
        offset += filled + kAeadTagBytes;
    }
    // Only the last chunk is sealed as such, so that it must be known by now.
    if (!ended_ && !(promised_ && total_ < *promised_)) {
        CO_TRY(co_await LookForEnd());
    }
    if (offset <= kInPlaceBytes) {
        HashAndSeal(batch);
    } else {
        CO_TRY(co_await pool_.Run([&]() -> Result<> {
            HashAndSeal(batch);
            return Ok();
        }));
    }
    ready_ = buffer_.span().first(offset);
    co_return Ok();
}

// Reads until `room` is full or the source ends.
Task<Result<size_t>> SealingSource::FillChunk(ByteSpan room) {
    size_t filled = 0;
    if (ahead_ && !room.empty()) {
        room[filled++] = *ahead_;
        ahead_.reset();
    }
    while (filled < room.size()) {
        CO_TRY(const size_t n, co_await plain_.Read(room.subspan(filled)));
        if (n == 0) {
            ended_ = true;
            break;
        }
        filled += n;
    }
    total_ += filled;
    co_return filled;
}

Task<Result<>> SealingSource::LookForEnd() {
    std::byte next{};
    CO_TRY(const size_t n, co_await plain_.Read(ByteSpan(&next, 1)));
    if (n == 0) {
        ended_ = true;
        co_return Ok();
    }
    if (promised_)
        co_return Error(ErrorKind::kInvalid, "IncompleteBody",
                        "more bytes came than the Content-Length HTTP header specified");
    ahead_ = next;
    co_return Ok();
}

void SealingSource::HashAndSeal(const Batch& batch) {
    for (size_t i = 0; i < batch.count; ++i) {
        const ByteSpan chunk = batch.chunks[i];
        hasher_.Update(chunk.first(chunk.size() - kAeadTagBytes));
        cipher_.Seal(number_++, ended_ && i + 1 == batch.count, chunk);
    }
}

Task<Result<std::unique_ptr<ByteSource>>> OpenSealed(store::Store& store, std::string copy_key,
                                                     uint64_t sealed_bytes, codec::AeadKey key,
                                                     store::ByteRange range,
                                                     runtime::BufferPool& buffers) {
    COFFER_CHECK(range.length > 0);
    const uint64_t chunks = codec::ChunkCount(codec::UnsealedSize(sealed_bytes));
    const uint64_t first = range.offset / kPlainChunkBytes;
    const uint64_t last = (range.offset + range.length - 1) / kPlainChunkBytes;
    if (last >= chunks)
        co_return Error(ErrorKind::kCorrupt,
                        "an encrypted blob is shorter than the catalogue says");
    const uint64_t begin = first * kSealedChunkBytes;
    const uint64_t end = std::min((last + 1) * kSealedChunkBytes, sealed_bytes);
    CO_TRY(auto sealed, co_await store.Read(std::move(copy_key), {begin, end - begin}));
    CO_TRY(runtime::Buffer buffer,
           buffers.TakeAtLeast(std::min<uint64_t>(end - begin, runtime::kBufferBytes)));
    auto source = std::make_unique<OpeningSource>(std::move(sealed), key, std::move(buffer));
    CO_TRY(co_await source->Begin(first, chunks, end - begin, range.offset % kPlainChunkBytes,
                                  range.length));
    co_return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace coffer::service
