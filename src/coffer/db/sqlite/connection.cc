#include "coffer/db/sqlite/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/db/sqlite/commits.h"
#include "coffer/db/sqlite/error.h"
#include "coffer/db/sqlite/page_checksums.h"
#include "coffer/db/sqlite/reserved_space.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::db {
namespace {

// In the file's header, so that tools can tell what it is and another program's database is not
// taken over.
constexpr int64_t kApplicationId = 0x436f6672;  // "Cofr"

// SQL comes from a fixed set of literals; the limit only bounds what a mistake could pile up.
constexpr size_t kStatementLimit = 256;

constexpr uint64_t kLogPieceBytes = 1_MiB;

void InitializeSqlite() {
    static std::once_flag once;
    std::call_once(once, [] {
        // The allocator's statistics cost a lock that all threads share.
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        COFFER_CHECK(sqlite3_initialize() == SQLITE_OK);
        COFFER_CHECK(sqlite3_threadsafe() != 0);
    });
}

int BindValue(sqlite3_stmt* statement, int index, const Value& value) {
    // A view without an address is empty, not NULL.
    struct Binder {
        sqlite3_stmt* statement;
        int index;
        int operator()(std::nullptr_t) const { return sqlite3_bind_null(statement, index); }
        int operator()(int64_t number) const {
            return sqlite3_bind_int64(statement, index, number);
        }
        int operator()(std::string_view text) const {
            return sqlite3_bind_text64(statement, index, text.data() ? text.data() : "",
                                       text.size(), SQLITE_STATIC, SQLITE_UTF8);
        }
        int operator()(ByteView blob) const {
            const void* data = blob.data();
            return sqlite3_bind_blob64(statement, index, data ? data : "", blob.size(),
                                       SQLITE_STATIC);
        }
    };
    return std::visit(Binder{statement, index}, value);
}

class StatementRow final : public Row {
  public:
    explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}

    // The column is looked up once. What comes back is an "unprotected" value, for which SQLite
    // holds no mutex. It holds none on these connections anyway: they are opened with
    // SQLITE_OPEN_NOMUTEX, for one thread at a time, and then there is no difference (SQLite's
    // "Dynamically Typed Value Object" and "Using SQLite In Multi-Threaded Applications").
    Value Get(int column) const override {
        sqlite3_value* const value = sqlite3_column_value(statement_, column);
        // Pointers before their lengths, as SQLite asks for.
        switch (sqlite3_value_type(value)) {
            case SQLITE_NULL:
                return nullptr;
            case SQLITE_TEXT: {
                const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
                return std::string_view(text, static_cast<size_t>(sqlite3_value_bytes(value)));
            }
            case SQLITE_BLOB: {
                const auto* blob = static_cast<const std::byte*>(sqlite3_value_blob(value));
                return ByteView(blob, static_cast<size_t>(sqlite3_value_bytes(value)));
            }
            default:
                return int64_t{sqlite3_value_int64(value)};
        }
    }
    int64_t Int(int column) const override { return sqlite3_column_int64(statement_, column); }

  private:
    sqlite3_stmt* statement_;
};

// All of it, in its place: of pages whose sync failed the system may say that they are written.
Result<> RewriteLog(os::File& log) {
    TRY(const uint64_t size, log.Size());
    Bytes buffer(std::min<uint64_t>(size, kLogPieceBytes));
    for (uint64_t offset = 0; offset < size;) {
        TRY(const size_t got, log.ReadAt(offset, buffer));
        if (got == 0) break;
        TRY(log.WriteAt(offset, ByteView(buffer).first(got)));
        offset += got;
    }
    return Ok();
}

bool IsBlank(std::string_view sql) {
    return sql.find_first_not_of(" \t\r\n;") == sql.npos;
}

}  // namespace

struct Connection::Statement {
    ~Statement() { sqlite3_finalize(handle); }

    sqlite3_stmt* handle = nullptr;
    std::vector<int> numbers;  // of SQLite's parameters in their order: 2 for "$2"
    bool in_use = false;
};

// A prepared statement while it runs: of the cache, or of its own where the cached one is already
// running.
class Connection::Use {
  public:
    explicit Use(Statement* cached) : statement_(cached) { statement_->in_use = true; }
    explicit Use(std::unique_ptr<Statement> own) : statement_(own.get()), own_(std::move(own)) {
        statement_->in_use = true;
    }
    Use(Use&& other) noexcept
        : statement_(std::exchange(other.statement_, nullptr)), own_(std::move(other.own_)) {}
    Use& operator=(Use&&) = delete;
    ~Use() {
        if (statement_ == nullptr) return;
        sqlite3_reset(statement_->handle);
        sqlite3_clear_bindings(statement_->handle);
        statement_->in_use = false;
    }
    Statement& operator*() const { return *statement_; }

