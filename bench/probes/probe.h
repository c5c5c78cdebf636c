// What the machine itself can do, measured beside the servers in every round, since a figure of a
// server means something only against its machine of that minute.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "coffer/base/result.h"

#include "bench/loader/histogram.h"

namespace coffer::bench {

struct ProbeOptions {
    std::string directory;  // probes that write, write here, and remove what they wrote
    std::chrono::nanoseconds duration{};
    size_t clients = 1;
};

struct ProbeReport {
    double seconds = 0;
    uint64_t bytes = 0;    // hashed, written or sent
    double cpu_s = 0;      // of this process
    Histogram latency_ns;  // of each operation
};

// Each blocks for about the duration.

// 4 KiB written over and over in place, and synced each time: the disk's commit.
Result<ProbeReport> ProbeFdatasync(const ProbeOptions& options);

// `clients` threads append records of 4 KiB to a file that was filled with zeros and synced
// before; one thread writes what waits and syncs once for all of it.
Result<ProbeReport> ProbePackAppend(const ProbeOptions& options);

// `clients` threads each make files of 4 KiB: create, write, sync, rename, sync the directory.
Result<ProbeReport> ProbeFilePerObject(const ProbeOptions& options);

// SHA-256 and MD5 of the same 10 MiB in one pass (codec/multi_hasher.h), in 256 KiB steps as a
// server gets them; `clients` of those at once, a thread for each.
Result<ProbeReport> ProbeDigests(const ProbeOptions& options);

// One object row and one blob row a transaction, as SQLite commits it in WAL mode with
// synchronous=FULL.
Result<ProbeReport> ProbeSqliteCommit(const ProbeOptions& options);

// 10 MiB at a time through a TCP connection on loopback, 256 KiB a write, on two threads.
Result<ProbeReport> ProbeLoopback(const ProbeOptions& options);

// Copies of 256 MiB in memory.
Result<ProbeReport> ProbeMemcpy(const ProbeOptions& options);

// For the probes: runs `step` until the duration is over, timing each run; `bytes` a step.
Result<ProbeReport> Repeat(const ProbeOptions& options, uint64_t bytes,
                           const std::function<Result<>()>& step);

}  // namespace coffer::bench
