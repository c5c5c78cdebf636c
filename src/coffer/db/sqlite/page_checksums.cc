#include "coffer/db/sqlite/page_checksums.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "coffer/base/bytes.h"
#include "coffer/base/check.h"
#include "coffer/base/mutex.h"
#include "coffer/codec/digest.h"
#include "coffer/db/sqlite/error.h"

namespace coffer::db {
namespace {

// sqlite.org/fileformat2.html, "The Database Header": its length, and where it says how many bytes
// are left free at the end of each page.
constexpr size_t kHeaderBytes = 100;
constexpr size_t kReservedAt = 20;

// What is less is a part of the first page.
constexpr int kSmallestPage = 512;

using Checksum = std::array<std::byte, kPageChecksumBytes>;

// The methods of a file. `checked` comes first: a file has its address.
struct Methods {
    sqlite3_io_methods checked;
    const sqlite3_io_methods* below;
};

const sqlite3_io_methods& Below(sqlite3_file* file) {
    return *reinterpret_cast<const Methods*>(file->pMethods)->below;
}

template <size_t N>
std::array<std::byte, N> LittleEndian(uint64_t number) {
    std::array<std::byte, N> bytes;
    for (std::byte& byte : bytes) {
        byte = static_cast<std::byte>(number & 0xff);
        number >>= 8;
    }
    return bytes;
}

Checksum ChecksumOf(ByteView page, sqlite3_int64 offset) {
    const auto place = LittleEndian<8>(static_cast<uint64_t>(offset));
    return LittleEndian<kPageChecksumBytes>(
        codec::Crc32c(codec::Crc32c(0, place), page.first(page.size() - kPageChecksumBytes)));
}

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    const int code = Below(file).xRead(file, out, size, offset);
    const bool read = code == SQLITE_OK || code == SQLITE_IOERR_SHORT_READ;
    if (!read || size < kSmallestPage) return code;
    const ByteView page(static_cast<const std::byte*>(out), static_cast<size_t>(size));
    if (std::ranges::equal(page.last(kPageChecksumBytes), ChecksumOf(page, offset))) return code;
    // One that the file has room for, and that nobody has written yet.
    const bool blank = std::ranges::all_of(page, [](std::byte b) { return b == std::byte{0}; });
    return blank ? code : SQLITE_IOERR_DATA;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    if (size < kSmallestPage) return Below(file).xWrite(file, data, size, offset);
    // SQLite's own copy stays as it is: others may be reading it.
    thread_local Bytes page;
    const auto* begin = static_cast<const std::byte*>(data);
    page.assign(begin, begin + size);
    std::ranges::copy(ChecksumOf(page, offset), page.end() - kPageChecksumBytes);
    return Below(file).xWrite(file, page.data(), size, offset);
}

// One for each kind of file that a VFS has; they stay, as the VFS's own do.
const Methods& MethodsOver(const sqlite3_io_methods* below) {
    static Mutex mutex;
    static std::map<const sqlite3_io_methods*, std::unique_ptr<const Methods>> known;
    MutexLock lock(mutex);
    std::unique_ptr<const Methods>& methods = known[below];
    if (methods == nullptr) {
        Methods made{*below, below};
        made.checked.xRead = &Read;
        made.checked.xWrite = &Write;
        made.checked.iVersion = std::min(made.checked.iVersion, 2);  // no pages without a read
        methods = std::make_unique<const Methods>(made);
    }
    return *methods;
}

sqlite3_file* FileOf(sqlite3* handle) {
    sqlite3_file* file = nullptr;
    COFFER_CHECK(sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER,
                                      static_cast<void*>(&file)) == SQLITE_OK);
    return file;
}

}  // namespace

Result<> CheckPages(sqlite3* handle) {
    sqlite3_file* const file = FileOf(handle);
    std::array<std::byte, kHeaderBytes> header{};
    const int code = file->pMethods->xRead(file, header.data(), kHeaderBytes, 0);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
        return SqliteError(handle, code, "read the header");
    if (code == SQLITE_OK && header[kReservedAt] != std::byte{kPageChecksumBytes}) return Ok();
    int reserved = kPageChecksumBytes;
    COFFER_CHECK(sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved) ==
                 SQLITE_OK);
    file->pMethods = &MethodsOver(file->pMethods).checked;
    return Ok();
}

bool ChecksPages(sqlite3* handle) {
    return FileOf(handle)->pMethods->xRead == &Read;
}

}  // namespace coffer::db