  private:
    Statement* statement_;
    std::unique_ptr<Statement> own_;
};

Connection::Connection(sqlite3* handle) : handle_(handle) {}

Connection::~Connection() {
    statements_.clear();
    COFFER_CHECK(sqlite3_close(handle_) == SQLITE_OK);
}

Error Connection::Failure(int code, std::string_view what) const {
    return SqliteError(handle_, code, what);
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, int flags,
                                                     const SqliteOptions& options) {
    InitializeSqlite();
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        options.files ? options.files->vfs.c_str() : nullptr);
    if (handle == nullptr) return Error(ErrorKind::kBusy, "open " + path + ": out of memory");
    std::unique_ptr<Connection> connection(new Connection(handle));
    if (code != SQLITE_OK) return connection->Failure(code, "open " + path);

    TRY(CheckPages(handle));
    sqlite3_busy_timeout(handle, kBusyTimeoutMs);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    return connection;
}

// The file gets its name when it is whole: two syncs, where SQLite would make nine of its steps,
// and a start that was cut short leaves nothing to repair.
Result<> Connection::CreateIfMissing(const std::string& path, const SqliteOptions& options) {
    const auto machine = os::NewPosixFileSystem();
    os::FileSystem* const files = options.files ? options.files->file_system : machine.get();
    // Only what is known to be missing is made: an empty one would take the other's place.
    const auto there = files->Stat(path);
    if (there) return Ok();
    if (there.error().kind() != ErrorKind::kNotFound) return there.error();
    const auto log = files->Stat(path + "-wal");
    if (!log && log.error().kind() != ErrorKind::kNotFound) return log.error();
    if (log && log.value().size_bytes != 0)
        return Error(ErrorKind::kCorrupt,
                     fmt::format("there is a log, {}-wal, but not the database that it belongs to: "
                                 "bring back {}, or move the log away to begin an empty one",
                                 path, path));
    TRY(Commits::CheckMayBegin(*files, path, options.accept_lost_commits));
    const std::string unfinished = path + ".new";
    (void)files->Remove(unfinished);
    {
        TRY(auto connection, Open(unfinished, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options));
        TRY(connection->Run("PRAGMA synchronous=OFF"));
        TRY(connection->QueryText("PRAGMA journal_mode=MEMORY"));
        TRY(connection->SetPragma("page_size", kPageBytes));
        TRY(connection->SetPragma("application_id", kApplicationId));
        TRY(Commits::Create(*connection, *files, path));
        TRY(connection->QueryText("PRAGMA journal_mode=WAL"));
    }
    {
        TRY(auto file, files->Open(unfinished, os::OpenMode::kReadWrite));
        TRY(file->Sync());
    }
    TRY(files->Rename(unfinished, path));
    const std::string directory = std::filesystem::path(path).parent_path();
    return files->SyncDirectory(directory.empty() ? "." : directory);
}

Result<std::unique_ptr<Connection>> Connection::OpenWriter(const std::string& path,
                                                           const SqliteOptions& options) {
    TRY(CreateIfMissing(path, options));
    TRY(auto connection, Open(path, SQLITE_OPEN_READWRITE, options));
    auto configured = connection->ConfigureWriter(options);
    if (!configured) return configured.error().Wrap("open " + path);
    TRY(SyncLog(path, options));
    return connection;
}

// A process that was killed may have left transactions in the log that it had not synced, and
// SQLite takes them up. Before anybody is shown them, or they are counted, they are to stay. The
// same holds after a sync that failed, and with which the process ended: what comes behind it in
// the log is worth nothing without it. No checkpoint could do instead: while it wrote the file, a
// loss of power could leave less of the log than of the file.
Result<> Connection::SyncLog(const std::string& path, const SqliteOptions& options) {
    const auto machine = os::NewPosixFileSystem();
    os::FileSystem* const files = options.files ? options.files->file_system : machine.get();
    auto log = files->Open(path + "-wal", os::OpenMode::kReadWrite);
    if (!log && log.error().kind() == ErrorKind::kNotFound) return Ok();
    if (!log) return log.error();
    const Result<> rewritten = RewriteLog(*log.value());
    // A file system that never writes in place may have no space for it; the start goes on.
    if (!rewritten && rewritten.error().kind() != ErrorKind::kNoSpace) return rewritten;
    TRY(log.value()->Sync());
    const std::string directory = std::filesystem::path(path).parent_path();
    return files->SyncDirectory(directory.empty() ? "." : directory);
}

