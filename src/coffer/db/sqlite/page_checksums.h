// A CRC32C in each page of a database's file, in bytes at the page's end that SQLite leaves free
// for such: computed when SQLite writes the page there, checked when it reads it. A row's checksum
// tells that the row is damaged; this tells that the way to a row is.
//
// SQLite keeps its own VFS: of an open file, the calls that read and write go through here first.
#pragma once

#include <sqlite3.h>

#include "coffer/base/result.h"

namespace coffer::db {

// At the end of each page: the CRC32C of the page's place in the file (8 bytes, little endian) and
// of the page before it.
inline constexpr int kPageChecksumBytes = 4;

// Has the pages of a connection's file checked from now on; before anything is read through it. A
// page that does not match fails with SQLITE_IOERR_DATA. A file that is empty will have checksums;
// of one whose pages have no room for them, nothing is checked. Blocks for one read. Errors: those
// of reading.
Result<> CheckPages(sqlite3* handle);

// Whether they are.
bool ChecksPages(sqlite3* handle);

}  // namespace coffer::db
