// A database in front of which something else can happen between two transactions of one
// operation.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "coffer/db/database.h"

namespace coffer::testing {

class InterruptedDatabase final : public db::Database {
  public:
    explicit InterruptedDatabase(std::unique_ptr<db::Database> below) : below_(std::move(below)) {}

    // Has `happen` done, once, before the `n`th read, or write, that is not a blocking one, from
    // now on.
    void BeforeRead(int n, std::function<Task<void>()> happen) { reads_ = {n, std::move(happen)}; }
    void BeforeWrite(int n, std::function<Task<void>()> happen) {
        writes_ = {n, std::move(happen)};
    }

    // Nothing is done any more.
    void GoOn() { reads_ = writes_ = {}; }

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
        co_await Interrupt(reads_);
        co_return co_await below_->Read(cost, std::move(fn));
    }
    Task<Result<>> WriteErased(std::function<Result<>(db::Transaction&)> fn,
                               db::Purpose purpose) override {
        co_await Interrupt(writes_);
        co_return co_await below_->Write(std::move(fn), purpose);
    }

  private:
    struct Interruption {
        int left = 0;
        std::function<Task<void>()> happen;
    };
    static Task<void> Interrupt(Interruption& interruption) {
        if (!interruption.happen || --interruption.left != 0) co_return;
        const auto happen = std::exchange(interruption.happen, nullptr);
        co_await happen();
    }

    const std::unique_ptr<db::Database> below_;
    Interruption reads_;
    Interruption writes_;
};

}  // namespace coffer::testing
