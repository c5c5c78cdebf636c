#include "coffer/db/sqlite/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <string>

#include "coffer/base/check.h"

namespace coffer::db {
namespace {

ErrorKind ConstraintKind(int code) {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return ErrorKind::kAlreadyExists;
        default:
            return ErrorKind::kConflict;
    }
}

std::string FileName(sqlite3* handle) {
    const char* name = sqlite3_db_filename(handle, "main");
    return name == nullptr ? "" : name;
}

Error SystemError(sqlite3* handle, int code, std::string_view what) {
    const int system_errno = sqlite3_system_errno(handle);
    if (system_errno != 0) return ErrnoError(system_errno, what);
    return Error(ErrorKind::kIo, fmt::format("{}: {}", what, sqlite3_errstr(code)));
}

}  // namespace

Error SqliteError(sqlite3* handle, int code, std::string_view what) {
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
        COFFER_FATAL(
            fmt::format("{}: fsync failed: what was written may be lost", FileName(handle)));

    const bool damaged = code == SQLITE_IOERR_DATA;  // page_checksums.h
    const std::string text = fmt::format(
        "{}: {}", what, damaged ? "a page does not match its checksum" : sqlite3_errmsg(handle));
    switch (damaged ? SQLITE_CORRUPT : code & 0xff) {
        case SQLITE_CONSTRAINT:
            return Error(ConstraintKind(code), text);
        case SQLITE_FULL:
            return Error(ErrorKind::kNoSpace, text);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOMEM:
            return Error(ErrorKind::kBusy, text);
        case SQLITE_TOOBIG:
            return Error(ErrorKind::kTooLarge, text);
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            return SystemError(handle, code, what);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_FORMAT:
            return Error(ErrorKind::kCorrupt,
                         fmt::format("{}. The database {} is damaged: stop the server, keep a copy "
                                     "of the file, and restore it from a backup",
                                     text, FileName(handle)));
        case SQLITE_READONLY:
            // A connection that was opened for reading refuses writes by itself: whoever wrote
            // through it is wrong.
            return Error(sqlite3_db_readonly(handle, "main") == 1 ? ErrorKind::kInternal
                                                                  : ErrorKind::kDenied,
                         text);
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return Error(ErrorKind::kDenied, text);
        default:
            return Error(ErrorKind::kInternal, text);
    }
}

bool UndidOnlyItsStatement(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::kAlreadyExists:
        case ErrorKind::kConflict:
        case ErrorKind::kTooLarge:
        case ErrorKind::kInternal:
            return true;
        default:
            return false;
    }
}

}  // namespace coffer::db
