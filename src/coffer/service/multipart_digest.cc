#include "coffer/service/multipart_digest.h"

#include <fmt/format.h>

#include "coffer/base/check.h"
#include "coffer/codec/hex.h"

namespace coffer::service {
namespace {

using codec::ChecksumAlgorithm;

uint64_t FromBigEndian(std::string_view raw) {
    uint64_t value = 0;
    for (const unsigned char byte : raw)
        value = (value << 8) | byte;
    return value;
}

std::string ToBigEndian(uint64_t value, size_t size) {
    std::string raw(size, '\0');
    for (size_t i = size; i-- > 0; value >>= 8)
        raw[i] = static_cast<char>(value & 0xff);
    return raw;
}

uint64_t Combine(ChecksumAlgorithm algorithm, uint64_t a, uint64_t b, uint64_t length_b) {
    switch (algorithm) {
        case ChecksumAlgorithm::kCrc32:
            return codec::CombineCrc32(static_cast<uint32_t>(a), static_cast<uint32_t>(b),
                                       length_b);
        case ChecksumAlgorithm::kCrc32c:
            return codec::CombineCrc32c(static_cast<uint32_t>(a), static_cast<uint32_t>(b),
                                        length_b);
        case ChecksumAlgorithm::kCrc64Nvme:
            return codec::CombineCrc64Nvme(a, b, length_b);
        case ChecksumAlgorithm::kSha1:
        case ChecksumAlgorithm::kSha256:
            break;
    }
    COFFER_FATAL("only CRCs combine: Uploads::Create lets no other be of the full object");
}

}  // namespace

std::string MultipartEtag(const std::vector<catalog::Part>& parts) {
    const std::unique_ptr<codec::Hasher> md5 = codec::NewMd5();
    for (const catalog::Part& part : parts) {
        const std::optional<std::string> digest = codec::FromHex(part.etag);
        COFFER_CHECK(digest.has_value());
        md5->Update(AsBytes(*digest));
    }
    return fmt::format("{}-{}", codec::ToHex(AsBytes(md5->Finish())), parts.size());
}

catalog::Checksum MultipartChecksum(const std::vector<catalog::Part>& parts,
                                    ChecksumAlgorithm algorithm, catalog::ChecksumType type) {
    if (type == catalog::ChecksumType::kComposite) {
        const std::unique_ptr<codec::Hasher> hasher = codec::NewHasher(algorithm);
        for (const catalog::Part& part : parts)
            hasher->Update(AsBytes(part.checksum));
        return {algorithm, type, hasher->Finish()};
    }
    uint64_t crc = 0;
    for (const catalog::Part& part : parts)
        crc = Combine(algorithm, crc, FromBigEndian(part.checksum), part.size_bytes);
    return {algorithm, type, ToBigEndian(crc, codec::ChecksumSize(algorithm))};
}

}  // namespace coffer::service
