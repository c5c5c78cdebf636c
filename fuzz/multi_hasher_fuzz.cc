// However a stream is cut, its digests are those that OpenSSL gives for the whole.
#include "coffer/codec/multi_hasher.h"

#include "fuzz/fuzz.h"

void coffer::fuzz::Fuzz(std::string_view input) {
    using codec::MultiHasher;
    // The first bytes say how long the pieces are; the rest is what is hashed.
    constexpr size_t kCuts = 8;
    const std::string_view cuts = input.substr(0, kCuts);
    const ByteView data = AsBytes(input.substr(cuts.size()));
    MultiHasher hasher(codec::ChecksumAlgorithm::kSha256);
    ByteView rest = data;
    for (const char cut : cuts) {
        const ByteView piece = rest.first(std::min<size_t>(static_cast<uint8_t>(cut), rest.size()));
        hasher.Update(piece);
        rest = rest.subspan(piece.size());
    }
    hasher.Update(rest);
    const MultiHasher::Digests digests = hasher.Finish();
    COFFER_CHECK(digests.md5 == codec::Md5(data));
    const auto sha256 = codec::NewHasher(codec::ChecksumAlgorithm::kSha256);  // OpenSSL's
    sha256->Update(data);
    COFFER_CHECK(AsText(digests.sha256) == sha256->Finish());
    COFFER_CHECK(digests.sha256 == codec::Sha256(data));
    COFFER_CHECK(digests.checksum == AsText(digests.sha256));
}
