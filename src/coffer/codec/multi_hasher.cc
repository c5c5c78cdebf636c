#include "coffer/codec/multi_hasher.h"

#include <algorithm>
#include <bit>

#include "coffer/base/check.h"

namespace coffer::codec {
namespace {

static_assert(std::endian::native == std::endian::little);

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
        buffer_.Update(data, [this](const std::byte* blocks, size_t count) {
            CompressMd5Sha256(state_, blocks, blocks, count);
        });
    } else {
        md5_->Update(data);
        sha256_->Update(data);
    }
    if (checksum_ != nullptr) checksum_->Update(data);
}

void MultiHasher::FinishTogether(Digests& digests) {
    const BlockBuffer::End md5_end = buffer_.Finish(false);
    const BlockBuffer::End sha256_end = buffer_.Finish(true);
    CompressMd5Sha256(state_, md5_end.bytes.data(), sha256_end.bytes.data(), md5_end.blocks);
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
