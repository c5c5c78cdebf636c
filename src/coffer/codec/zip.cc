#include "coffer/codec/zip.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace coffer::codec {
namespace {

constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocator64Signature = 0x07064b50;
constexpr uint32_t kEntrySignature = 0x02014b50;
constexpr uint32_t kHeaderSignature = 0x04034b50;
constexpr size_t kEndBytes = 22;
constexpr size_t kEnd64Bytes = 56;
constexpr size_t kLocator64Bytes = 20;
constexpr size_t kEntryBytes = 46;
constexpr uint16_t kZip64Extra = 1;
constexpr uint32_t kIn64 = 0xFFFF'FFFF;  // the value stands in a field of ZIP64

Error NotAnArchive(std::string what) {
    return Error(ErrorKind::kInvalid, "InvalidRequest",
                 "The object is no ZIP archive that can be read: " + std::move(what) + ".");
}

// A number of `Size` bytes, the lowest first.
template <size_t Size>
uint64_t NumberAt(std::string_view bytes, size_t offset) {
    uint64_t number = 0;
    for (size_t i = 0; i < Size; ++i)
        number |= uint64_t{static_cast<unsigned char>(bytes[offset + i])} << (8 * i);
    return number;
}
uint16_t U16(std::string_view bytes, size_t offset) {
    return static_cast<uint16_t>(NumberAt<2>(bytes, offset));
}
uint32_t U32(std::string_view bytes, size_t offset) {
    return static_cast<uint32_t>(NumberAt<4>(bytes, offset));
}
uint64_t U64(std::string_view bytes, size_t offset) {
    return NumberAt<8>(bytes, offset);
}

// Times of MS-DOS: two seconds are the least.
Timestamp TimeOf(uint16_t date, uint16_t time) {
    using namespace std::chrono;
    const year_month_day day{year(1980 + (date >> 9)), month((date >> 5) & 15U),
                             std::chrono::day(date & 31U)};
    if (!day.ok()) return Timestamp{};
    return sys_days(day) + hours(time >> 11) + minutes((time >> 5) & 63) + seconds(2 * (time & 31));
}

ZipMethod MethodOf(uint16_t method) {
    if (method == 0) return ZipMethod::kStored;
    return method == 8 ? ZipMethod::kDeflated : ZipMethod::kOther;
}

// Where the record at the very end begins: its comment reaches to the last byte. Nothing where
// there is none.
std::optional<size_t> FindEnd(std::string_view tail) {
    for (size_t at = tail.size() < kEndBytes ? 0 : tail.size() - kEndBytes + 1; at-- > 0;)
        if (U32(tail, at) == kEndSignature && at + kEndBytes + U16(tail, at + 20) == tail.size())
            return at;
    return std::nullopt;
}

// The record of ZIP64 that stands before `end`, where there is one.
Result<std::optional<ZipDirectory>> ReadEnd64(std::string_view tail, size_t end,
                                              uint64_t archive_bytes) {
    if (end < kLocator64Bytes || U32(tail, end - kLocator64Bytes) != kLocator64Signature)
        return std::nullopt;
    const uint64_t offset = U64(tail, end - kLocator64Bytes + 8);
    const uint64_t tail_offset = archive_bytes - tail.size();
    if (offset < tail_offset || offset - tail_offset > end - kLocator64Bytes ||
        end - kLocator64Bytes - (offset - tail_offset) < kEnd64Bytes)
        return NotAnArchive("the end of its directory is not where it says");
    const std::string_view record = tail.substr(offset - tail_offset);
    if (U32(record, 0) != kEnd64Signature || U32(record, 16) != 0 || U32(record, 20) != 0)
        return NotAnArchive("it has several disks");
    return ZipDirectory{U64(record, 48), U64(record, 40), U64(record, 32)};
}

// The sizes and the place that an entry has no room for, from its extra fields, in the order that
// the format gives them.
bool ReadSizes64(std::string_view extra, ZipEntry& entry) {
    while (extra.size() >= 4) {
        const uint16_t id = U16(extra, 0);
        const size_t size = U16(extra, 2);
        extra.remove_prefix(4);
        if (size > extra.size()) return false;
        std::string_view field = extra.substr(0, size);
        extra.remove_prefix(size);
        if (id != kZip64Extra) continue;
        for (uint64_t* value :
             {&entry.size_bytes, &entry.compressed_bytes, &entry.header_offset_bytes}) {
            if (*value != kIn64) continue;
            if (field.size() < 8) return false;
            *value = U64(field, 0);
            field.remove_prefix(8);
        }
        return true;
    }
    return false;
}

bool LiesWithin(uint64_t offset, uint64_t size, uint64_t archive_bytes) {
    return offset <= archive_bytes && size <= archive_bytes - offset;
}

}  // namespace

