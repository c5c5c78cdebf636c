#include "coffer/db/sqlite/reserved_space.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "coffer/base/log.h"

namespace coffer::db {
namespace {

constexpr uint64_t kPage = Connection::kPageBytes;

// The file grows by as much at a time, and is kept so far ahead of what is used.
constexpr uint64_t kStepPages = 1_MiB / kPage;
constexpr uint64_t kReservePages = 512_KiB / kPage;

constexpr uint64_t kMostPages = 0x3fffffff;  // of a SQLite file (sqlite.org/limits.html)
constexpr uint64_t kMostChunkPages = 1_GiB / kPage;

uint64_t LimitInPages(const SqliteOptions& options) {
    return options.size_limit_bytes == 0 ? kMostPages : options.size_limit_bytes / kPage;
}

}  // namespace

uint64_t ReservedSpace::LogBytes(const SqliteOptions& options) {
    // A batch may go past the size at which the log is brought into the file.
    return options.checkpoint_bytes + options.checkpoint_bytes / 4;
}

void ReservedSpace::AllocateLog(const std::string& path, const SqliteOptions& options) {
    if (options.files) return;  // the path is not the machine's
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(LogBytes(options))) != 0)
        Log(LogLevel::kDebug, "no space is reserved for the catalogue's log", {{"path", path}});
    ::close(fd);
}

ReservedSpace::ReservedSpace(Connection& connection, const SqliteOptions& options)
    : connection_(connection),
      size_limit_(LimitInPages(options)),
      reserve_pages_(std::min(kReservePages, size_limit_ / 8)) {
    sqlite3* const handle = connection_.handle();
    AllocateLog(sqlite3_filename_wal(sqlite3_db_filename(handle, "main")), options);
    // A descriptor of its own, kept until the end: closing it would let go of SQLite's locks
    // (fcntl(2), "record locks").
    if (!options.files) fd_ = ::open(sqlite3_db_filename(handle, "main"), O_RDWR | O_CLOEXEC);
    ReadAllocated();
    // What can't be read here is the first transaction's to report.
    (void)NoteSize();
    KeepAhead();
}

ReservedSpace::~ReservedSpace() {
    if (fd_ >= 0) ::close(fd_);
}

Result<> ReservedSpace::SetLimit(bool may_use_reserve) {
    // SQLite raises it by itself to what the file has, when it begins a transaction; and takes what
    // is used where the limit is less.
    return connection_.Run(fmt::format("PRAGMA max_page_count={}",
                                       may_use_reserve ? allocated_pages_ : OrdinaryLimit()));
}

Result<> ReservedSpace::NoteSize() {
    TRY(const std::string pages, connection_.QueryText("PRAGMA page_count"));
    std::from_chars(pages.data(), pages.data() + pages.size(), used_pages_);
    return Ok();
}

void ReservedSpace::KeepAhead() {
    if (used_pages_ + kStepPages <= OrdinaryLimit()) return;
    const bool grown = Grow(0);
    if (!grown && !short_of_space_)
        Log(LogLevel::kWarning, "there is no space for the catalogue to grow");
    short_of_space_ = !grown;
}

bool ReservedSpace::Grow(int doublings) {
    const uint64_t before = allocated_pages_;
    if (before >= size_limit_ || fd_ < 0) return false;
    const uint64_t wanted =
        std::min(std::max(used_pages_, before) + (kStepPages << doublings), size_limit_);
    // Where the disk is full, some of it may have been allocated, which counts.
    (void)::posix_fallocate(fd_, static_cast<off_t>(before * kPage),
                            static_cast<off_t>((wanted - before) * kPage));
    ReadAllocated();
    return allocated_pages_ > before;
}

uint64_t ReservedSpace::OrdinaryLimit() const {
    return std::max(allocated_pages_, reserve_pages_ + 1) - reserve_pages_;
}

void ReservedSpace::ReadAllocated() {
    struct stat status = {};
    if (fd_ < 0 || ::fstat(fd_, &status) != 0) {
        allocated_pages_ = size_limit_;
        return;
    }
    allocated_pages_ = std::min(static_cast<uint64_t>(status.st_size) / kPage, size_limit_);
    KeepFromShrinking();
}

// A checkpoint cuts the file down to the pages that are used, rounded up to the chunk that the file
// is said to grow by. So the chunk is all of the file, or, since an int holds it, a part without
// remainder that is far larger than what is held ahead.
void ReservedSpace::KeepFromShrinking() {
    const uint64_t parts = allocated_pages_ / kMostChunkPages + 1;
    allocated_pages_ -= allocated_pages_ % parts;
    auto chunk_bytes = static_cast<int>(allocated_pages_ / parts * kPage);
    sqlite3_file_control(connection_.handle(), "main", SQLITE_FCNTL_CHUNK_SIZE, &chunk_bytes);
}

}  // namespace coffer::db
