#include <memory>
#include <utility>

#include "coffer/base/mutex.h"
#include "coffer/db/sqlite/commits.h"
#include "coffer/db/sqlite/connection.h"
#include "coffer/db/sqlite/readers.h"
#include "coffer/db/sqlite/sqlite.h"
#include "coffer/db/sqlite/writer.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/suspend.h"

namespace coffer::db {
namespace {

using Function = std::function<Result<>(Transaction&)>;

class SqliteDatabase final : public Database {
  public:
    SqliteDatabase(const std::string& path, const SqliteOptions& options,
                   std::unique_ptr<Connection> writer, std::unique_ptr<Commits> commits)
        : readers_(path, options),
          writer_(
              std::make_unique<Writer>(std::move(writer), std::move(commits), readers_, options)),
          scan_pool_(std::make_unique<runtime::BlockingPool>("db-scan", options.scan_threads,
                                                             options.scan_queue_limit)) {}

    // Reads end, reading connections close, and the writer, as the last connection, brings the log
    // into the file.
    ~SqliteDatabase() override {
        scan_pool_.reset();
        readers_.Close();
        writer_.reset();
    }

    Result<> ReadBlocking(const Function& fn) override { return readers_.Run(fn); }

    Result<> WriteBlocking(const Function& fn, Purpose purpose) override {
        struct Outcome {
            Mutex mutex;
            CondVar arrived;
            std::optional<Result<>> result GUARDED_BY(mutex);
        } outcome;
        TRY(writer_->Submit(fn, purpose, [&outcome](Result<> result) {
            MutexLock lock(outcome.mutex);
            outcome.result = std::move(result);
            outcome.arrived.NotifyOne();
        }));
        MutexLock lock(outcome.mutex);
        while (!outcome.result)
            outcome.arrived.Wait(outcome.mutex);
        return *std::move(outcome.result);
    }

  protected:
    Task<Result<>> ReadErased(Cost cost, Function fn) override {
        // A point read takes less time than the way to another thread and back.
        if (cost == Cost::kPoint) co_return readers_.Run(fn);
        co_return co_await scan_pool_->Run([&] { return readers_.Run(fn); });
    }

    Task<Result<>> WriteErased(Function fn, Purpose purpose) override {
        Result<> result = Ok();
        co_await runtime::Suspend([&](runtime::Waker wake) {
            const auto finish = [&result, wake = std::move(wake)](Result<> outcome) {
                result = std::move(outcome);
                wake();
            };
            Result<> submitted = writer_->Submit(std::move(fn), purpose, finish);
            if (!submitted) finish(submitted.error());
        });
        co_return result;
    }

  private:
    Readers readers_;
    std::unique_ptr<Writer> writer_;
    std::unique_ptr<runtime::BlockingPool> scan_pool_;
};

}  // namespace

Result<std::unique_ptr<Database>> OpenSqlite(const std::string& path,
                                             const SqliteOptions& options) {
    TRY(auto writer, Connection::OpenWriter(path, options));
    TRY(auto commits, Commits::Open(*writer, options, path));
    return std::make_unique<SqliteDatabase>(path, options, std::move(writer), std::move(commits));
}

}  // namespace coffer::db
