#include "coffer/db/sqlite/faulty_disk.h"

#include <sys/syscall.h>
#include <unistd.h>

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

int Fail(int errno_value) {
    errno = errno_value;
    return -1;
}

}  // namespace
}  // namespace coffer::db::testing

using coffer::db::testing::Fail;
using coffer::db::testing::faulty_disk;
using coffer::db::testing::FileRole;
using coffer::db::testing::RoleOf;

extern "C" int fdatasync(int fd) {
    const FileRole role = RoleOf(fd);
    if (role == FileRole::kLog) ++faulty_disk.log_syncs;
    if (role != FileRole::kOther && faulty_disk.sync_errno != 0)
        return Fail(faulty_disk.sync_errno);
    return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

extern "C" ssize_t pwrite64(int fd, const void* data, size_t size, off64_t offset) {
    const FileRole role = RoleOf(fd);
    if (role == FileRole::kLog && faulty_disk.log_write_errno != 0)
        return Fail(faulty_disk.log_write_errno);
    if (role == FileRole::kDatabase && faulty_disk.file_write_errno != 0)
        return Fail(faulty_disk.file_write_errno);
    return ::syscall(SYS_pwrite64, fd, data, size, offset);
}
