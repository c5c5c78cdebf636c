// Digests and checksums of bytes that come in pieces: MD5, SHA-1, SHA-256, CRC32, CRC32C,
// CRC64NVME.
//
// CRCs are held as S3 writes them: big-endian bytes. Sources: RFC 1321 (MD5), FIPS 180-4 (SHA), RFC
// 3720 12.1 (CRC32C), ISO 3309 (CRC32), NVM Express NVM Command Set 1.0, 5.2.1.3.4 (CRC64NVME).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"

namespace coffer::codec {

using Md5Digest = std::array<std::byte, 16>;
using Sha256Digest = std::array<std::byte, 32>;

Md5Digest Md5(ByteView data);
Sha256Digest Sha256(ByteView data);
Sha256Digest HmacSha256(ByteView key, ByteView data);
std::array<std::byte, 20> HmacSha1(ByteView key, ByteView data);

// CRC32C of `data`, going on from `crc` (0 to begin with). By the processor's instruction where it
// has one.
uint32_t Crc32c(uint32_t crc, ByteView data);
uint32_t Crc32(uint32_t crc, ByteView data);
uint64_t Crc64Nvme(uint64_t crc, ByteView data);

// The CRC of A followed by B, from the CRC of each and B's length.
uint32_t CombineCrc32c(uint32_t crc_a, uint32_t crc_b, uint64_t length_b);
uint32_t CombineCrc32(uint32_t crc_a, uint32_t crc_b, uint64_t length_b);
uint64_t CombineCrc64Nvme(uint64_t crc_a, uint64_t crc_b, uint64_t length_b);

// The checksums that S3 clients ask for by x-amz-checksum-*.
enum class ChecksumAlgorithm : uint8_t { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256 };

std::string_view ChecksumName(
    ChecksumAlgorithm algorithm);  // "CRC32C", as in x-amz-checksum-algorithm
std::string_view ChecksumHeader(ChecksumAlgorithm algorithm);   // "x-amz-checksum-crc32c"
std::string_view ChecksumElement(ChecksumAlgorithm algorithm);  // "ChecksumCRC32C", as in XML
std::optional<ChecksumAlgorithm> ParseChecksumName(
    std::string_view name);                        // without regard to case
size_t ChecksumSize(ChecksumAlgorithm algorithm);  // bytes of the raw digest

// A running digest. Not thread-safe; Update and Finish in turn, Finish once.
class Hasher {
  public:
    virtual ~Hasher() = default;
    virtual void Update(ByteView data) = 0;
    // The raw digest: CRCs big-endian, as S3 encodes them before Base64.
    virtual std::string Finish() = 0;
};

std::unique_ptr<Hasher> NewHasher(ChecksumAlgorithm algorithm);
std::unique_ptr<Hasher> NewMd5();

}  // namespace coffer::codec
