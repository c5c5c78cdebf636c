#include "coffer/db/sqlite/readers.h"

#include <utility>

namespace coffer::db {
namespace {

// Whether the connection has no transaction any more. One that can't end it is closed, which does.
bool End(Connection& connection) {
    return !connection.InTransaction() || connection.Run("ROLLBACK").has_value();
}

}  // namespace

Readers::Readers(std::string path, const SqliteOptions& options)
    : path_(std::move(path)), options_(options) {}

Result<Readers::Reader> Readers::Take() {
    {
        MutexLock lock(mutex_);
        if (!idle_.empty()) {
            Reader reader = std::move(idle_.back());
            idle_.pop_back();
            return reader;
        }
    }
    TRY(auto connection, Connection::OpenReader(path_, options_));
    return Reader{std::move(connection)};
}

void Readers::GiveBack(Reader reader) {
    {
        MutexLock lock(mutex_);
        if (keeps_ || !reader.connection->InTransaction()) {
            idle_.push_back(std::move(reader));
            return;
        }
    }
    if (!End(*reader.connection)) return;
    MutexLock lock(mutex_);
    idle_.push_back(std::move(reader));
}

Result<> Readers::Run(const std::function<Result<>(Transaction&)>& fn) {
    // Before the transaction begins: what is committed in between, it may see, and need not.
    const uint64_t epoch = epoch_.load();
    TRY(Reader reader, Take());
    Connection& connection = *reader.connection;
    if (connection.InTransaction() && reader.epoch != epoch) {
        TRY(connection.Run("ROLLBACK"));
    }
    if (!connection.InTransaction()) {
        // The state that `fn` sees is fixed by its first statement, and stays until the end of the
        // transaction.
        TRY(connection.Run("BEGIN"));
        reader.epoch = epoch;
    }
    ConnectionTransaction transaction(connection, nullptr);
    Result<> result = fn(transaction);
    if (transaction.broken()) {
        if (result) result = *transaction.broken();
        if (!End(connection)) return result;
    }
    GiveBack(std::move(reader));
    return result;
}

void Readers::Pause() {
    MutexLock lock(mutex_);
    keeps_ = false;
    Advance();
}

void Readers::Resume() {
    MutexLock lock(mutex_);
    Advance();
    keeps_ = true;
}

void Readers::EndIdle() {
    std::vector<Reader> readers;
    {
        MutexLock lock(mutex_);
        readers.swap(idle_);
    }
    for (Reader& reader : readers)
        GiveBack(std::move(reader));
}

void Readers::Close() {
    MutexLock lock(mutex_);
    idle_.clear();
}

}  // namespace coffer::db
