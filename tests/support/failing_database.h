// A database whose next reads and writes can be told to fail. Blocking ones never do.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "coffer/db/database.h"

namespace coffer::testing {

class FailingDatabase final : public db::Database {
  public:
    // `below` outlives it.
    explicit FailingDatabase(db::Database& below) : below_(below) {}

    Result<> ReadBlocking(const std::function<Result<>(db::Transaction&)>& fn) override {
        return below_.ReadBlocking(fn);
    }
    Result<> WriteBlocking(const std::function<Result<>(db::Transaction&)>& fn,
                           db::Purpose purpose = db::Purpose::kOrdinary) override {
        return below_.WriteBlocking(fn, purpose);
    }

    // Called in front of every scan, on the caller's thread. Set while there is none.
    std::function<void()> before_scan;

    // How many are still to fail. Any thread.
    std::atomic<int> point_reads_to_fail = 0;  // with kIo
    std::atomic<int> frees_to_fail = 0;        // with kIo
    std::atomic<int> writes_to_fail = 0;       // others, with write_failure
    ErrorKind write_failure = ErrorKind::kNoSpace;

  protected:
    Task<Result<>> ReadErased(db::Cost cost,
                              std::function<Result<>(db::Transaction&)> fn) override {
        if (cost == db::Cost::kScan && before_scan) before_scan();
        if (cost == db::Cost::kPoint && Take(point_reads_to_fail))
            co_return Error(ErrorKind::kIo, "the catalogue can't be read");
        co_return co_await below_.Read(cost, std::move(fn));
    }
    Task<Result<>> WriteErased(std::function<Result<>(db::Transaction&)> fn,
                               db::Purpose purpose) override {
        if (purpose == db::Purpose::kFreesSpace && Take(frees_to_fail))
            co_return Error(ErrorKind::kIo, "the catalogue can't be written");
        if (purpose == db::Purpose::kOrdinary && Take(writes_to_fail))
            co_return Error(write_failure, "there is no room in the catalogue");
        co_return co_await below_.Write(std::move(fn), purpose);
    }

  private:
    static bool Take(std::atomic<int>& left) {
        if (left <= 0) return false;
        --left;
        return true;
    }

    db::Database& below_;
};

}  // namespace coffer::testing
