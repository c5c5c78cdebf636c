// Sends a workload's requests over keep-alive connections to 127.0.0.1, and times them.
//
// Closed loop: each connection sends when its last answer is there. A server that stalls is then
// asked less, so that quantiles of latency are those of what was sent, not of what would have been
// (coordinated omission). Open loop: requests fall due at a fixed rate whatever the server does,
// and are timed from that moment, waiting for a connection included.
//
// One thread, one epoll. Bodies are not looked at beyond what the workload keeps: the kernel drops
// the rest unread, so that the loader costs little of the processor that it shares with the server.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "coffer/base/result.h"

#include "bench/loader/histogram.h"
#include "bench/loader/workload.h"

namespace coffer::bench {

struct DriveOptions {
    uint16_t port = 0;
    size_t connections = 1;
    std::chrono::nanoseconds warm_up{0};
    std::chrono::nanoseconds measured{0};  // 0: until the workload ends
    double rate_per_s = 0;                 // 0: closed loop
    std::vector<pid_t> server_pids;        // whose processor time is reported
};

struct KindReport {
    Histogram latency_ns;
    uint64_t sent_bytes = 0;  // of bodies
    uint64_t received_bytes = 0;
};

// Of what was answered in the measured time.
struct DriveReport {
    double seconds = 0;
    std::vector<KindReport> kinds;
    uint64_t listed = 0;  // by Workload::listed()
    uint64_t errors = 0;  // of the warm-up, too
    std::string first_error;
    uint64_t reconnects = 0;
    bool ended_early = false;  // the workload ended before the time did
    double server_cpu_s = 0;
    double loader_cpu_s = 0;
};

// Blocks until it is over. An error: the server can't be reached, or answers what is no HTTP.
// Answers that the workload refuses are counted, and a thousand of them end it.
Result<DriveReport> Drive(Workload& workload, const DriveOptions& options);

}  // namespace coffer::bench
