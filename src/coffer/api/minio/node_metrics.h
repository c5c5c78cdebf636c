// Figures of the process, the machine and the disk, read when somebody asks: minio_node_*,
// minio_cluster_*.
#pragma once

#include <functional>
#include <string>

#include "coffer/os/file_system.h"
#include "coffer/runtime/metrics.h"

namespace coffer::api::minio {

struct NodeMetricsOptions {
    std::string version;         // of the program
    std::string data_directory;  // shown as the drive
};

// Adds a collector to `registry`. A disk that can't be asked counts as offline. `files` outlives
// the registry.
void AddNodeMetrics(runtime::Registry& registry, os::FileSystem& files, NodeMetricsOptions options);

}  // namespace coffer::api::minio
