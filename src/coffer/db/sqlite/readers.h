// The connections that read: as many as threads read at a time, opened when they are first needed.
//
// Any thread may call it, and none waits for another: a thread takes the connection that was given
// back last (its pages and statements are warm), or opens one more.
//
// A connection that is given back keeps its read transaction: to begin one costs as much as two
// point reads. It serves the next read as long as nothing was committed since; the writer says
// when something is. While a commit or a checkpoint runs, each read has a transaction of its own:
// else one could see the commit, and the next, on another connection, not yet.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/base/result.h"
#include "coffer/db/sqlite/connection.h"

namespace coffer::db {

class Readers {
  public:
    Readers(std::string path, const SqliteOptions& options);

    // Runs `fn` in a read transaction on the calling thread. It sees what the reads that ended
    // before it saw, and all that is committed.
    Result<> Run(const std::function<Result<>(Transaction&)>& fn);

    // From here to Resume no transaction is kept, and none that was kept is used again. For the
    // writer, around whatever changes what a new transaction sees.
    void Pause();
    void Resume();

    // Ends the transactions that idle connections keep, which would hold up a checkpoint. While
    // paused.
    void EndIdle();

    // Closes the idle connections. Nothing reads any more.
    void Close();

  private:
    struct Reader {
        std::unique_ptr<Connection> connection;
        uint64_t epoch = 0;  // that its transaction began in, if it has one
    };

    void Advance() { epoch_.fetch_add(1); }
    Result<Reader> Take();
    void GiveBack(Reader reader);

    const std::string path_;
    const SqliteOptions options_;
    std::atomic<uint64_t> epoch_ = 0;
    Mutex mutex_;  // held for a push or a pop, never while SQLite runs
    bool keeps_ GUARDED_BY(mutex_) = true;
    std::vector<Reader> idle_ GUARDED_BY(mutex_);
};

}  // namespace coffer::db
