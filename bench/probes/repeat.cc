#include "bench/loader/process_cpu.h"
#include "bench/probes/probe.h"

namespace coffer::bench {

Result<ProbeReport> Repeat(const ProbeOptions& options, uint64_t bytes,
                           const std::function<Result<>()>& step) {
    using Clock = std::chrono::steady_clock;
    ProbeReport report;
    const double cpu_before = OwnProcessorSeconds();
    const auto start = Clock::now();
    auto before = start;
    while (before - start < options.duration) {
        TRY(step());
        const auto now = Clock::now();
        report.latency_ns.Record(static_cast<uint64_t>((now - before).count()));
        report.bytes += bytes;
        before = now;
    }
    report.seconds = std::chrono::duration<double>(before - start).count();
    report.cpu_s = OwnProcessorSeconds() - cpu_before;
    return report;
}

}  // namespace coffer::bench