Result<std::unique_ptr<Connection>> Connection::OpenReader(const std::string& path,
                                                           const SqliteOptions& options) {
    TRY(auto connection, Open(path, SQLITE_OPEN_READONLY, options));
    auto configured = connection->ConfigureReader(options);
    if (!configured) return configured.error().Wrap("open " + path);
    return connection;
}

Result<> Connection::ConfigureWriter(const SqliteOptions& options) {
    TRY(CheckOwner());
    TRY(const std::string journal_mode, QueryText("PRAGMA journal_mode=WAL"));
    if (journal_mode != "wal")
        return Error(
            ErrorKind::kUnsupported,
            fmt::format("the file system can't keep a write-ahead log (journal_mode is {})",
                        journal_mode));
    TRY(Run("PRAGMA synchronous=FULL"));
    TRY(const std::string synchronous, QueryText("PRAGMA synchronous"));
    COFFER_CHECK(synchronous == "2");

    // Checkpoints are the writer's to start, between batches.
    sqlite3_wal_autocheckpoint(handle_, 0);
    // The log keeps what is allocated to it (reserved_space.h), also while nobody has it open: a
    // start on a full disk needs it.
    TRY(SetPragma("journal_size_limit", static_cast<int64_t>(ReservedSpace::LogBytes(options))));
    int persist = 1;
    sqlite3_file_control(handle_, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
    TRY(SetPragma("cache_size", -static_cast<int64_t>(options.writer_cache_bytes / 1024)));
    TRY(Run("PRAGMA temp_store=MEMORY"));  // what a savepoint would undo stays in memory
    TRY(Run("PRAGMA cell_size_check=ON"));
    // Debian's default also overwrites freed pages, which costs as many page writes again.
    TRY(QueryText("PRAGMA secure_delete=FAST"));
    return Ok();
}

Result<> Connection::ConfigureReader(const SqliteOptions& options) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_autocheckpoint(handle_, 0);
    TRY(Run("PRAGMA query_only=ON"));
    TRY(SetPragma("cache_size", -static_cast<int64_t>(options.reader_cache_bytes / 1024)));
    TRY(const std::string journal_mode, QueryText("PRAGMA journal_mode"));
    COFFER_CHECK(journal_mode == "wal");
    return Ok();
}

// Reads the header, too: what is not a database fails here, before anything is written.
Result<> Connection::CheckOwner() {
    TRY(const std::string application_id, QueryText("PRAGMA application_id"));
    if (application_id != std::to_string(kApplicationId))
        return Error(ErrorKind::kConflict, "the file is a database of another program");
    if (!ChecksPages(handle_))
        return Error(ErrorKind::kCorrupt, "the pages of the database have no checksums");
    return Ok();
}

Result<> Connection::SetPragma(std::string_view name, int64_t value) {
    return Query(fmt::format("PRAGMA {}={}", name, value), {}, [](const Row&) { return true; });
}

Result<std::unique_ptr<Connection::Statement>> Connection::Prepare(std::string_view sql,
                                                                   std::string_view* tail) {
    auto statement = std::make_unique<Statement>();
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement->handle, &rest);
    if (code != SQLITE_OK) return Failure(code, sql);
    *tail = sql.substr(static_cast<size_t>(rest - sql.data()));

    const int parameters = sqlite3_bind_parameter_count(statement->handle);
    for (int i = 1; i <= parameters; ++i) {
        const char* name = sqlite3_bind_parameter_name(statement->handle, i);
        const int number = name != nullptr && name[0] == '$' ? std::atoi(name + 1) : 0;
        if (number < 1 || number > parameters)
            return Error(ErrorKind::kInternal, fmt::format("parameters are $1 to $n: {}", sql));
        statement->numbers.push_back(number);
    }
    return statement;
}

Result<Connection::Use> Connection::UseStatement(std::string_view sql) {
    auto cached = statements_.find(sql);
    if (cached != statements_.end() && !cached->second->in_use) return Use(cached->second.get());

    std::string_view tail;
    TRY(auto statement, Prepare(sql, &tail));
    if (statement->handle == nullptr || !IsBlank(tail))
        return Error(ErrorKind::kInternal, fmt::format("not one statement: {}", sql));
    if (cached != statements_.end()) return Use(std::move(statement));

    if (statements_.size() >= kStatementLimit)
        std::erase_if(statements_, [](const auto& entry) { return !entry.second->in_use; });
    return Use(statements_.emplace(sql, std::move(statement)).first->second.get());
}

