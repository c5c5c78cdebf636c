// SQLite as a Database: one thread writes, and alone checkpoints; every reader has a connection of
// its own.
//
// Only one process may write a file: its owner holds a lock on the directory before it opens it.
// Other processes may read it meanwhile (`sqlite3 -readonly FILE`). A second writer or checkpointer
// would open the race that damages a write-ahead log (sqlite.org/wal.html#walresetbug, SQLite 3.7.0
// to 3.51.2); with one connection that does both, it can't happen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/db/database.h"
#include "coffer/os/file_system.h"
#include "coffer/runtime/metrics.h"

namespace coffer::db {

// Where a database's files are, other than on the machine's file system: for tests. The FileSystem,
// and the name of the SQLite VFS that shows the same files to SQLite; both outlive the database.
// Nothing is held ahead of use there (reserved_space.h).
struct SqliteFiles {
    os::FileSystem* file_system = nullptr;
    std::string vfs;
};

struct SqliteOptions {
    // Threads for reads of Cost::kScan, and how many such reads may wait for one.
    size_t scan_threads = 2;
    size_t scan_queue_limit = 256;

    // How many write transactions may wait while others are committed.
    size_t write_queue_limit = 4096;

    // Pages kept in memory: by the writer, and by each of the readers (one for each thread that
    // reads at a time). A reader's hold the inner pages of a catalogue of a million keys, so that a
    // listing that rolls up 200 prefixes, and seeks once for each, reads none of them anew.
    size_t writer_cache_bytes = 8_MiB;
    size_t reader_cache_bytes = 4_MiB;

    // The write-ahead log is brought into the file after so many bytes. Space for a little more is
    // allocated to it ahead of use, as it is to the file: when the disk is full, writes of
    // Purpose::kFreesSpace go on.
    uint64_t checkpoint_bytes = 4_MiB;

    // From here on the writer waits for readers that stand in the way of starting the log anew.
    uint64_t wal_limit_bytes = 64_MiB;

    // The most that the file may grow to; 0: as the disk allows. Beyond it writes fail with
    // kNoSpace.
    uint64_t size_limit_bytes = 0;

    // Opens a database that has lost acknowledged transactions, too, and goes on without them.
    bool accept_lost_commits = false;

    std::optional<SqliteFiles> files = std::nullopt;  // the machine's

    // Where commits, their sizes, the log and checkpoints are counted; it outlives the database.
    runtime::Registry* registry = nullptr;
};

// The code of the error where acknowledged transactions are lost.
inline constexpr std::string_view kLostCommits = "LostCommits";

// Opens the database in `path`, or makes an empty one; a log that a crash left is recovered.
// Blocks.
//
// It commits durably (WAL, synchronous=FULL): the start fails with kUnsupported where the file
// system can't do that. kCorrupt when the file is not a database, or, with the code kLostCommits
// when it has lost acknowledged transactions; kConflict when it is another program's;
// ErrnoError's kinds when it can't be opened.
//
// The destructor waits for what is running and waiting; by then nothing new may be started, and the
// executors whose coroutines wait for it still exist. It leaves all data in one file, beside an
// empty log.
Result<std::unique_ptr<Database>> OpenSqlite(const std::string& path, const SqliteOptions& options);

}  // namespace coffer::db