Result<ZipDirectory> ReadZipEnd(std::string_view tail, uint64_t archive_bytes) {
    const auto end = FindEnd(tail);
    if (!end) return NotAnArchive("it has no directory at its end");
    ZipDirectory directory{U32(tail, *end + 16), U32(tail, *end + 12), U16(tail, *end + 10)};
    TRY(const auto large, ReadEnd64(tail, *end, archive_bytes));
    if (large) directory = *large;
    if (!large && (U16(tail, *end + 4) != 0 || U16(tail, *end + 6) != 0 ||
                   U16(tail, *end + 8) != U16(tail, *end + 10)))
        return NotAnArchive("it has several disks");
    if (!LiesWithin(directory.offset_bytes, directory.size_bytes,
                    archive_bytes - tail.size() + *end))
        return NotAnArchive("its directory lies outside of it");
    return directory;
}

Result<std::optional<size_t>> ReadZipEntry(std::string_view input, uint64_t archive_bytes,
                                           ZipEntry& entry) {
    if (input.size() < kEntryBytes) return std::nullopt;
    if (U32(input, 0) != kEntrySignature) return NotAnArchive("its directory is malformed");
    const size_t name_size = U16(input, 28);
    const size_t extra_size = U16(input, 30);
    const size_t size = kEntryBytes + name_size + extra_size + U16(input, 32);
    if (input.size() < size) return std::nullopt;
    entry.name = input.substr(kEntryBytes, name_size);
    entry.method = MethodOf(U16(input, 10));
    entry.encrypted = (U16(input, 8) & 1) != 0;
    entry.modified = TimeOf(U16(input, 14), U16(input, 12));
    entry.crc32 = U32(input, 16);
    entry.compressed_bytes = U32(input, 20);
    entry.size_bytes = U32(input, 24);
    entry.header_offset_bytes = U32(input, 42);
    const bool in_64 = entry.compressed_bytes == kIn64 || entry.size_bytes == kIn64 ||
                       entry.header_offset_bytes == kIn64;
    if (in_64 && !ReadSizes64(input.substr(kEntryBytes + name_size, extra_size), entry))
        return NotAnArchive("an entry of its directory has no size");
    if (!LiesWithin(entry.header_offset_bytes, kZipHeaderBytes, archive_bytes) ||
        entry.compressed_bytes > archive_bytes)
        return NotAnArchive("an entry lies outside of it");
    if (entry.method == ZipMethod::kStored && !entry.encrypted &&
        entry.compressed_bytes != entry.size_bytes)
        return NotAnArchive("an entry has two sizes");
    return std::optional(size);
}

Result<uint64_t> ReadZipHeader(std::string_view header, const ZipEntry& entry,
                               uint64_t archive_bytes) {
    if (header.size() < kZipHeaderBytes || U32(header, 0) != kHeaderSignature)
        return NotAnArchive("an entry is not where its directory says");
    const uint64_t begin =
        entry.header_offset_bytes + kZipHeaderBytes + U16(header, 26) + U16(header, 28);
    if (!LiesWithin(begin, entry.compressed_bytes, archive_bytes))
        return NotAnArchive("an entry lies outside of it");
    return begin;
}

}  // namespace coffer::codec
