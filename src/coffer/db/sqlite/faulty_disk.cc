#include "coffer/db/sqlite/faulty_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>

namespace coffer::db::testing {
namespace {

enum class FileRole { kOther, kDatabase, kLog };

FileRole RoleOf(int fd) {
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    char buffer[4096];
    const ssize_t size = ::readlink(link.c_str(), buffer, sizeof(buffer));
    if (size < 0) return FileRole::kOther;
    const std::string_view path(buffer, static_cast<size_t>(size));
    if (path.ends_with(".db")) return FileRole::kDatabase;
    return path.ends_with(".db-wal") ? FileRole::kLog : FileRole::kOther;
}

// In whole: the files here have no holes. What a start left allocated behind a log's end counts.
bool IsAllocated(int fd, off64_t end) {
    struct stat status = {};
    if (::fstat(fd, &status) != 0) return false;
    return end <= std::max<off64_t>(status.st_size, status.st_blocks * 512);
}

int Fail(int errno_value) {
    errno = errno_value;
    return -1;
}

}  // namespace
}  // namespace coffer::db::testing

using coffer::db::testing::Fail;
using coffer::db::testing::faulty_disk;
using coffer::db::testing::FileRole;
using coffer::db::testing::IsAllocated;
using coffer::db::testing::RoleOf;

extern "C" int fdatasync(int fd) {
    const FileRole role = RoleOf(fd);
    if (role == FileRole::kLog) ++faulty_disk.log_syncs;
    if (role != FileRole::kOther && faulty_disk.sync_errno != 0)
        return Fail(faulty_disk.sync_errno);
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

extern "C" int posix_fallocate(int fd, off_t offset, off_t size) {
    if (faulty_disk.full || faulty_disk.file_write_errno != 0) return ENOSPC;
    return ::syscall(SYS_fallocate, fd, 0, offset, size) == 0 ? 0 : errno;
}

extern "C" ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
    const FileRole role = RoleOf(fd);
    if (role == FileRole::kLog && faulty_disk.log_write_errno != 0)
        return Fail(faulty_disk.log_write_errno);
    if (role == FileRole::kLog && offset + static_cast<off64_t>(size) > faulty_disk.log_limit_bytes)
        return Fail(ENOSPC);
    if (role == FileRole::kDatabase && faulty_disk.file_write_errno != 0)
        return Fail(faulty_disk.file_write_errno);
    if (role != FileRole::kOther && faulty_disk.full &&
        !IsAllocated(fd, offset + static_cast<off64_t>(size)))
        return Fail(ENOSPC);
    return ::syscall(SYS_pwrite64, fd, data, size, offset);
}
