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

Sha256Digest ToDigest(Sha256State state) {
    for (uint32_t& word : state)
        word = __builtin_bswap32(word);
    return std::bit_cast<Sha256Digest>(state);
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

void MultiHasher::Update(ByteView data, ByteView beside) {
    if (is_together()) {
        UpdateTogether(data, beside);
    } else {
        md5_->Update(data);
        sha256_->Update(data);
        if (!beside.empty()) UpdateBeside(beside);
    }
    if (checksum_ != nullptr) checksum_->Update(data);
}

// By OpenSSL. Few streams have another one beside them.
void MultiHasher::UpdateBeside(ByteView beside) {
    if (beside_ == nullptr) beside_ = NewHasher(ChecksumAlgorithm::kSha256);
    beside_->Update(beside);
}

void MultiHasher::UpdateTogether(ByteView data, ByteView beside) {
    buffer_.Update(data, [&](const std::byte* blocks, size_t count) {
        size_t both = 0;
        if (beside.size() >= kDigestBlockBytes && beside_buffer_.IsWhole()) {
            both = std::min(count, beside.size() / kDigestBlockBytes);
            CompressMd5Sha256Beside(state_, blocks, beside_state_, beside.data(), both);
            beside_buffer_.Pass(both);
            beside = beside.subspan(both * kDigestBlockBytes);
        }
        blocks += both * kDigestBlockBytes;
        if (count > both) CompressMd5Sha256(state_, blocks, blocks, count - both);
    });
    beside_buffer_.Update(beside, [this](const std::byte* blocks, size_t count) {
        CompressSha256(beside_state_, blocks, count);
    });
}

void MultiHasher::UpdatePair(MultiHasher& first, ByteView of_first, MultiHasher& second,
                             ByteView of_second) {
    size_t blocks = 0;
    if (first.is_together() && second.is_together() && first.buffer_.IsWhole() &&
        second.buffer_.IsWhole())
        blocks = std::min(of_first.size(), of_second.size()) / kDigestBlockBytes;
    if (blocks > 0) {
        CompressMd5Sha256Pair(first.state_, of_first.data(), second.state_, of_second.data(),
                              blocks);
        first.UpdateAfterPair(of_first, blocks);
        second.UpdateAfterPair(of_second, blocks);
    } else {
        first.Update(of_first);
        second.Update(of_second);
    }
}

// `data` begins with blocks that were compressed in a pair.
void MultiHasher::UpdateAfterPair(ByteView data, size_t blocks) {
    buffer_.Pass(blocks);
    UpdateTogether(data.subspan(blocks * kDigestBlockBytes), {});
    if (checksum_ != nullptr) checksum_->Update(data);
}

void MultiHasher::FinishTogether(Digests& digests) {
    const BlockBuffer::End md5_end = buffer_.Finish(false);
    const BlockBuffer::End sha256_end = buffer_.Finish(true);
    CompressMd5Sha256(state_, md5_end.bytes.data(), sha256_end.bytes.data(), md5_end.blocks);
    digests.md5 = std::bit_cast<Md5Digest>(state_.md5);
    digests.sha256 = ToDigest(state_.sha256);
}

Sha256Digest MultiHasher::FinishBeside() {
    Sha256Digest digest;
    if (!is_together()) {
        UpdateBeside({});
        CopyDigest(AsBytes(beside_->Finish()), digest);
        return digest;
    }
    const BlockBuffer::End end = beside_buffer_.Finish(true);
    CompressSha256(beside_state_, end.bytes.data(), end.blocks);
    return ToDigest(beside_state_);
}

MultiHasher::Digests MultiHasher::Finish() {
    Digests digests;
    if (is_together()) {
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
