// The disk space that the writer holds ahead of use, so that a full disk stops what adds rows, and
// nothing else.
//
// The log has its space from the start, and is brought into the file before it needs more. The file
// has the space of every page before a transaction may add it, so that bringing the log in never
// fails for want of space; and a few pages more, which only what frees space may use. Both are held
// by allocating the files' blocks, so that nobody else can take them. Where the file system can't
// do that, SQLite's own errors are all there is.
//
// For the writer's thread only.
#pragma once

#include <cstdint>
#include <string>

#include "coffer/base/result.h"
#include "coffer/db/sqlite/connection.h"

namespace coffer::db {

class ReservedSpace {
  public:
    // A disk that is full already is no error: what is held is what the files have.
    ReservedSpace(Connection& connection, const SqliteOptions& options);

    // After all connections of the process to the file are closed.
    ~ReservedSpace();
    ReservedSpace(const ReservedSpace&) = delete;
    ReservedSpace& operator=(const ReservedSpace&) = delete;

    // Inside a transaction: sets how large what follows may make the file. Each transaction begins
    // with it.
    Result<> SetLimit(bool may_use_reserve);

    // Inside a transaction, before the commit: takes note of how large the file is to be.
    Result<> NoteSize();

    // Between transactions: allocates more before what is held gets short.
    void KeepAhead();

    // Between transactions: allocates at least 1 MiB << `doublings` more. False when the disk, or
    // the limit of the options, does not allow it.
    bool Grow(int doublings);

    // Allocates the log's space behind its end: SQLite finds the file as it left it. Does nothing
    // where there is no log at `path`.
    static void AllocateLog(const std::string& path, const SqliteOptions& options);

    // How much of the log has space allocated.
    static uint64_t LogBytes(const SqliteOptions& options);

  private:
    uint64_t OrdinaryLimit() const;
    void ReadAllocated();
    void KeepFromShrinking();

    Connection& connection_;
    const uint64_t size_limit_;     // in pages, as all of these
    const uint64_t reserve_pages_;  // for what frees space
    int fd_ = -1;                   // of the file; -1 when nothing can be held
    uint64_t allocated_pages_ = 0;
    uint64_t used_pages_ = 0;
    bool short_of_space_ = false;
};

}  // namespace coffer::db
