#include "coffer/db/sqlite/writer.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/db/sqlite/error.h"

namespace coffer::db {
namespace {

constexpr auto kIdleTime = std::chrono::milliseconds(1000);
constexpr int kRestartWaitMs = 100;

// Allocates the log's space ahead of use, behind its end: SQLite finds the file as it left it, and
// a full disk can't keep it from logging what deletes rows. Where the file system has no such call,
// there is no reserve.
void ReserveLog(sqlite3* handle, uint64_t size_bytes) {
    const char* path = sqlite3_filename_wal(sqlite3_db_filename(handle, "main"));
    const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (::fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size_bytes)) != 0)
        Log(LogLevel::kDebug, "no space is reserved for the catalogue's log", {{"path", path}});
    ::close(fd);
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, const SqliteOptions& options)
    : connection_(std::move(connection)),
      queue_limit_(options.write_queue_limit),
      checkpoint_pages_(std::max<uint64_t>(1, options.checkpoint_bytes / Connection::kPageBytes)),
      log_limit_pages_(std::max<uint64_t>(1, options.wal_limit_bytes / Connection::kPageBytes)),
      next_checkpoint_(checkpoint_pages_),
      next_restart_(log_limit_pages_) {
    sqlite3_wal_hook(connection_->handle(), &Writer::OnCommit, this);
    ReserveLog(connection_->handle(), options.checkpoint_bytes);
    thread_ = std::thread([this] { Loop(); });
}

Writer::~Writer() {
    {
        MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.NotifyOne();
    thread_.join();
}

Result<> Writer::Submit(Function fn, Done done) {
    {
        MutexLock lock(mutex_);
        if (waiting_.size() >= queue_limit_)
            return Error(ErrorKind::kBusy, "too many writes wait for the catalogue");
        waiting_.push_back({std::move(fn), std::move(done), std::nullopt});
    }
    changed_.NotifyOne();
    return Ok();
}

void Writer::Loop() {
    pthread_setname_np(pthread_self(), "db-writer");
    for (;;) {
        std::vector<Write> batch = TakeWaiting();
        if (batch.empty()) {
            // At the end, too: what closing does by itself, it does not report.
            if (!checkpointed_) Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
            if (Stopping()) return;
            continue;
        }
        Commit(batch);
        for (Write& write : batch)
            write.done(write.error ? Result<>(*std::move(write.error)) : Result<>(Ok()));
        batch.clear();
        CheckpointWhenLarge();
    }
}

bool Writer::Stopping() {
    MutexLock lock(mutex_);
    return stopping_ && waiting_.empty();
}

std::vector<Writer::Write> Writer::TakeWaiting() {
    MutexLock lock(mutex_);
    while (waiting_.empty() && !stopping_) {
        if (checkpointed_) {
            changed_.Wait(mutex_);
        } else if (!changed_.WaitFor(mutex_, kIdleTime)) {
            break;
        }
    }
    return std::exchange(waiting_, {});
}

void Writer::Commit(std::span<Write> writes) {
    while (!writes.empty()) {
        const size_t broken_at = TryCommit(writes);
        if (broken_at == writes.size()) return;
        // The writes before it were undone with it, through no fault of theirs: they run again,
        // without it.
        Commit(writes.first(broken_at));
        writes = writes.subspan(broken_at + 1);
    }
}

size_t Writer::TryCommit(std::span<Write> writes) {
    // Also those that failed by themselves: what they found may have been the doing of others that
    // are undone now.
    const auto fail_all = [&](const Error& error) {
        RollBack();
        for (Write& write : writes)
            write.error = error;
        return writes.size();
    };
    if (Result<> begun = connection_->Run("BEGIN IMMEDIATE"); !begun)
        return fail_all(begun.error());
    for (size_t i = 0; i < writes.size(); ++i) {
        if (RunOne(writes[i], writes.size() == 1)) continue;
        RollBack();
        return i;
    }
    Result<> committed = connection_->Run("COMMIT");
    if (committed) return writes.size();
    if (committed.error().kind() == ErrorKind::kConflict && writes.size() > 1) {
        // A deferred constraint speaks up at the commit, and does not say whose it is.
        RollBack();
        for (size_t i = 0; i < writes.size(); ++i)
            Commit(writes.subspan(i, 1));
        return writes.size();
    }
    return fail_all(committed.error());
}

bool Writer::RunOne(Write& write, bool alone) {
    write.error.reset();
    const auto undo_all = [&](const Error& error) {
        if (!write.error) write.error = error;
        return false;
    };
    if (!alone) {
        if (Result<> saved = connection_->Run("SAVEPOINT one"); !saved)
            return undo_all(saved.error());
    }
    ConnectionTransaction transaction(*connection_);
    Result<> result = write.fn(transaction);
    if (transaction.broken()) return undo_all(*transaction.broken());
    if (alone) return result ? true : undo_all(result.error());

    if (!result) {
        write.error = result.error();
        if (Result<> undone = connection_->Run("ROLLBACK TO one"); !undone) return false;
    }
    if (Result<> released = connection_->Run("RELEASE one"); !released)
        return undo_all(released.error());
    return true;
}

void Writer::RollBack() {
    // SQLite may have done it already; where it reports a failure, the transaction ends all the
    // same.
    if (connection_->InTransaction()) (void)connection_->Run("ROLLBACK");
    COFFER_CHECK(!connection_->InTransaction());
}

void Writer::CheckpointWhenLarge() {
    if (log_pages_ >= next_restart_) {
        Checkpoint(SQLITE_CHECKPOINT_RESTART);
        // Where readers stood in the way, not again soon: each attempt holds up the writes.
        next_restart_ = 2 * log_pages_;
    } else if (log_pages_ >= next_checkpoint_) {
        Checkpoint(SQLITE_CHECKPOINT_PASSIVE);
    }
}

void Writer::Checkpoint(int mode) {
    sqlite3* const handle = connection_->handle();
    const bool waits = mode != SQLITE_CHECKPOINT_PASSIVE;
    if (waits) sqlite3_busy_timeout(handle, kRestartWaitMs);
    const int code = sqlite3_wal_checkpoint_v2(handle, nullptr, mode, nullptr, nullptr);
    if (waits) sqlite3_busy_timeout(handle, Connection::kBusyTimeoutMs);
    const bool failed = code != SQLITE_OK && code != SQLITE_BUSY;
    if (failed) {
        // Nothing is lost: the log keeps it all, and grows until a later checkpoint succeeds.
        const Error error = SqliteError(handle, code, "checkpoint");
        if (!checkpoint_failing_)
            Log(LogLevel::kError, "the catalogue's log can't be brought into its file",
                {{"error", error.ToString()}});
    } else if (checkpoint_failing_) {
        Log(LogLevel::kInfo, "the catalogue's log could be brought into its file again");
    }
    checkpoint_failing_ = failed;
    next_checkpoint_ = log_pages_ + checkpoint_pages_;
    checkpointed_ = true;
}

int Writer::OnCommit(void* self, sqlite3*, const char*, int log_pages) {
    auto* writer = static_cast<Writer*>(self);
    const auto pages = static_cast<uint64_t>(log_pages);
    if (pages < writer->log_pages_) {  // the log has started anew
        writer->next_checkpoint_ = writer->checkpoint_pages_;
        writer->next_restart_ = writer->log_limit_pages_;
    }
    writer->log_pages_ = pages;
    writer->checkpointed_ = false;
    return SQLITE_OK;
}

}  // namespace coffer::db
