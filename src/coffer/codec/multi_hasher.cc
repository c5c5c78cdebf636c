#include "coffer/codec/multi_hasher.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "coffer/base/check.h"

namespace coffer::codec {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr size_t kLengthBytes = 8;

template <size_t kSize>
void CopyDigest(ByteView from, std::array<std::byte, kSize>& to) {
    COFFER_CHECK(from.size() == kSize);
    std::ranges::copy(from, to.begin());
}

}  // namespace

MultiHasher::Method MultiHasher::BestMethod() {
    return HasSha256Instructions() ? Method::kTogether : Method::kOpenSsl;
}

MultiHasher::MultiHasher(std::optional<ChecksumAlgorithm> checksum, Method method)
    : checksum_is_sha256_(checksum == ChecksumAlgorithm::kSha256) {
    if (method == Method::kOpenSsl) {
        md5_ = NewMd5();
        sha256_ = NewHasher(ChecksumAlgorithm::kSha256);
    }
    if (checksum && !checksum_is_sha256_) checksum_ = NewHasher(*checksum);
}

void MultiHasher::Update(ByteView data) {
    if (md5_ == nullptr) {
        UpdateTogether(data);
    } else {
        md5_->Update(data);
        sha256_->Update(data);
    }
    if (checksum_ != nullptr) checksum_->Update(data);
}

void MultiHasher::UpdateTogether(ByteView data) {
    const size_t begun = size_bytes_ % kDigestBlockBytes;
    size_bytes_ += data.size();
    if (begun != 0) {
        const ByteView piece = data.first(std::min(data.size(), kDigestBlockBytes - begun));
        std::ranges::copy(piece, block_.begin() + static_cast<ptrdiff_t>(begun));
        if (begun + piece.size() < kDigestBlockBytes) return;
        CompressMd5Sha256(state_, block_.data(), block_.data(), 1);
        data = data.subspan(piece.size());
    }
    CompressMd5Sha256(state_, data.data(), data.data(), data.size() / kDigestBlockBytes);
    const ByteView rest = data.last(data.size() % kDigestBlockBytes);
    std::ranges::copy(rest, block_.begin());
}

// A one bit, zeros, and the length in bits: little-endian for MD5 (RFC 1321, 3.1 and 3.2),
// big-endian for SHA-256 (FIPS 180-4, 5.1.1).
void MultiHasher::FinishTogether(Digests& digests) {
    std::array<std::byte, 2 * kDigestBlockBytes> md5_end{};
    const size_t begun = size_bytes_ % kDigestBlockBytes;
    std::copy_n(block_.begin(), begun, md5_end.begin());
    md5_end[begun] = std::byte{0x80};
    const size_t blocks = begun + 1 + kLengthBytes <= kDigestBlockBytes ? 1 : 2;
    std::array<std::byte, 2 * kDigestBlockBytes> sha256_end = md5_end;
    const size_t length_at = blocks * kDigestBlockBytes - kLengthBytes;
    const uint64_t bits = size_bytes_ * 8;
    const uint64_t bits_big_endian = __builtin_bswap64(bits);
    std::memcpy(md5_end.data() + length_at, &bits, kLengthBytes);
    std::memcpy(sha256_end.data() + length_at, &bits_big_endian, kLengthBytes);
    CompressMd5Sha256(state_, md5_end.data(), sha256_end.data(), blocks);

    for (uint32_t& word : state_.sha256)
        word = __builtin_bswap32(word);
    CopyDigest(std::as_bytes(std::span(state_.md5)), digests.md5);
    CopyDigest(std::as_bytes(std::span(state_.sha256)), digests.sha256);
}

MultiHasher::Digests MultiHasher::Finish() {
    Digests digests;
    if (md5_ == nullptr) {
        FinishTogether(digests);
    } else {
        CopyDigest(AsBytes(md5_->Finish()), digests.md5);
        CopyDigest(AsBytes(sha256_->Finish()), digests.sha256);
    }
    if (checksum_is_sha256_) digests.checksum = AsText(digests.sha256);
    if (checksum_ != nullptr) digests.checksum = checksum_->Finish();
    return digests;
}

}  // namespace coffer::codec
