// A database in front of which something else can happen between two reads of one operation.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "coffer/db/database.h"

namespace coffer::testing {

class InterruptedDatabase final : public db::Database {
  public:
    explicit InterruptedDatabase(std::unique_ptr<db::Database> below) : below_(std::move(below)) {}

    // Has `happen` done, once, before the `n`th read that is not a blocking one, from now on.
    void BeforeRead(int n, std::function<Task<void>()> happen) {
        reads_left_ = n;
        happen_ = std::move(happen);
    }

    Result<> ReadBlocking(const std::function<Result<>(db::Transaction&)>& fn) override {
        return below_->ReadBlocking(fn);
    }
    Result<> WriteBlocking(const std::function<Result<>(db::Transaction&)>& fn,
                           db::Purpose purpose = db::Purpose::kOrdinary) override {
        return below_->WriteBlocking(fn, purpose);
    }

  protected:
    Task<Result<>> ReadErased(db::Cost cost,
                              std::function<Result<>(db::Transaction&)> fn) override {
        if (happen_ && --reads_left_ == 0) {
            const auto happen = std::exchange(happen_, nullptr);
            co_await happen();
        }
        co_return co_await below_->Read(cost, std::move(fn));
    }
    Task<Result<>> WriteErased(std::function<Result<>(db::Transaction&)> fn,
                               db::Purpose purpose) override {
        co_return co_await below_->Write(std::move(fn), purpose);
    }

  private:
    const std::unique_ptr<db::Database> below_;
    int reads_left_ = 0;
    std::function<Task<void>()> happen_;
};

}  // namespace coffer::testing
