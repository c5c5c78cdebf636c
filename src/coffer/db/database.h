// One SQL database behind one small interface; SQLite today, PostgreSQL to come.
//
// SQL is portable: parameters are $1, $2, … in order of first appearance; upserts, RETURNING and
// partial indexes as both databases have them; bytes compare as bytes. Only catalogue code writes
// SQL.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/base/check.h"
#include "coffer/runtime/task.h"

namespace coffer::db {

// A parameter or a column. Text and blobs are views: of a parameter they live until the call that
// takes them returns, of a column until the next row.
using Value = std::variant<std::nullptr_t, int64_t, std::string_view, ByteView>;

// One row of a result; views live until the next row.
class Row {
  public:
    virtual ~Row() = default;

    // As it is stored: nothing is converted but a number with a fraction, which loses it.
    virtual Value Get(int column) const = 0;

    // Of a column that holds numbers, or NULL, and nothing else: costs less than Get; 0 for NULL.
    virtual int64_t Int(int column) const = 0;

    bool IsNull(int column) const { return std::holds_alternative<std::nullptr_t>(Get(column)); }
    // Of a column of text or bytes; empty for NULL, and for a number.
    std::string_view Text(int column) const { return AsText(Blob(column)); }
    ByteView Blob(int column) const {
        const Value value = Get(column);
        if (const auto* const bytes = std::get_if<ByteView>(&value)) return *bytes;
        if (const auto* const text = std::get_if<std::string_view>(&value)) return AsBytes(*text);
        return {};
    }
    // A BLOB that holds text-like bytes (keys), as a string.
    std::string BlobString(int column) const { return std::string(AsText(Blob(column))); }
};

// A running transaction. It belongs to the function it was given to, and ends with it.
class Transaction {
  public:
    virtual ~Transaction() = default;

    // Runs a statement that changes rows; returns how many. Errors: kAlreadyExists (a unique or
    // primary key is taken), kConflict (another constraint), kNoSpace, kIo, kCorrupt, kInternal
    // (bad SQL). Without values it takes several statements, separated by semicolons.
    virtual Result<int64_t> Execute(std::string_view sql, std::span<const Value> values) = 0;
    Result<int64_t> Execute(std::string_view sql, std::initializer_list<Value> values) {
        return Execute(sql, std::span(values.begin(), values.size()));
    }

    // Calls `each` for every row in order, until it returns false. Returns when the rows are
    // exhausted or refused. Errors as Execute.
    virtual Result<> Query(std::string_view sql, std::span<const Value> values,
                           const std::function<bool(const Row&)>& each) = 0;
    Result<> Query(std::string_view sql, std::initializer_list<Value> values,
                   const std::function<bool(const Row&)>& each) {
        return Query(sql, std::span(values.begin(), values.size()), each);
    }

    // Reads all of the database's structure, and compares its indexes and orders with its tables:
    // each thing that is wrong, at most a hundred; nothing where all is well. What the rows say is
    // not looked at (table.h). Takes a second or more for each GiB. Errors as Execute.
    virtual Result<std::vector<std::string>> CheckStructure() = 0;

    // A number for something new, in a write transaction: greater than every number that this one
    // has got before, and than those of every committed one that changed a row.
    virtual int64_t NextNumber() = 0;
};

// How much a read costs, so that the driver knows where to run it.
enum class Cost : uint8_t {
    kPoint,  // a few indexed rows: microseconds
    kScan,   // a page or more: kept off the threads that serve connections
};

// What a write is for, which matters once the disk is full.
enum class Purpose : uint8_t {
    kOrdinary,
    kFreesSpace,  // deletes: may use space that is held back for them
};

class Database {
  public:
    virtual ~Database() = default;

    // Runs `fn` in a read transaction: it sees one state of the database throughout. `fn` does no
    // other I/O and may run twice. Returns what `fn` returned; kBusy when too many wait; kIo,
    // kCorrupt as the database reports them.
    template <class Fn, class R = std::invoke_result_t<Fn, Transaction&>>
    Task<R> Read(Cost cost, Fn fn) {
        std::optional<R> result;
        CO_TRY(co_await ReadErased(cost, [&](Transaction& tx) -> Result<> {
            result.emplace(fn(tx));
            if (!*result) return result->error();
            return Ok();
        }));
        COFFER_CHECK(result);
        co_return std::move(*result);
    }

    // Runs `fn` in a write transaction, and returns once it is durable. Transactions that wait
    // together are committed together, each in a savepoint of its own: one that fails is undone
    // alone. `fn` does no other I/O, and may run twice. A failed result of `fn` undoes what it did
    // and is returned; kBusy when too many wait; kNoSpace, kIo, kCorrupt as the database reports
    // them. An fsync that fails stops the process.
    template <class Fn, class R = std::invoke_result_t<Fn, Transaction&>>
    Task<R> Write(Fn fn, Purpose purpose = Purpose::kOrdinary) {
        std::optional<R> result;
        auto run = [&](Transaction& tx) -> Result<> {
            result.emplace(fn(tx));
            if (!*result) return result->error();
            return Ok();
        };
        CO_TRY(co_await WriteErased(run, purpose));
        COFFER_CHECK(result);
        co_return std::move(*result);
    }

    // The same for start-up and tests, on the calling thread, which waits.
    virtual Result<> ReadBlocking(const std::function<Result<>(Transaction&)>& fn) = 0;
    virtual Result<> WriteBlocking(const std::function<Result<>(Transaction&)>& fn,
                                   Purpose purpose = Purpose::kOrdinary) = 0;

  protected:
    virtual Task<Result<>> ReadErased(Cost cost, std::function<Result<>(Transaction&)> fn) = 0;
    virtual Task<Result<>> WriteErased(std::function<Result<>(Transaction&)> fn,
                                       Purpose purpose) = 0;
};

// One step of a schema's history. Steps are only ever added; a released one never changes.
struct Migration {
    int version;            // 1, 2, 3, …
    std::string_view what;  // for the log
    std::string_view sql;   // statements, separated by semicolons
};

// Brings the database from the version that it has to the newest of `migrations`, each step in one
// transaction; the table schema_version keeps what was done. kUnsupported when the database is
// newer than this program: it says both versions, and changes nothing. Blocks.
Result<> Migrate(Database& database, std::span<const Migration> migrations);

}  // namespace coffer::db
