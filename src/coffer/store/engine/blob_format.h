// The form of a blob's file: docs/formats/blob-file.md. The blob's bytes, then the CRC32C of each
// 64 KiB chunk of them, then a footer. Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/codec/digest.h"

namespace coffer::store::engine {

inline constexpr size_t kChunkBytes = 64_KiB;
inline constexpr size_t kChunkCrcBytes = 4;
inline constexpr size_t kFooterBytes = 64;

// The greatest object of S3 is far below; it keeps sums of sizes inside 64 bits.
inline constexpr uint64_t kMaxBlobBytes = 1024_TiB;

struct Footer {
    uint64_t size_bytes = 0;
    codec::Sha256Digest sha256{};
};

// Chunks of a blob of `size_bytes`; the last one may be shorter than the others.
constexpr uint64_t ChunkCount(uint64_t size_bytes) {
    return (size_bytes + kChunkBytes - 1) / kChunkBytes;
}

constexpr uint64_t FileBytes(uint64_t size_bytes) {
    return size_bytes + kChunkCrcBytes * ChunkCount(size_bytes) + kFooterBytes;
}

// The size of the blob whose file has `file_bytes`; nothing when no blob's file has that length.
std::optional<uint64_t> BlobBytes(uint64_t file_bytes);

void AppendChunkCrc(Bytes& table, uint32_t crc);
uint32_t ChunkCrcAt(ByteView table, size_t index);

std::array<std::byte, kFooterBytes> EncodeFooter(const Footer& footer);

// `bytes`: the last kFooterBytes of a file of `file_bytes`. kCorrupt when a bit of it, or the
// file's length, is not as EncodeFooter's caller left it; kUnsupported for a format of a later
// Coffer.
Result<Footer> DecodeFooter(ByteView bytes, uint64_t file_bytes);

// The key of a copy, and its path below the blobs' directory: the first two hexadecimal digits of
// the SHA-256, a slash, all 64 of them.
std::string KeyOf(const codec::Sha256Digest& sha256);

// Nothing for what KeyOf never returned: other lengths, capital letters, a wrong directory.
std::optional<codec::Sha256Digest> ParseKey(std::string_view key);

}  // namespace coffer::store::engine
