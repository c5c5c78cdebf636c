// What the writer counts, for a registry that outlives it.
#pragma once

#include "coffer/runtime/metrics.h"

namespace coffer::db {

struct WriterMetrics {
    explicit WriterMetrics(runtime::Registry& registry);

    runtime::Histogram batch;  // transactions in a commit; its count is that of commits
    runtime::Gauge log_bytes;  // up to the last frame of the log
    runtime::Counter checkpoints;
    runtime::Counter failed_checkpoints;
};

}  // namespace coffer::db
