#include "tests/support/turns.h"

#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "coffer/runtime/suspend.h"

#include "tests/support/run_task.h"

namespace coffer::testing {

namespace asio = boost::asio;

void Turns::Add(Task<void> task) {
    ++unfinished_;
    asio::co_spawn(context_.get_executor(), Count(std::move(task)), asio::detached);
}

Task<void> Turns::Count(Task<void> task) {
    co_await std::move(task);
    --unfinished_;
}

void Turns::Run(const std::function<size_t(size_t)>& choose) {
    for (;;) {
        context_.restart();
        context_.poll();
        if (waiting_.empty()) return;
        const auto chosen = waiting_.begin() + static_cast<ptrdiff_t>(choose(waiting_.size()));
        const std::function<void()> wake = std::move(*chosen);
        waiting_.erase(chosen);
        wake();
    }
}

Task<void> Turns::Next() {
    co_await runtime::Suspend([this](const runtime::Waker& wake) { waiting_.emplace_back(wake); });
}

namespace {

// Steps run on a loop of their own, to their end: nothing else may happen meanwhile.
class DatabaseInTurns final : public db::Database {
  public:
    DatabaseInTurns(Turns& turns, db::Database& below) : turns_(turns), below_(below) {}

    Result<> ReadBlocking(const std::function<Result<>(db::Transaction&)>& fn) override {
        return below_.ReadBlocking(fn);
    }
    Result<> WriteBlocking(const std::function<Result<>(db::Transaction&)>& fn,
                           db::Purpose purpose) override {
        return below_.WriteBlocking(fn, purpose);
    }

  protected:
    Task<Result<>> ReadErased(db::Cost, std::function<Result<>(db::Transaction&)> fn) override {
        co_await turns_.Next();
        const Result<> result = below_.ReadBlocking(fn);
        if (turns_.pause_after_reads()) co_await turns_.Next();
        co_return result;
    }
    Task<Result<>> WriteErased(std::function<Result<>(db::Transaction&)> fn,
                               db::Purpose purpose) override {
        co_await turns_.Next();
        co_return below_.WriteBlocking(fn, purpose);
    }

  private:
    Turns& turns_;
    db::Database& below_;
};

class SourceInTurns final : public ByteSource {
  public:
    SourceInTurns(Turns& turns, std::unique_ptr<ByteSource> below)
        : turns_(turns), below_(std::move(below)) {}
    Task<Result<size_t>> Read(ByteSpan out) override {
        co_await turns_.Next();
        co_return RunTask(below_->Read(out));
    }

  private:
    Turns& turns_;
    const std::unique_ptr<ByteSource> below_;
};

class StoreInTurns final : public store::Store {
  public:
    StoreInTurns(Turns& turns, store::Store& below) : turns_(turns), below_(below) {}

    Task<Result<std::unique_ptr<store::Staged>>> Stage(ByteSource& source,
                                                       store::StageHints hints) override {
        co_return RunTask(below_.Stage(source, hints));
    }
    Task<Result<std::string>> Commit(std::unique_ptr<store::Staged> staged) override {
        co_await turns_.Next();
        co_return RunTask(below_.Commit(std::move(staged)));
    }
    Task<Result<std::unique_ptr<ByteSource>>> Read(std::string key,
                                                   store::ByteRange range) override {
        co_await turns_.Next();
        CO_TRY(std::unique_ptr<ByteSource> source, RunTask(below_.Read(std::move(key), range)));
        co_return std::make_unique<SourceInTurns>(turns_, std::move(source));
    }
    Task<Result<>> Remove(std::string key) override {
        co_await turns_.Next();
        co_return RunTask(below_.Remove(std::move(key)));
    }
    Task<Result<std::string>> Quarantine(std::string key, std::string note) override {
        co_await turns_.Next();
        co_return RunTask(below_.Quarantine(std::move(key), std::move(note)));
    }
    Task<Result<>> SyncRemovals() override {
        co_await turns_.Next();
        co_return RunTask(below_.SyncRemovals());
    }
    Task<Result<store::CopyStat>> Stat(std::string key) override {
        co_await turns_.Next();
        co_return RunTask(below_.Stat(std::move(key)));
    }
    Task<Result<store::ListPage>> List(std::string cursor, size_t limit) override {
        co_await turns_.Next();
        co_return RunTask(below_.List(std::move(cursor), limit));
    }
    store::Capabilities GetCapabilities() const override { return below_.GetCapabilities(); }

  private:
    Turns& turns_;
    store::Store& below_;
};

}  // namespace

std::unique_ptr<db::Database> InTurns(Turns& turns, db::Database& below) {
    return std::make_unique<DatabaseInTurns>(turns, below);
}
std::unique_ptr<store::Store> InTurns(Turns& turns, store::Store& below) {
    return std::make_unique<StoreInTurns>(turns, below);
}

}  // namespace coffer::testing
