// Processor time that processes have used.
#pragma once

#include <sys/types.h>

#include <span>

namespace coffer::bench {

// User and system time of all threads of the processes so far, in seconds; one that has ended
// counts as 0. Source: proc(5), /proc/PID/stat.
double ProcessorSeconds(std::span<const pid_t> pids);

// The same for this process.
double OwnProcessorSeconds();

}  // namespace coffer::bench
