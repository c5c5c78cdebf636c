// The directory of a ZIP archive, read from where it lies. Pure functions; any thread may call
// them.
//
// Source: PKWARE's APPNOTE.TXT 6.3.10, with its ZIP64 extensions. Archives of several disks are not
// read. All fields are the archive's word: sizes and places are checked against its length, and
// whoever reads an entry checks the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"

namespace coffer::codec {

// The end of an archive says where its directory is: it lies within so many last bytes (a comment
// of 65,535 bytes, and the records of ZIP64).
inline constexpr uint64_t kZipTailBytes = 22 + 65'535 + 20 + 56;

struct ZipDirectory {
    uint64_t offset_bytes = 0;
    uint64_t size_bytes = 0;
    uint64_t entries = 0;
};

// `tail`: the last kZipTailBytes of an archive, or all of a shorter one, of `archive_bytes`.
// kInvalid where it is no archive, or one that this does not read.
Result<ZipDirectory> ReadZipEnd(std::string_view tail, uint64_t archive_bytes);

enum class ZipMethod : uint8_t { kStored, kDeflated, kOther };

struct ZipEntry {
    std::string name;  // bytes as they are; that of a directory ends with '/'
    ZipMethod method = ZipMethod::kOther;
    bool encrypted = false;
    uint32_t crc32 = 0;             // of the content
    uint64_t compressed_bytes = 0;  // as it lies in the archive
    uint64_t size_bytes = 0;        // of the content
    uint64_t header_offset_bytes = 0;
    Timestamp modified{};  // the archive has no time zone: it is read as UTC
};

// The most that an entry of the directory takes.
inline constexpr size_t kMaxZipEntryBytes = 46 + 3 * 65'535;

// Reads the entry that `input`, a part of the directory, begins with, and says how many bytes it
// takes; nothing where more of the directory is needed. kInvalid where it is none, or lies outside
// of an archive of `archive_bytes`.
Result<std::optional<size_t>> ReadZipEntry(std::string_view input, uint64_t archive_bytes,
                                           ZipEntry& entry);

// How long the header is that lies before an entry's content, but for the name and what follows it.
inline constexpr size_t kZipHeaderBytes = 30;

// Where the content begins, by that header. kInvalid where it is none, or the content would reach
// beyond the archive.
Result<uint64_t> ReadZipHeader(std::string_view header, const ZipEntry& entry,
                               uint64_t archive_bytes);

}  // namespace coffer::codec
