#include "coffer/service/sealed_stream.h"

#include <algorithm>
#include <utility>

#include "coffer/base/check.h"

namespace coffer::service {
namespace {

using codec::kAeadTagBytes;
using codec::kPlainChunkBytes;
using codec::kSealedChunkBytes;

// At a time: what is hashed and then encrypted, and the piece before it that is hashed beside it,
// all stay in the fastest cache.
constexpr size_t kPieceBytes = 8_KiB;
static_assert(kPieceBytes % codec::kDigestBlockBytes == 0);

// A store's buffer has room for whole chunks, so that all of them are sealed in place.
static_assert(runtime::kBufferBytes % kSealedChunkBytes == 0);

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
        CO_TRY(co_await Load());
        CO_TRY(OpenInPlace());
        plain_ = plain_.subspan(skip);
        co_return Ok();
    }

    Task<Result<size_t>> Read(ByteSpan out) override {
        if (left_ == 0) co_return size_t{0};
        if (plain_.empty()) {
            if (loaded_.empty()) {
                CO_TRY(co_await Load());
            }
            CO_TRY(const size_t opened, OpenInto(out));
            if (opened > 0) co_return opened;
            CO_TRY(OpenInPlace());
        }
        const size_t n = std::min<uint64_t>({out.size(), plain_.size(), left_});
        std::ranges::copy(plain_.first(n), out.begin());
        plain_ = plain_.subspan(n);
        left_ -= n;
        co_return n;
    }

  private:
    // What is loaded, straight into the caller's memory: the chunks that are wanted whole and fit.
    // On the caller's thread: a buffer of them takes less than a tenth of a millisecond.
    Result<size_t> OpenInto(ByteSpan out) {
        size_t opened = 0;
        while (!loaded_.empty()) {
            const size_t plain = NextChunkBytes() - kAeadTagBytes;
            if (plain > left_ || plain > out.size() - opened) break;
            const Result<> next = OpenNext(out.subspan(opened, plain));
            // What is before it goes out; the chunk itself is met again, and fails then.
            if (!next && opened > 0) break;
            TRY(next);
            opened += plain;
            left_ -= plain;
        }
        return opened;
    }

    Result<> OpenInPlace() {
        const ByteSpan plain = loaded_.first(NextChunkBytes() - kAeadTagBytes);
        TRY(OpenNext(plain));
        plain_ = plain;
        return Ok();
    }

    size_t NextChunkBytes() const { return std::min(loaded_.size(), kSealedChunkBytes); }

    Result<> OpenNext(ByteSpan plain) {
        const ByteSpan chunk = loaded_.first(NextChunkBytes());
        if (!cipher_.Open(number_, number_ + 1 == chunks_, chunk, plain))
            return Error(ErrorKind::kCorrupt,
                         "an encrypted chunk is not the one that was written there");
        ++number_;
        loaded_ = loaded_.subspan(chunk.size());
        return Ok();
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

SealingSource::SealingSource(ByteSource& plain, const codec::AeadKey& key,
                             const store::StageHints& hints, runtime::BlockingPool& pool,
                             runtime::BufferPool& buffers)
    : plain_(plain),
      cipher_(key),
      hasher_(hints.checksum),
      promised_(hints.size_bytes),
      pool_(pool),
      buffers_(buffers) {}

Task<Result<size_t>> SealingSource::Read(ByteSpan out) {
    if (ready_.empty() && !ended_) {
        if (out.size() >= RoomForNext()) co_return co_await Refill(out);
        if (!own_) {
            CO_TRY(own_, buffers_.TakeAtLeast(RoomForNext()));
        }
        CO_TRY(const size_t sealed, co_await Refill(own_.span()));
        ready_ = own_.span().first(sealed);
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

// Of the next chunk, at most; plain.
uint64_t SealingSource::MayStillCome() const {
    return std::min<uint64_t>(kPlainChunkBytes, promised_.value_or(UINT64_MAX) - total_);
}

size_t SealingSource::RoomForNext() const {
    return MayStillCome() + kAeadTagBytes;
}

// Fills `room`, which has at least RoomForNext() bytes, with encrypted chunks. Returns their bytes.
Task<Result<size_t>> SealingSource::Refill(ByteSpan room) {
    size_t filled = 0;
    do {
        const size_t most = MayStillCome();
        CO_TRY(const size_t plain, co_await FillChunk(room.subspan(filled, most)));
        // No bytes at all are one chunk; else a chunk has some.
        if (plain == 0 && total_ > 0) break;
        filled += plain + kAeadTagBytes;
    } while (!ended_ && MayStillCome() > 0 && room.size() - filled >= RoomForNext());
    // Only the last chunk is sealed as such, so that it must be known by now.
    if (!ended_ && !(promised_ && total_ < *promised_)) {
        CO_TRY(co_await LookForEnd());
    }
    const ByteSpan chunks = room.first(filled);
    if (filled <= kInPlaceBytes) {
        HashAndSeal(chunks);
    } else {
        CO_TRY(co_await pool_.Run([&]() -> Result<> {
            HashAndSeal(chunks);
            return Ok();
        }));
    }
    co_return filled;
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

// `chunks` follow each other, each with room for its tag. A piece is hashed while the one before
// it, encrypted by then, is hashed beside it.
void SealingSource::HashAndSeal(ByteSpan chunks) {
    size_t hashed = 0;  // of the encrypted bytes
    size_t sealed = 0;
    while (sealed < chunks.size()) {
        const size_t end = std::min(chunks.size(), sealed + kSealedChunkBytes);
        const size_t plain_end = end - kAeadTagBytes;
        cipher_.BeginSeal(number_++, ended_ && end == chunks.size());
        while (sealed < plain_end) {
            const ByteSpan piece =
                chunks.subspan(sealed, std::min(plain_end - sealed, kPieceBytes));
            hasher_.Update(piece, chunks.subspan(hashed, sealed - hashed));
            hashed = sealed;
            cipher_.Encrypt(piece);
            sealed += piece.size();
        }
        cipher_.EndSeal(chunks.subspan(plain_end, kAeadTagBytes));
        sealed = end;
    }
    hasher_.Update({}, chunks.subspan(hashed));
}

Task<Result<std::unique_ptr<ByteSource>>> OpenSealed(store::Store& store, std::string copy_key,
                                                     uint64_t sealed_bytes, codec::AeadKey key,
                                                     store::ByteRange range,
                                                     runtime::BufferPool& buffers) {
    COFFER_CHECK(range.length > 0);
    const uint64_t plain_bytes = codec::UnsealedSize(sealed_bytes);
    if (range.offset + range.length > plain_bytes)
        co_return Error(ErrorKind::kCorrupt,
                        "an encrypted blob is shorter than the catalogue says");
    const uint64_t chunks = codec::ChunkCount(plain_bytes);
    const uint64_t first = range.offset / kPlainChunkBytes;
    const uint64_t last = (range.offset + range.length - 1) / kPlainChunkBytes;
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
