// Tells those who listen (service/listeners.h) what was committed, in the order of the commits.
//
// What happens while somebody listens is written as rows of the catalogue, like what webhooks get,
// and deleted once it was told. What a process leaves of it is nobody's any more.
#pragma once

#include <atomic>

#include "coffer/runtime/background_loop.h"
#include "coffer/service/core.h"

namespace coffer::job {

class ListenFeed {
  public:
    // `core` outlives it.
    explicit ListenFeed(service::Core& core) : core_(core) {}

    // Runs in the background on `executor` from now on.
    void Start(runtime::Executor executor) { loop_.Start(executor); }

    // Blocks; not for an executor's thread.
    void Stop() { loop_.Stop(); }

    // Somebody listens now, or an event was written in a transaction that may not be committed yet.
    // Any thread; cheap.
    void Wake();

    // Tells what there is to be told.
    Task<Result<>> RunOnce();

  private:
    Task<runtime::BackgroundLoop::Duration> RunStep();

    service::Core& core_;
    std::atomic<bool> news_ = true;
    int64_t told_to_ = 0;  // the last event that was
    runtime::BackgroundLoop loop_{[this] { return RunStep(); }};
};

}  // namespace coffer::job
