#include "coffer/store/engine/blob_hasher.h"

#include <algorithm>
#include <string>

#include "coffer/base/check.h"
#include "coffer/store/engine/blob_format.h"

namespace coffer::store::engine {
namespace {

std::unique_ptr<codec::Hasher> NewChecksum(std::optional<codec::ChecksumAlgorithm> algorithm) {
    if (!algorithm || *algorithm == codec::ChecksumAlgorithm::kSha256) return nullptr;
    return codec::NewHasher(*algorithm);
}

template <size_t kSize>
void CopyDigest(const std::string& from, std::array<std::byte, kSize>& to) {
    COFFER_CHECK(from.size() == kSize);
    std::ranges::copy(AsBytes(from), to.begin());
}

}  // namespace

BlobHasher::BlobHasher(std::optional<codec::ChecksumAlgorithm> checksum)
    : md5_(codec::NewMd5()),
      sha256_(codec::NewHasher(codec::ChecksumAlgorithm::kSha256)),
      checksum_(NewChecksum(checksum)),
      checksum_is_sha256_(checksum == codec::ChecksumAlgorithm::kSha256) {}

void BlobHasher::Update(ByteView data) {
    // Chunk by chunk, so that each digest finds the bytes in the processor's cache.
    while (!data.empty()) {
        const size_t to_chunk_end = kChunkBytes - size_bytes_ % kChunkBytes;
        const ByteView piece = data.first(std::min(data.size(), to_chunk_end));
        md5_->Update(piece);
        sha256_->Update(piece);
        if (checksum_ != nullptr) checksum_->Update(piece);
        UpdateChunk(piece);
        data = data.subspan(piece.size());
    }
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
    Digests digests;
    digests.size_bytes = size_bytes_;
    CopyDigest(md5_->Finish(), digests.md5);
    const std::string sha256 = sha256_->Finish();
    CopyDigest(sha256, digests.sha256);
    if (checksum_is_sha256_) digests.checksum = sha256;
    if (checksum_ != nullptr) digests.checksum = checksum_->Finish();
    return digests;
}

}  // namespace coffer::store::engine
