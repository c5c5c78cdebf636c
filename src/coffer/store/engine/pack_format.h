// The form of a segment of the packs: docs/formats/pack.md. A header, then records, each at a
// multiple of 64 bytes: a header, the CRC32C of each 64 KiB chunk of the content, the content.
// Nothing of it is ever written over, but for the state of a record. Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/codec/digest.h"
#include "coffer/store/engine/blob_format.h"

namespace coffer::store::engine {

// A header lies inside one sector of a disk, so that a power loss leaves all of it or nothing.
inline constexpr size_t kRecordAlignment = 64;
inline constexpr size_t kSegmentHeaderBytes = 64;
inline constexpr size_t kRecordHeaderBytes = 64;

inline constexpr uint64_t kMaxSegmentBytes = 1_GiB;

// A record fits into one buffer of the pool.
inline constexpr uint64_t kMaxPackedBytes = 255_KiB;

struct SegmentHeader {
    uint32_t number = 0;
    uint64_t id = 0;  // random: no record of another segment passes for one of this
};

enum class RecordState : uint8_t { kLive, kRemoved };

struct RecordHeader {
    uint64_t segment_id = 0;
    uint32_t offset = 0;      // of the record in its segment
    uint32_t size_bytes = 0;  // of the content
    codec::Sha256Digest sha256{};
    RecordState state = RecordState::kLive;
};

// Where the content begins in a record, and how many bytes the record takes.
constexpr uint64_t ContentOffset(uint64_t size_bytes) {
    return kRecordHeaderBytes + kChunkCrcBytes * ChunkCount(size_bytes);
}
constexpr uint64_t RecordBytes(uint64_t size_bytes) {
    const uint64_t used = ContentOffset(size_bytes) + size_bytes;
    return (used + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

std::array<std::byte, kSegmentHeaderBytes> EncodeSegmentHeader(const SegmentHeader& header);

// kCorrupt; kUnsupported for a format of a later Coffer.
Result<SegmentHeader> DecodeSegmentHeader(ByteView bytes);

std::array<std::byte, kRecordHeaderBytes> EncodeRecordHeader(const RecordHeader& header);

// kCorrupt, also where there never was a record; kUnsupported for a format of a later Coffer.
Result<RecordHeader> DecodeRecordHeader(ByteView bytes);

// What is written over the state of a record that is removed, and where in its header.
inline constexpr size_t kStateOffset = 4;
inline constexpr std::string_view kRemovedState = "gone";

// The key of a copy: "p" and the segment's number, the record's offset, the size of the content,
// and the first four bytes of its SHA-256, all hexadecimal. Keys sort as their records lie.
struct PackKey {
    uint32_t segment = 0;
    uint32_t offset = 0;
    uint32_t size_bytes = 0;
    uint32_t tag = 0;

    friend bool operator==(const PackKey&, const PackKey&) = default;
};

uint32_t TagOf(const codec::Sha256Digest& sha256);
std::string ToString(const PackKey& key);

// Nothing for what ToString never returns.
std::optional<PackKey> ParsePackKey(std::string_view key);

// "0000002a.pack", and back.
std::string SegmentName(uint32_t number);
std::optional<uint32_t> ParseSegmentName(std::string_view name);

}  // namespace coffer::store::engine
