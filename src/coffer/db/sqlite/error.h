// What a result code of SQLite means (sqlite.org/rescode.html).
#pragma once

#include <sqlite3.h>

#include <string_view>

#include "coffer/base/error.h"

namespace coffer::db {

// The Error of the call on `handle` that just failed with the extended code `code` while doing
// `what`. A failed fsync (SQLITE_IOERR_FSYNC, SQLITE_IOERR_DIR_FSYNC) ends the process here: the
// kernel may have dropped the pages that it could not write, and a second fsync would call them
// durable.
Error SqliteError(sqlite3* handle, int code, std::string_view what);

// Whether the error undid no more than its statement, so that the transaction around it can go on.
// After any other one (a full disk, an I/O error) SQLite asks for a rollback of the whole.
bool UndidOnlyItsStatement(const Error& error);

}  // namespace coffer::db
