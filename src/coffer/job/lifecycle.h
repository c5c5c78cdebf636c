// The lifecycle at work: what the rules of buckets let go, goes. It reads an index of what is to be
// looked at by now (catalog/lifecycle_due.h), and nothing else; and it walks over a bucket once
// after its rules were changed.
//
// It goes on where a process that was killed has stopped: every step is one transaction.
#pragma once

#include <atomic>
#include <functional>
#include <span>

#include "coffer/catalog/lifecycle_due.h"
#include "coffer/job/lifecycle_visit.h"
#include "coffer/runtime/background_loop.h"
#include "coffer/service/core.h"

namespace coffer::job {

class Lifecycle {
  public:
    // `core` outlives it. `busy`: whether requests wait, which go first; null: never.
    explicit Lifecycle(service::Core& core, std::function<bool()> busy = nullptr)
        : core_(core), busy_(std::move(busy)) {}

    // Runs in the background on `executor` from now on.
    void Start(runtime::Executor executor) { loop_.Start(executor); }

    // Ends the background work after the transaction that it is at. Blocks; not for an executor's
    // thread.
    void Stop() { loop_.Stop(); }

    // Does all that is due now. What is damaged stops nobody else, and is passed over until it has
    // been put right. Errors are those of the catalogue. Not beside the background work.
    Task<Result<LifecycleCounts>> RunOnce();

    // Since the start. Any thread may ask.
    LifecycleCounts counts() const;
    int64_t visited_keys() const { return visited_keys_; }

  private:
    struct Pass;
    Task<runtime::BackgroundLoop::Duration> RunStep();
    Task<Result<bool>> WalkOn(Pass& pass);
    Task<Result<bool>> VisitDue(Pass& pass);
    Task<Result<>> VisitTogether(std::span<const catalog::DueKey> keys, Pass& pass);
    Task<Result<>> VisitOneByOne(std::span<const catalog::DueKey> keys, Pass& pass);
    Task<void> GiveWay();

    service::Core& core_;
    const std::function<bool()> busy_;
    std::atomic<int64_t> expired_ = 0;
    std::atomic<int64_t> removed_ = 0;
    std::atomic<int64_t> removed_markers_ = 0;
    std::atomic<int64_t> aborted_ = 0;
    std::atomic<int64_t> visited_keys_ = 0;
    runtime::BackgroundLoop loop_{[this] { return RunStep(); }};
};

}  // namespace coffer::job
