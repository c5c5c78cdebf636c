#include "coffer/api/minio/node_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace coffer::api::minio {
namespace {

using runtime::Exposition;
using enum runtime::SampleKind;

// "name: 123 kB" lines, as /proc/self/io, /proc/self/status and /proc/meminfo have them (proc(5)).
std::map<std::string, double, std::less<>> ReadNamedNumbers(const char* path) {
    std::map<std::string, double, std::less<>> out;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const double value = std::strtod(line.c_str() + colon + 1, nullptr);
        out[line.substr(0, colon)] = line.ends_with(" kB") ? value * 1024 : value;
    }
    return out;
}

double Find(const std::map<std::string, double, std::less<>>& numbers, std::string_view name) {
    const auto found = numbers.find(name);
    return found == numbers.end() ? 0 : found->second;
}

double CountOpenFiles() {
    DIR* directory = ::opendir("/proc/self/fd");
    if (directory == nullptr) return 0;
    double count = -3;  // ".", "..", and the one of this very look
    while (::readdir(directory) != nullptr)
        ++count;
    ::closedir(directory);
    return count;
}

// Seconds since the epoch at which the process started: field 22 of /proc/self/stat, in ticks after
// boot (proc(5)).
double StartTimeSeconds() {
    std::ifstream file("/proc/self/stat");
    std::string text;
    std::getline(file, text);
    const size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return 0;
    std::istringstream fields(text.substr(name_end + 1));
    std::string field;
    for (int i = 3; i <= 22 && fields >> field; ++i) {
    }
    timespec boot{};
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &boot);
    ::clock_gettime(CLOCK_REALTIME, &now);
    const double ticks = std::strtod(field.c_str(), nullptr);
    return static_cast<double>(now.tv_sec - boot.tv_sec) +
           static_cast<double>(now.tv_nsec - boot.tv_nsec) / 1e9 +
           ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void CollectProcess(Exposition& page, double start_seconds) {
    const auto io = ReadNamedNumbers("/proc/self/io");
    const auto status = ReadNamedNumbers("/proc/self/status");
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                       static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    page.Add(kGauge, "minio_node_process_starttime_seconds", "When the process started, Unix time",
             start_seconds);
    page.Add(kGauge, "minio_node_process_uptime_seconds", "How long the process has been running",
             now - start_seconds);
    page.Add(kCounter, "minio_node_process_cpu_total_seconds",
             "User and system time of the process", cpu);
    page.Add(kGauge, "minio_node_process_resident_memory_bytes", "Resident memory of the process",
             Find(status, "VmRSS"));
    page.Add(kGauge, "minio_node_file_descriptor_open_total", "Open file descriptors",
             CountOpenFiles());
    page.Add(kGauge, "minio_node_file_descriptor_limit_total",
             "Most file descriptors that may be open", static_cast<double>(files.rlim_cur));
    page.Add(kCounter, "minio_node_io_rchar_bytes", "Bytes read, from the page cache too",
             Find(io, "rchar"));
    page.Add(kCounter, "minio_node_io_wchar_bytes", "Bytes written, to the page cache too",
             Find(io, "wchar"));
    page.Add(kCounter, "minio_node_io_read_bytes", "Bytes read from storage",
             Find(io, "read_bytes"));
    page.Add(kCounter, "minio_node_io_write_bytes", "Bytes written to storage",
             Find(io, "write_bytes"));
    page.Add(kCounter, "minio_node_syscall_read_total", "Read system calls", Find(io, "syscr"));
    page.Add(kCounter, "minio_node_syscall_write_total", "Write system calls", Find(io, "syscw"));
}

void CollectMachine(Exposition& page) {
    if (!page.Wants("minio_node_mem_total")) return;
    const auto memory = ReadNamedNumbers("/proc/meminfo");
    const double total = Find(memory, "MemTotal");
    const double available = Find(memory, "MemAvailable");
    page.Add(kGauge, "minio_node_mem_total", "Memory of the machine, in bytes", total);
    page.Add(kGauge, "minio_node_mem_available", "Memory that programs could still have, in bytes",
             available);
    page.Add(kGauge, "minio_node_mem_free", "Memory that nothing uses, in bytes",
             Find(memory, "MemFree"));
    page.Add(kGauge, "minio_node_mem_used", "Memory that is not available, in bytes",
             total - available);
    double load[3] = {0, 0, 0};
    if (::getloadavg(load, 3) == 3) {
        page.Add(kGauge, "minio_node_cpu_avg_load1", "Load of the machine, 1 minute", load[0]);
        page.Add(kGauge, "minio_node_cpu_avg_load5", "Load of the machine, 5 minutes", load[1]);
        page.Add(kGauge, "minio_node_cpu_avg_load15", "Load of the machine, 15 minutes", load[2]);
    }
}

