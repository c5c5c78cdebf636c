#include "coffer/db/sqlite/readers.h"

#include <utility>

namespace coffer::db {

Readers::Readers(std::string path, const SqliteOptions& options)
    : path_(std::move(path)), options_(options) {}

Result<std::unique_ptr<Connection>> Readers::Take() {
    {
        MutexLock lock(mutex_);
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return connection;
        }
    }
    return Connection::OpenReader(path_, options_);
}

void Readers::GiveBack(std::unique_ptr<Connection> connection) {
    MutexLock lock(mutex_);
    idle_.push_back(std::move(connection));
}

Result<> Readers::Run(const std::function<Result<>(Transaction&)>& fn) {
    TRY(auto connection, Take());
    // The state that `fn` sees is fixed by its first statement, and stays until the end of the
    // transaction.
    TRY(connection->Run("BEGIN"));
    ConnectionTransaction transaction(*connection, nullptr);
    Result<> result = fn(transaction);
    if (result && transaction.broken()) result = *transaction.broken();
    // A connection that can't end its transaction is closed, which ends it.
    if (!connection->InTransaction() || connection->Run("ROLLBACK"))
        GiveBack(std::move(connection));
    return result;
}

}  // namespace coffer::db
