#include "coffer/store/engine/blob_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "coffer/base/check.h"
#include "coffer/codec/hex.h"
#include "coffer/store/engine/little_endian.h"

namespace coffer::store::engine {
namespace {

constexpr std::string_view kMagic = "CofrBlob";
constexpr uint32_t kFormatVersion = 1;

// Offsets in the footer; all numbers are little-endian.
constexpr size_t kVersionOffset = 8;
constexpr size_t kChunkBytesOffset = 12;
constexpr size_t kSizeOffset = 16;
constexpr size_t kSha256Offset = 24;
constexpr size_t kReservedOffset = 56;
constexpr size_t kCrcOffset = 60;

Error Corrupt(std::string_view what) {
    return Error(ErrorKind::kCorrupt, fmt::format("a blob's file is damaged: {}", what));
}

}  // namespace

std::optional<uint64_t> BlobBytes(uint64_t file_bytes) {
    if (file_bytes < kFooterBytes || file_bytes > FileBytes(kMaxBlobBytes)) return std::nullopt;
    constexpr uint64_t kWithCrc = kChunkBytes + kChunkCrcBytes;
    const uint64_t body = file_bytes - kFooterBytes;
    const uint64_t last = body % kWithCrc;
    if (last != 0 && last <= kChunkCrcBytes) return std::nullopt;
    return body - kChunkCrcBytes * ((body + kWithCrc - 1) / kWithCrc);
}

void AppendChunkCrc(Bytes& table, uint32_t crc) {
    table.resize(table.size() + kChunkCrcBytes);
    StoreLittleEndian(table, table.size() - kChunkCrcBytes, crc);
}

uint32_t ChunkCrcAt(ByteView table, size_t index) {
    return LoadLittleEndian<uint32_t>(table, index * kChunkCrcBytes);
}

std::array<std::byte, kFooterBytes> EncodeFooter(const Footer& footer) {
    COFFER_CHECK(footer.size_bytes <= kMaxBlobBytes);
    std::array<std::byte, kFooterBytes> out{};
    std::ranges::copy(AsBytes(kMagic), out.begin());
    StoreLittleEndian(out, kVersionOffset, kFormatVersion);
    StoreLittleEndian(out, kChunkBytesOffset, uint32_t{kChunkBytes});
    StoreLittleEndian(out, kSizeOffset, footer.size_bytes);
    std::ranges::copy(footer.sha256, out.begin() + kSha256Offset);
    StoreLittleEndian(out, kCrcOffset, codec::Crc32c(0, ByteView(out).first(kCrcOffset)));
    return out;
}

Result<Footer> DecodeFooter(ByteView bytes, uint64_t file_bytes) {
    if (bytes.size() != kFooterBytes) return Corrupt("it is too short");
    if (AsText(bytes.first(kMagic.size())) != kMagic) return Corrupt("its footer is missing");
    if (LoadLittleEndian<uint32_t>(bytes, kCrcOffset) !=
        codec::Crc32c(0, bytes.first(kCrcOffset))) {
        return Corrupt("its footer does not match its checksum");
    }
    if (LoadLittleEndian<uint32_t>(bytes, kVersionOffset) != kFormatVersion ||
        LoadLittleEndian<uint32_t>(bytes, kChunkBytesOffset) != kChunkBytes ||
        LoadLittleEndian<uint32_t>(bytes, kReservedOffset) != 0) {
        return Error(ErrorKind::kUnsupported, "a blob's file has the format of a later Coffer");
    }
    Footer footer;
    footer.size_bytes = LoadLittleEndian<uint64_t>(bytes, kSizeOffset);
    std::ranges::copy(bytes.subspan(kSha256Offset, footer.sha256.size()), footer.sha256.begin());
    if (footer.size_bytes > kMaxBlobBytes || FileBytes(footer.size_bytes) != file_bytes) {
        return Corrupt("its length is not what its footer says");
    }
    return footer;
}

std::string KeyOf(const codec::Sha256Digest& sha256) {
    const std::string hex = codec::ToHex(sha256);
    return hex.substr(0, 2) + "/" + hex;
}

std::optional<codec::Sha256Digest> ParseKey(std::string_view key) {
    codec::Sha256Digest sha256;
    constexpr size_t kDirectoryChars = 3;
    if (key.size() != kDirectoryChars + 2 * sha256.size()) return std::nullopt;
    const std::string_view hex = key.substr(kDirectoryChars);
    for (size_t i = 0; i < sha256.size(); ++i) {
        const int high = codec::HexDigitValue(hex[2 * i]);
        const int low = codec::HexDigitValue(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        sha256[i] = static_cast<std::byte>(high << 4 | low);
    }
    // One spelling for one copy: no capital letters, the right directory.
    if (KeyOf(sha256) != key) return std::nullopt;
    return sha256;
}

}  // namespace coffer::store::engine
