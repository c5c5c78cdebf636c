// One connection to a SQLite file, with the statements that it has prepared. One thread at a time
// uses it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/db/database.h"
#include "coffer/db/sqlite/sqlite.h"

namespace coffer::db {

class Connection {
  public:
    // Of the files that it makes.
    static constexpr uint64_t kPageBytes = 4096;

    // How long a call waits for a lock that another process holds while it looks at the file.
    static constexpr int kBusyTimeoutMs = 2000;

    // Opens `path`, making it if need be, as the one connection that writes and checkpoints. Checks
    // what it is built on: the file's header, WAL, synchronous=FULL. Errors as OpenSqlite.
    static Result<std::unique_ptr<Connection>> OpenWriter(const std::string& path,
                                                          const SqliteOptions& options);

    // Opens `path` for reading; the writer has it open. It never writes, nor checkpoints, not even
    // when it is closed.
    static Result<std::unique_ptr<Connection>> OpenReader(const std::string& path,
                                                          const SqliteOptions& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // As Transaction has them.
    Result<int64_t> Execute(std::string_view sql, std::span<const Value> values);
    Result<> Query(std::string_view sql, std::span<const Value> values,
                   const std::function<bool(const Row&)>& each);

    // A statement without parameters and rows: BEGIN, SAVEPOINT, …
    Result<> Run(std::string_view sql);

    // The first column of the first row, as text; "" without a row.
    Result<std::string> QueryText(std::string_view sql);

    // False once SQLite has rolled back the transaction by itself.
    bool InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

    sqlite3* handle() const { return handle_; }

  private:
    struct Statement;
    class Use;
    struct SqlHash {
        using is_transparent = void;
        size_t operator()(std::string_view sql) const { return std::hash<std::string_view>{}(sql); }
    };

    explicit Connection(sqlite3* handle);
    static Result<std::unique_ptr<Connection>> Open(const std::string& path, int flags,
                                                    const SqliteOptions& options);
    static Result<> CreateIfMissing(const std::string& path, const SqliteOptions& options);
    static Result<> SyncLog(const std::string& path, const SqliteOptions& options);
    Result<> ConfigureWriter(const SqliteOptions& options);
    Result<> ConfigureReader(const SqliteOptions& options);
    Result<> CheckOwner();
    Result<> SetPragma(std::string_view name, int64_t value);

    Result<std::unique_ptr<Statement>> Prepare(std::string_view sql, std::string_view* tail);
    Result<Use> UseStatement(std::string_view sql);
    Result<int64_t> ExecuteScript(std::string_view sql);
    Result<> Step(Statement& statement, std::span<const Value> values,
                  const std::function<bool(const Row&)>* each);
    Error Failure(int code, std::string_view what) const;

    sqlite3* const handle_;
    std::unordered_map<std::string, std::unique_ptr<Statement>, SqlHash, std::equal_to<>>
        statements_;
};

// A transaction that is running on a connection. It notes the first failure after which the
// transaction can't go on, so that a function that overlooks it is not taken for a success.
class ConnectionTransaction final : public Transaction {
  public:
    // `last_number`: that NextNumber gave; null in a read transaction, which may not call it.
    ConnectionTransaction(Connection& connection, int64_t* last_number)
        : connection_(connection), last_number_(last_number) {}

    using Transaction::Execute;
    using Transaction::Query;
    Result<int64_t> Execute(std::string_view sql, std::span<const Value> values) override;
    Result<> Query(std::string_view sql, std::span<const Value> values,
                   const std::function<bool(const Row&)>& each) override;
    Result<std::vector<std::string>> CheckStructure() override;
    int64_t NextNumber() override;

    // What broke the transaction, if anything did.
    const std::optional<Error>& broken() const { return broken_; }

  private:
    void Note(const Error& error);

    Connection& connection_;
    int64_t* const last_number_;
    std::optional<Error> broken_;
};

}  // namespace coffer::db
