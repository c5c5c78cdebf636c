#include "coffer/db/sqlite/writer.h"

#include <pthread.h>

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

// Each time the file grows by twice as much as the last time: 4 GiB in all.
constexpr int kMostGrowth = 12;

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::unique_ptr<Commits> commits,
               Readers& readers, const SqliteOptions& options)
    : options_(options),
      connection_(std::move(connection)),
      commits_(std::move(commits)),
      readers_(readers),
      checkpoint_pages_(std::max<uint64_t>(1, options.checkpoint_bytes / Connection::kPageBytes)),
      log_limit_pages_(std::max<uint64_t>(1, options.wal_limit_bytes / Connection::kPageBytes)),
      next_checkpoint_(checkpoint_pages_),
      next_restart_(log_limit_pages_),
      space_(*connection_, options) {
    if (options.registry != nullptr) metrics_.emplace(*options.registry);
    sqlite3_wal_hook(connection_->handle(), &Writer::OnCommit, this);
    thread_ = std::thread([this] { Loop(); });
}

Writer::~Writer() {
    {
        MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.NotifyOne();
    thread_.join();
    const std::string log =
        sqlite3_filename_wal(sqlite3_db_filename(connection_->handle(), "main"));
    connection_.reset();  // empties the log, and with that lets go of its space
    ReservedSpace::AllocateLog(log, options_);
}

Result<> Writer::Submit(Function fn, Purpose purpose, Done done) {
    {
        MutexLock lock(mutex_);
        if (waiting_.size() >= options_.write_queue_limit)
            return Error(ErrorKind::kBusy, "too many writes wait for the catalogue");
        waiting_.push_back({std::move(fn), purpose, std::move(done)});
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
        log_restarted_ = false;
        Commit(batch);
        for (Write& write : batch)
            write.done(write.error ? Result<>(*std::move(write.error)) : Result<>(Ok()));
        batch.clear();
        space_.KeepAhead();
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
        if (MakeRoom(writes[broken_at])) continue;
        // The writes before it were undone with it, through no fault of theirs: they run again,
        // without it.
        Commit(writes.first(broken_at));
        writes = writes.subspan(broken_at + 1);
    }
}

void Writer::CommitEachAlone(std::span<Write> writes) {
    RollBack();
    for (size_t i = 0; i < writes.size(); ++i)
        Commit(writes.subspan(i, 1));
}

bool Writer::MakeRoom(Write& write) {
    if (!write.lacked_space || write.error->kind() != ErrorKind::kNoSpace) return false;
    // A few times at most: what it lacks may not be what more of the file gives.
    if (write.grown < kMostGrowth && space_.Grow(write.grown++)) return true;
    return write.purpose == Purpose::kFreesSpace && !std::exchange(write.uses_reserve, true);
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
    Result<> begun = connection_->Run("BEGIN IMMEDIATE");
    if (begun) begun = space_.SetLimit(false);
    changes_before_ = sqlite3_total_changes64(connection_->handle());
    if (!begun) return fail_all(begun.error());
    for (size_t i = 0; i < writes.size(); ++i) {
        if (RunOne(writes[i], writes.size() == 1)) continue;
        RollBack();
        return i;
    }
    const Result<> committed = CommitCounted();
    if (committed && metrics_) metrics_->batch.Observe(static_cast<double>(writes.size()));
    if (committed) return writes.size();
    if (committed.error().kind() == ErrorKind::kNoSpace && !log_restarted_) {
        // No room behind the log's end; at its beginning there is, once it is in the file.
        RollBack();
        Checkpoint(SQLITE_CHECKPOINT_RESTART);
        log_restarted_ = true;
        return TryCommit(writes);
    }
    if (committed.error().kind() == ErrorKind::kNoSpace && writes.size() > 1) {
        // What is too much for the log together may fit one by one: what frees space is not to
        // fail for what others need.
        CommitEachAlone(writes);
        return writes.size();
    }
    if (committed.error().kind() == ErrorKind::kConflict && writes.size() > 1) {
        // A deferred constraint speaks up at the commit, and does not say whose it is.
        CommitEachAlone(writes);
        return writes.size();
    }
    return fail_all(committed.error());
}

Result<> Writer::CommitCounted() {
    // Where no row changed nothing can be lost, and there is nothing to sync.
    const bool counts = sqlite3_total_changes64(connection_->handle()) != changes_before_;
    if (counts) {
        TRY(commits_->CountInRow(*connection_));
    }
    TRY(space_.NoteSize());
    readers_.Pause();
    const Result<> committed = connection_->Run("COMMIT");
    readers_.Resume();
    TRY(committed);
    if (counts) commits_->CountInFile();
    return Ok();
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
    ConnectionTransaction transaction(*connection_, commits_->last_number());
    if (write.uses_reserve) (void)space_.SetLimit(true);
    Result<> result = write.fn(transaction);
    if (write.uses_reserve) (void)space_.SetLimit(false);
    write.lacked_space = transaction.broken().has_value();
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
    readers_.Pause();
    readers_.EndIdle();
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
    readers_.Resume();
    if (metrics_) (failed ? metrics_->failed_checkpoints : metrics_->checkpoints).Add();
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
    writer->log_restarted_ = false;
    if (writer->metrics_)
        writer->metrics_->log_bytes.Set(static_cast<double>(pages * Connection::kPageBytes));
    return SQLITE_OK;
}

}  // namespace coffer::db