void CollectDisk(Exposition& page, os::FileSystem& files, const std::string& directory) {
    const auto before = std::chrono::steady_clock::now();
    const Result<os::Space> asked = files.GetSpace(directory);
    const auto took = std::chrono::steady_clock::now() - before;
    const os::Space space = asked ? asked.value() : os::Space{};
    const double online = asked ? 1 : 0;
    const runtime::Labels drive = {{"drive", directory}};
    const auto total = static_cast<double>(space.total_bytes);
    const auto free = static_cast<double>(space.free_bytes);
    const auto inodes = static_cast<double>(space.total_inodes);
    const auto free_inodes = static_cast<double>(space.free_inodes);

    for (const char* kind : {"raw", "usable"}) {
        const std::string prefix = std::string("minio_cluster_capacity_") + kind;
        page.Add(kGauge, prefix + "_total_bytes", "Size of the file system", total);
        page.Add(kGauge, prefix + "_free_bytes", "Free space of the file system", free);
    }
    page.Add(kGauge, "minio_node_drive_total_bytes", "Size of the file system", total, drive);
    page.Add(kGauge, "minio_node_drive_free_bytes", "Free space of the file system", free, drive);
    page.Add(kGauge, "minio_node_drive_used_bytes", "Used space of the file system", total - free,
             drive);
    page.Add(kGauge, "minio_node_drive_total_inodes", "Inodes of the file system", inodes, drive);
    page.Add(kGauge, "minio_node_drive_free_inodes", "Free inodes", free_inodes, drive);
    page.Add(kGauge, "minio_node_drive_used_inodes", "Used inodes", inodes - free_inodes, drive);
    page.Add(kGauge, "minio_node_drive_latency_us", "How long the disk took for a call just now",
             std::chrono::duration<double, std::micro>(took).count(),
             {{"drive", directory}, {"api", "storage.DiskInfo"}});
    page.Add(kCounter, "minio_node_drive_errors_timeout", "Calls to the disk that were given up", 0,
             drive);
    page.Add(kCounter, "minio_node_drive_errors_availability",
             "Whether the disk could not be asked just now", 1 - online, drive);
    page.Add(kGauge, "minio_node_drive_io_waiting", "Calls that wait for a drive's turn", 0, drive);

    // One machine with one drive: what a cluster counts is one or none.
    for (const char* level : {"minio_node_drive", "minio_cluster_drive"}) {
        const std::string prefix = level;
        page.Add(kGauge, prefix + "_total", "Drives", 1);
        page.Add(kGauge, prefix + "_online_total", "Drives that can be used", online);
        page.Add(kGauge, prefix + "_offline_total", "Drives that can't be used", 1 - online);
    }
    page.Add(kGauge, "minio_cluster_nodes_online_total", "Machines that serve", 1);
    page.Add(kGauge, "minio_cluster_nodes_offline_total", "Machines that do not serve", 0);
    page.Add(kGauge, "minio_cluster_health_status", "Whether requests can be served", online);
    page.Add(kGauge, "minio_cluster_write_quorum", "Drives that a write needs", 1);
    const runtime::Labels set = {{"pool", "0"}, {"set", "0"}};
    const std::string prefix = "minio_cluster_health_erasure_set_";
    page.Add(kGauge, prefix + "status", "Whether the set can serve", online, set);
    page.Add(kGauge, prefix + "online_drives", "Drives of the set that can be used", online, set);
    page.Add(kGauge, prefix + "healing_drives", "Drives of the set that are being healed", 0, set);
    page.Add(kGauge, prefix + "read_quorum", "Drives that a read needs", 1, set);
    page.Add(kGauge, prefix + "write_quorum", "Drives that a write needs", 1, set);
}

// There is no scanner: counts are kept as things change. So nothing was ever scanned, and nothing
// is ever late.
void CollectScanner(Exposition& page) {
    page.Add(kCounter, "minio_node_scanner_objects_scanned", "Always 0: nothing needs a scan", 0);
    page.Add(kCounter, "minio_node_scanner_versions_scanned", "Always 0: nothing needs a scan", 0);
    page.Add(kGauge, "minio_usage_last_activity_nano_seconds",
             "Age of the usage figures: always 0, they are current", 0);
    page.Add(kGauge, "minio_heal_time_last_activity_nano_seconds",
             "Time since healing was last active: always 0, one drive has nothing to heal from", 0);
}

}  // namespace

void AddNodeMetrics(runtime::Registry& registry, os::FileSystem& files,
                    NodeMetricsOptions options) {
    const double start = StartTimeSeconds();
    registry.AddCollector([&files, start, options = std::move(options)](Exposition& page) {
        CollectProcess(page, start);
        CollectMachine(page);
        CollectDisk(page, files, options.data_directory);
        CollectScanner(page);
        page.Add(kGauge, "minio_software_version_info", "Version of the program, as a label", 0,
                 {{"version", options.version}});
        page.Add(kGauge, "coffer_build_info", "Version of the program, as a label", 1,
                 {{"version", options.version}});
    });
}

}  // namespace coffer::api::minio