Result<> Connection::Step(Statement& statement, std::span<const Value> values,
                          const std::function<bool(const Row&)>* each) {
    if (values.size() != statement.numbers.size())
        return Error(ErrorKind::kInternal,
                     fmt::format("{} values for {} parameters: {}", values.size(),
                                 statement.numbers.size(), sqlite3_sql(statement.handle)));
    for (size_t i = 0; i < statement.numbers.size(); ++i) {
        const Value& value = values[statement.numbers[i] - 1];
        const int code = BindValue(statement.handle, static_cast<int>(i) + 1, value);
        if (code != SQLITE_OK) return Failure(code, sqlite3_sql(statement.handle));
    }
    const StatementRow row(statement.handle);
    for (;;) {
        const int code = sqlite3_step(statement.handle);
        if (code == SQLITE_DONE) return Ok();
        if (code != SQLITE_ROW) return Failure(code, sqlite3_sql(statement.handle));
        if (each != nullptr && !(*each)(row)) return Ok();
    }
}

Result<int64_t> Connection::Execute(std::string_view sql, std::span<const Value> values) {
    const size_t semicolon = sql.find(';');
    if (values.size() == 0 && semicolon != sql.npos && !IsBlank(sql.substr(semicolon)))
        return ExecuteScript(sql);

    TRY(Use statement, UseStatement(sql));
    const int64_t before = sqlite3_total_changes64(handle_);
    TRY(Step(*statement, values, nullptr));
    // sqlite3_changes64 still counts an earlier statement after one that changes no rows.
    return sqlite3_total_changes64(handle_) == before ? 0 : sqlite3_changes64(handle_);
}

Result<int64_t> Connection::ExecuteScript(std::string_view sql) {
    const int64_t before = sqlite3_total_changes64(handle_);
    while (!IsBlank(sql)) {
        TRY(auto statement, Prepare(sql, &sql));
        if (statement->handle == nullptr) continue;  // a comment
        TRY(Step(*statement, {}, nullptr));
    }
    return sqlite3_total_changes64(handle_) - before;
}

Result<> Connection::Query(std::string_view sql, std::span<const Value> values,
                           const std::function<bool(const Row&)>& each) {
    TRY(Use statement, UseStatement(sql));
    return Step(*statement, values, &each);
}

Result<> Connection::Run(std::string_view sql) {
    TRY(Use statement, UseStatement(sql));
    return Step(*statement, {}, nullptr);
}

Result<std::string> Connection::QueryText(std::string_view sql) {
    std::optional<std::string> text;
    // To the end of the statement: what it changes is committed there, and may fail.
    TRY(Query(sql, {}, [&](const Row& row) {
        if (text) return true;
        const Value value = row.Get(0);
        const auto* const number = std::get_if<int64_t>(&value);
        text = number == nullptr ? std::string(row.Text(0)) : std::to_string(*number);
        return true;
    }));
    return text.value_or("");
}

Result<int64_t> ConnectionTransaction::Execute(std::string_view sql,
                                               std::span<const Value> values) {
    if (broken_) return *broken_;
    auto result = connection_.Execute(sql, values);
    if (!result) Note(result.error());
    return result;
}

Result<> ConnectionTransaction::Query(std::string_view sql, std::span<const Value> values,
                                      const std::function<bool(const Row&)>& each) {
    if (broken_) return *broken_;
    auto result = connection_.Query(sql, values, each);
    if (!result) Note(result.error());
    return result;
}

Result<std::vector<std::string>> ConnectionTransaction::CheckStructure() {
    std::vector<std::string> found;
    const Result<> read = Query("PRAGMA integrity_check(100)", {}, [&](const Row& row) {
        found.emplace_back(row.Text(0));
        return true;
    });
    // Some damage ends the check itself.
    if (!read && read.error().kind() == ErrorKind::kCorrupt)
        found.push_back(read.error().message());
    if (!read && found.empty()) return read.error();
    if (found.size() == 1 && found[0] == "ok") found.clear();
    return found;
}

int64_t ConnectionTransaction::NextNumber() {
    COFFER_CHECK(last_number_ != nullptr);
    return ++*last_number_;
}

void ConnectionTransaction::Note(const Error& error) {
    if (!broken_ && (!UndidOnlyItsStatement(error) || !connection_.InTransaction()))
        broken_ = error;
}

}  // namespace coffer::db
