// A table whose rows carry a checksum.
//
// SQLite does not notice when bytes of its file change. So the last column of a row, `crc`, is the
// CRC32C of the table's name and of all other columns; docs/formats/catalogue.md says how, byte by
// byte. It is computed where a row is written, and checked where one is read, before anybody sees
// the row. SQL therefore never computes a column: who changes one reads the row, and puts it again.
// And a condition names key columns only: one on another column would pass over a damaged row in
// silence.
//
// A Table never changes; any thread may use it. What it runs, it runs in the caller's transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coffer/db/database.h"

namespace coffer::db {

// What a column holds. One of kInt is never NULL, and is read as a number without being asked what
// it is. Of the others that is asked, so that kBytes and the two with NULL are read alike: they say
// what the schema lets stand there.
enum class ColumnKind : uint8_t { kInt, kText, kBytes, kIntOrNull, kBytesOrNull };

struct Column {
    std::string_view name;
    ColumnKind kind;
    bool changes = false;  // Put gives a row that is there the new value; else its old one stays
};

class Table {
  public:
    // All columns but `crc`, in the order of the checksum and of every list of values here. The
    // first `key_columns` are the primary key. Names are literals.
    Table(std::string_view name, size_t key_columns, std::vector<Column> columns);

    // "SELECT <the columns>, crc FROM <the table> " and then `rest`: for Query, which wants it
    // built once.
    std::string Select(std::string_view rest) const;

    // Adds a row. Errors as Transaction::Execute.
    Result<> Insert(Transaction& tx, std::initializer_list<Value> values) const;

    // Adds a row, or changes the one with its key, which the caller has read in this transaction:
    // columns that do not change must have their old values.
    Result<> Put(Transaction& tx, std::initializer_list<Value> values) const;

    // Calls `each` for every row of `select` until it returns false or fails; columns are numbered
    // in their order. Returns what `each` failed with; kCorrupt for a row that does not match its
    // checksum, which is logged and counted; else errors as Transaction::Query.
    Result<> Query(Transaction& tx, std::string_view select, std::initializer_list<Value> values,
                   const std::function<Result<bool>(const Row&)>& each) const;

    // Where Check goes on, and what it has found.
    struct Progress {
        std::vector<std::variant<int64_t, std::string>> last_key;
        int64_t rows = 0;
        int64_t damaged = 0;
        bool done = false;
    };

    // Checks the next `limit` rows in the order of keys; a damaged one is logged, counted, and no
    // error. Errors as Transaction::Query.
    Result<> Check(Transaction& tx, size_t limit, Progress& progress) const;

    // What stands in the column `crc` of a row of these values.
    int64_t Checksum(std::span<const Value> values) const;

    // The list of the columns and `crc`, for a statement that calls the table `alias`.
    std::string Columns(std::string_view alias) const;

    // Fails with kCorrupt, logs and counts it where a row of these columns does not match its
    // checksum.
    Result<> Verify(const Row& row) const;

    std::string_view name() const { return name_; }
    size_t width() const { return columns_.size() + 1; }

  private:
    Result<> Write(Transaction& tx, const std::string& sql,
                   std::initializer_list<Value> values) const;
    // Reads all columns, and checks them as Verify does.
    class CheckedRow;
    Result<> Read(const Row& row, CheckedRow& checked) const;
    Error Damaged(const Row& row) const;
    void CopyKey(const Row& row, Progress& progress) const;

    const std::string_view name_;
    const size_t key_columns_;
    const std::vector<Column> columns_;
    std::string names_;
    std::string insert_;
    std::string put_;
    std::string first_page_;
    std::string next_page_;
};

// How many rows of this process's tables did not match their checksum when they were read.
uint64_t DamagedRows();

}  // namespace coffer::db
