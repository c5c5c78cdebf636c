// For tests: a disk that fails when it is told to, and counts its syncs. The test program's own
// fdatasync and pwrite64 stand before libc's, so that SQLite itself meets the failure.
#pragma once

#include <atomic>
#include <cstdint>

namespace coffer::db::testing {

struct FaultyDisk {
    std::atomic<int> log_syncs = 0;        // fdatasync calls on a write-ahead log
    std::atomic<int> sync_errno = 0;       // what every fdatasync of a database's files fails with
    std::atomic<int> log_write_errno = 0;  // what every write to a log fails with
    std::atomic<int64_t> log_limit_bytes = INT64_MAX;  // past it, a log finds no space
    std::atomic<int> file_write_errno = 0;  // what every write to a database file fails with
    std::atomic<bool> full = false;         // writes to either go only where space is allocated
};

inline FaultyDisk faulty_disk;

}  // namespace coffer::db::testing
