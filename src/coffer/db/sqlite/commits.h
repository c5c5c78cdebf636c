// How many transactions have been committed, kept in two places that are compared when a database
// is opened.
//
// A write-ahead log that was cut short or damaged loses its last transactions without a word:
// SQLite takes what comes before the first frame that does not match as the whole
// (sqlite.org/fileformat2.html, "Checksum Algorithm"). So every commit counts itself in a row of
// the database, and after it is durable, and before anybody is told, in a small file beside the
// database (docs/formats/commits.md). The file is never ahead of what was durable; where it is
// ahead of the row, acknowledged transactions are gone, and the database is not opened.
//
// For the writer's thread; opening blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "coffer/base/result.h"
#include "coffer/db/sqlite/connection.h"
#include "coffer/os/file_system.h"

namespace coffer::db {

class Commits {
  public:
    using DatabaseId = std::array<std::byte, 16>;  // random; tells one database from another

    // Makes the row of a new database, and its file; neither is synced.
    static Result<> Create(Connection& connection, os::FileSystem& files, const std::string& path);

    // What is to be made at `path` may take nothing's place: kCorrupt, kLostCommits, where the file
    // beside it says that there was a database with commits.
    static Result<> CheckMayBegin(os::FileSystem& files, const std::string& path, bool accept_loss);

    // Compares row and file of the database at `path`, which `connection` has open for writing.
    // kCorrupt, kLostCommits, where the row is behind, or the file is another database's; the
    // message says how many commits are lost. With `accept_loss` it warns of that and goes on from
    // the row. A file that is missing or damaged is made anew, with a warning.
    static Result<std::unique_ptr<Commits>> Open(Connection& connection,
                                                 const SqliteOptions& options,
                                                 const std::string& path);

    // The last number that Transaction::NextNumber gave.
    int64_t* last_number() { return &last_number_; }

    // Commits since the database was made.
    int64_t count() const { return count_; }

    // Inside a transaction, before its commit: notes that it will be one more.
    Result<> CountInRow(Connection& connection);

    // The commit is durable.
    void CountInFile();

  private:
    Commits(const DatabaseId& database, int64_t count, int64_t last_number)
        : database_(database), count_(count), last_number_(last_number) {}

    Result<> OpenFile(os::FileSystem& files, const std::string& path, bool accept_loss);

    const DatabaseId database_;
    int64_t count_;
    int64_t last_number_;
    std::unique_ptr<os::FileSystem> machine_;  // where the options name no other
    std::unique_ptr<os::File> file_;
    bool failing_ = false;
};

}  // namespace coffer::db
