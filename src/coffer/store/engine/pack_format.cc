#include "coffer/store/engine/pack_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "coffer/store/engine/little_endian.h"

namespace coffer::store::engine {
namespace {

constexpr uint16_t kFormatVersion = 1;

// Of a segment's header.
constexpr std::string_view kSegmentMagic = "CofrPack";
constexpr size_t kSegmentVersionOffset = 8;
constexpr size_t kSegmentChunkOffset = 12;
constexpr size_t kSegmentIdOffset = 16;
constexpr size_t kSegmentNumberOffset = 24;
constexpr size_t kSegmentCrcOffset = 60;

// Of a record's header.
constexpr std::string_view kRecordMagic = "CRec";
constexpr std::string_view kLiveState = "live";
constexpr size_t kIdOffset = 8;
constexpr size_t kOffsetOffset = 16;
constexpr size_t kSizeOffset = 20;
constexpr size_t kSha256Offset = 24;
constexpr size_t kVersionOffset = 56;
constexpr size_t kReservedOffset = 58;
constexpr size_t kCrcOffset = 60;

constexpr std::string_view kSegmentSuffix = ".pack";
constexpr size_t kNumberDigits = 8;

Error Corrupt(std::string_view what) {
    return Error(ErrorKind::kCorrupt, fmt::format("a pack is damaged: {}", what));
}

// Of all but the state, which changes.
uint32_t CrcOf(ByteView header) {
    const uint32_t crc = codec::Crc32c(0, header.first(kStateOffset));
    return codec::Crc32c(crc, header.subspan(kIdOffset, kCrcOffset - kIdOffset));
}

void Put(ByteSpan out, size_t offset, std::string_view text) {
    std::ranges::copy(AsBytes(text), out.begin() + static_cast<ptrdiff_t>(offset));
}

// Lower-case hexadecimal digits, all of `text`.
std::optional<uint32_t> ParseHex(std::string_view text) {
    uint32_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [parsed, error] = std::from_chars(text.data(), end, value, 16);
    if (error != std::errc() || parsed != end) return std::nullopt;
    return value;
}

}  // namespace

std::array<std::byte, kSegmentHeaderBytes> EncodeSegmentHeader(const SegmentHeader& header) {
    std::array<std::byte, kSegmentHeaderBytes> out{};
    Put(out, 0, kSegmentMagic);
    StoreLittleEndian(out, kSegmentVersionOffset, uint32_t{kFormatVersion});
    StoreLittleEndian(out, kSegmentChunkOffset, uint32_t{kChunkBytes});
    StoreLittleEndian(out, kSegmentIdOffset, header.id);
    StoreLittleEndian(out, kSegmentNumberOffset, header.number);
    StoreLittleEndian(out, kSegmentCrcOffset,
                      codec::Crc32c(0, ByteView(out).first(kSegmentCrcOffset)));
    return out;
}

Result<SegmentHeader> DecodeSegmentHeader(ByteView bytes) {
    if (bytes.size() != kSegmentHeaderBytes) return Corrupt("a segment is too short");
    if (AsText(bytes.first(kSegmentMagic.size())) != kSegmentMagic) {
        return Corrupt("a segment's header is missing");
    }
    if (LoadLittleEndian<uint32_t>(bytes, kSegmentCrcOffset) !=
        codec::Crc32c(0, bytes.first(kSegmentCrcOffset))) {
        return Corrupt("a segment's header does not match its checksum");
    }
    if (LoadLittleEndian<uint32_t>(bytes, kSegmentVersionOffset) != kFormatVersion ||
        LoadLittleEndian<uint32_t>(bytes, kSegmentChunkOffset) != kChunkBytes) {
        return Error(ErrorKind::kUnsupported, "a pack has the format of a later Coffer");
    }
    return SegmentHeader{LoadLittleEndian<uint32_t>(bytes, kSegmentNumberOffset),
                         LoadLittleEndian<uint64_t>(bytes, kSegmentIdOffset)};
}

std::array<std::byte, kRecordHeaderBytes> EncodeRecordHeader(const RecordHeader& header) {
    std::array<std::byte, kRecordHeaderBytes> out{};
    Put(out, 0, kRecordMagic);
    Put(out, kStateOffset, header.state == RecordState::kLive ? kLiveState : kRemovedState);
    StoreLittleEndian(out, kIdOffset, header.segment_id);
    StoreLittleEndian(out, kOffsetOffset, header.offset);
    StoreLittleEndian(out, kSizeOffset, header.size_bytes);
    std::ranges::copy(header.sha256, out.begin() + kSha256Offset);
    StoreLittleEndian(out, kVersionOffset, kFormatVersion);
    StoreLittleEndian(out, kCrcOffset, CrcOf(out));
    return out;
}

Result<RecordHeader> DecodeRecordHeader(ByteView bytes) {
    if (bytes.size() != kRecordHeaderBytes) return Corrupt("it ends inside a record");
    if (AsText(bytes.first(kRecordMagic.size())) != kRecordMagic) {
        return Corrupt("a record's header is missing");
    }
    if (LoadLittleEndian<uint32_t>(bytes, kCrcOffset) != CrcOf(bytes)) {
        return Corrupt("a record's header does not match its checksum");
    }
    if (LoadLittleEndian<uint16_t>(bytes, kVersionOffset) != kFormatVersion ||
        LoadLittleEndian<uint16_t>(bytes, kReservedOffset) != 0) {
        return Error(ErrorKind::kUnsupported, "a pack has the format of a later Coffer");
    }
    RecordHeader header;
    header.segment_id = LoadLittleEndian<uint64_t>(bytes, kIdOffset);
    header.offset = LoadLittleEndian<uint32_t>(bytes, kOffsetOffset);
    header.size_bytes = LoadLittleEndian<uint32_t>(bytes, kSizeOffset);
    std::ranges::copy(bytes.subspan(kSha256Offset, header.sha256.size()), header.sha256.begin());
    if (header.size_bytes > kMaxPackedBytes) return Corrupt("a record is too large");
    const std::string_view state = AsText(bytes.subspan(kStateOffset, kLiveState.size()));
    if (state == kRemovedState) {
        header.state = RecordState::kRemoved;
    } else if (state != kLiveState) {
        return Corrupt("a record is neither live nor removed");
    }
    return header;
}

uint32_t TagOf(const codec::Sha256Digest& sha256) {
    uint32_t tag = 0;
    for (size_t i = 0; i < sizeof tag; ++i)
        tag = tag << 8 | std::to_integer<uint32_t>(sha256[i]);
    return tag;
}

std::string ToString(const PackKey& key) {
    return fmt::format("p{:08x}/{:08x}/{:x}/{:08x}", key.segment, key.offset, key.size_bytes,
                       key.tag);
}

std::optional<PackKey> ParsePackKey(std::string_view key) {
    // p, the segment, a slash, the offset, a slash, the size, a slash, the tag.
    constexpr size_t kOffsetAt = 2 + kNumberDigits;
    constexpr size_t kSizeAt = kOffsetAt + kNumberDigits + 1;
    if (key.size() <= kSizeAt + 1 + kNumberDigits || key[0] != 'p') return std::nullopt;
    const size_t tag_at = key.size() - kNumberDigits;
    const auto segment = ParseHex(key.substr(1, kNumberDigits));
    const auto offset = ParseHex(key.substr(kOffsetAt, kNumberDigits));
    const auto size_bytes = ParseHex(key.substr(kSizeAt, tag_at - 1 - kSizeAt));
    const auto tag = ParseHex(key.substr(tag_at));
    if (!segment || !offset || !size_bytes || !tag) return std::nullopt;
    const PackKey parsed{*segment, *offset, *size_bytes, *tag};
    // One spelling for one copy; and a place where a record can be.
    if (*size_bytes > kMaxPackedBytes || *offset % kRecordAlignment != 0 ||
        *offset < kSegmentHeaderBytes || ToString(parsed) != key) {
        return std::nullopt;
    }
    return parsed;
}

std::string SegmentName(uint32_t number) {
    return fmt::format("{:08x}{}", number, kSegmentSuffix);
}

std::optional<uint32_t> ParseSegmentName(std::string_view name) {
    const auto number = ParseHex(name.substr(0, std::min(name.size(), kNumberDigits)));
    if (!number || SegmentName(*number) != name) return std::nullopt;
    return number;
}

}  // namespace coffer::store::engine
