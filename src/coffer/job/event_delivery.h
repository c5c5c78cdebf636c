// Tells one target its events, as the catalogue has them: in order for each key, again until it has
// taken them. What it has taken is deleted after it: where the process dies in between, it is told
// the same again after the next start. No event is told before its transaction is committed, and
// none is lost.
//
// It has threads of its own, which wait for the target; nothing else does.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/mutex.h"
#include "coffer/db/database.h"
#include "coffer/job/delivery_plan.h"
#include "coffer/runtime/background_loop.h"
#include "coffer/runtime/blocking_pool.h"

namespace coffer::job {

struct DeliveryCounts {
    int64_t waiting = 0;  // in the catalogue, some seconds ago
    int64_t in_flight = 0;
    int64_t delivered = 0;  // to the target, since the start
    int64_t failed = 0;     // attempts
    int64_t died = 0;
    std::string error;  // of the last attempt; empty: the target takes what it gets
};

class EventDelivery {
  public:
    // Sends a document on a thread of its own, and returns once the target has taken it. Ends soon,
    // with any error, once `cancelled` is true.
    using Send =
        std::function<Result<>(const std::string& document, const std::atomic<bool>& cancelled)>;

    // `database` and `clock` outlive it. `warn_above`: how many events may wait before the log says
    // so; 0: any number.
    EventDelivery(db::Database& database, const Clock& clock, std::string target, Send send,
                  DeliveryLimits limits, int64_t warn_above = 0);
    ~EventDelivery();  // Stop

    void Start(runtime::Executor executor);

    // Lets what is in flight end, for a second, and keeps what came of it. Blocks; not for an
    // executor's thread.
    void Stop();

    // An event was written for the target, in a transaction that may not be committed yet. Any
    // thread; cheap.
    void Wake();

    // Any thread.
    DeliveryCounts counts() const;
    const std::string& target() const { return target_; }

  private:
    // What came of an event that was taken from the plan.
    struct Outcome {
        enum class What : uint8_t {
            kTold,
            kFailed,
            kDamaged,  // its row in the catalogue is
            kDropped,  // by somebody, meanwhile
        };
        catalog::Event event;
        What what;
        std::optional<Error> error = std::nullopt;         // where it failed
        std::optional<int> given_up_after = std::nullopt;  // attempts
    };
    using Duration = runtime::BackgroundLoop::Duration;

    Task<Duration> RunStep();
    Task<Result<>> Settle();
    bool LacksEvents() const { return more_ && !plan_.full(); }
    Task<Result<>> Load();
    Task<Result<>> Count();
    Task<Result<>> SendReady();
    void SendOne(catalog::Event event);
    void EndUnsent(catalog::Event event, Outcome::What what);
    void TakeOutcomes();
    void LogDamage(const catalog::Event& event) const;
    void LogDeath(const Outcome& outcome) const;
    void JudgeFailure(Outcome& outcome);

    // What came of keeping what has ended: the events that come next of its keys, and those that
    // were found to be damaged as they were given up.
    struct Kept {
        std::vector<catalog::Event> next;
        std::set<int64_t> damaged;
    };
    Result<Kept> KeepOutcomes(db::Transaction& tx) const;
    void NoteOutcomes(Kept kept);

    Duration Rest() const;

    db::Database& database_;
    const Clock& clock_;
    const std::string target_;
    const Send send_;
    const DeliveryLimits limits_;
    const int64_t warn_above_;

    // Of the loop.
    DeliveryPlan plan_{limits_};
    std::vector<Outcome> ended_;  // to be kept in the catalogue
    int64_t loaded_to_ = 0;       // every event up to this id is in the plan, behind one, or gone
    bool more_ = true;            // there may be some behind it
    SteadyTime counted_at_{};
    SteadyTime warned_at_{};

    std::atomic<bool> news_ = true;
    std::atomic<bool> cancelled_ = false;
    std::atomic<int64_t> waiting_ = 0;
    std::atomic<int64_t> in_flight_ = 0;
    std::atomic<int64_t> delivered_ = 0;
    std::atomic<int64_t> failed_ = 0;
    std::atomic<int64_t> died_ = 0;

    mutable Mutex mutex_;
    CondVar sent_;
    std::vector<Outcome> outcomes_ GUARDED_BY(mutex_);  // of threads that have ended one
    size_t sending_ GUARDED_BY(mutex_) = 0;
    std::string error_ GUARDED_BY(mutex_);

    std::unique_ptr<runtime::BlockingPool> threads_;
    runtime::BackgroundLoop loop_{[this] { return RunStep(); }};
};

}  // namespace coffer::job
