// The one thread that writes, and its connection.
//
// It takes all write transactions that wait, runs them one after the other inside one SQLite
// transaction, each in a savepoint of its own, commits once, and then tells all of them: one fsync
// serves everyone who waited for the last one. There is no timer; a batch is what arrived
// meanwhile. Between batches it brings the write-ahead log into the file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/base/result.h"
#include "coffer/db/sqlite/commits.h"
#include "coffer/db/sqlite/connection.h"
#include "coffer/db/sqlite/readers.h"
#include "coffer/db/sqlite/reserved_space.h"
#include "coffer/db/sqlite/writer_metrics.h"

namespace coffer::db {

class Writer {
  public:
    using Function = std::function<Result<>(Transaction&)>;
    using Done = std::function<void(Result<>)>;

    // `readers`: to be told of commits; it outlives the writer.
    Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Commits> commits,
           Readers& readers, const SqliteOptions& options);

    // Commits what waits, brings all of the log into the file, and closes it.
    ~Writer();

    // Hands over a transaction; any thread may. `done` is called once, on the writer's thread, with
    // what `fn` returned once that is durable, or with why it is not; it must not block. kBusy, and
    // nothing is called, when too many wait.
    Result<> Submit(Function fn, Purpose purpose, Done done);

  private:
    struct Write {
        Function fn;
        Purpose purpose;
        Done done;
        std::optional<Error> error = std::nullopt;
        bool lacked_space = false;  // rather than failed by itself
        int grown = 0;              // how often the file grew for it
        bool uses_reserve = false;
    };

    void Loop();
    bool Stopping();
    // Waits for writes, and takes all of them. None: it is time to stop, or to bring the log into
    // the file while nobody asks for anything.
    std::vector<Write> TakeWaiting();

    // Runs the writes, and commits what succeeded. Afterwards each is durable, or has its error.
    void Commit(std::span<Write> writes);
    // As Commit, each by itself; the open transaction is undone.
    void CommitEachAlone(std::span<Write> writes);
    // Commits the open transaction, and counts it where it changed a row.
    Result<> CommitCounted();
    // As Commit, up to the first write that broke the whole transaction, so that those before it
    // are undone, too: returns its index, or writes.size() when all are through.
    size_t TryCommit(std::span<Write> writes);
    // Whether a write that broke the transaction for want of space has more of it now.
    bool MakeRoom(Write& write);
    // Runs one write inside the open transaction. False, with its error, when all of that has to be
    // rolled back.
    bool RunOne(Write& write, bool alone);
    void RollBack();

    void CheckpointWhenLarge();
    // SQLITE_CHECKPOINT_PASSIVE, or _RESTART, which waits a little for readers.
    void Checkpoint(int mode);
    static int OnCommit(void* self, sqlite3* handle, const char* database, int log_pages);

    const SqliteOptions options_;
    std::unique_ptr<Connection> connection_;
    const std::unique_ptr<Commits> commits_;
    Readers& readers_;
    std::optional<WriterMetrics> metrics_;
    const uint64_t checkpoint_pages_;
    const uint64_t log_limit_pages_;

    // For the writer's thread only. Positions in the log, in pages; it starts anew once all of it
    // is in the file.
    int64_t changes_before_ = 0;  // the open transaction
    uint64_t log_pages_ = 0;
    uint64_t next_checkpoint_;
    uint64_t next_restart_;
    bool checkpointed_ = false;  // since the last commit
    bool checkpoint_failing_ = false;
    // In this batch, for want of space, and nothing was added to it since: once more would gain
    // nothing, and may mean to wait for readers.
    bool log_restarted_ = false;
    ReservedSpace space_;

    Mutex mutex_;
    CondVar changed_;
    std::vector<Write> waiting_ GUARDED_BY(mutex_);
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace coffer::db
