// The connections that read: as many as threads read at a time, opened when they are first needed.
//
// Any thread may call it, and none waits for another: a thread takes the connection that was given
// back last (its pages and statements are warm), or opens one more.
#pragma once

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

    // Runs `fn` in a read transaction on the calling thread.
    Result<> Run(const std::function<Result<>(Transaction&)>& fn);

  private:
    Result<std::unique_ptr<Connection>> Take();
    void GiveBack(std::unique_ptr<Connection> connection);

    const std::string path_;
    const SqliteOptions options_;
    Mutex mutex_;  // held for a push or a pop, never while SQLite runs
    std::vector<std::unique_ptr<Connection>> idle_ GUARDED_BY(mutex_);
};

}  // namespace coffer::db
