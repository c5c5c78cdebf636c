// When scrubs run: one after the other, on a thread of their own with the least priority. By itself
// at a slow pace, one pass for each interval; at once and as fast as it may when a command asks.
//
// A pass that the end of the process interrupted goes on where it was. Between passes it looks
// after copies that reads have found damaged. Any thread may call it; Start and Stop belong to its
// owner.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "coffer/job/scrub_status.h"
#include "coffer/service/core.h"

namespace coffer::job {

struct ScrubSchedule {
    std::chrono::milliseconds interval{0};  // from one beginning to the next; 0: only when asked
    uint64_t bytes_per_second = 0;          // of its own passes; 0: no limit
    std::function<bool()> busy;             // whether requests wait for the disk; null: never
};

struct ScrubRequest {
    bool repair = true;             // false: only looks, changes nothing
    uint64_t bytes_per_second = 0;  // 0: no limit
    bool restart = false;           // drops a pass that a command began and did not end
};

struct ScrubCounters {
    int64_t verified_bytes = 0;
    int64_t verified_copies = 0;
};

class Scrubber {
  public:
    // `core` outlives it.
    Scrubber(service::Core& core, ScrubSchedule schedule);
    ~Scrubber();  // Stop

    void Start();

    // Ends what runs, and keeps how far it is. Blocks for as long as a read takes.
    void Stop();

    // Has a pass run now, in place of one of its own. True: a new one; false: one that a command
    // asked for is under way or unfinished, and goes on as it was asked for.
    bool Begin(ScrubRequest request);

    void Pause();
    void Resume();

    // Drops the pass that a command asked for.
    void Cancel();

    ScrubStatus status() const;
    ScrubCounters counters() const;

    // That a copy was found damaged.
    void Wake();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coffer::job
