#include "bench/loader/process_cpu.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace coffer::bench {

double ProcessorSeconds(std::span<const pid_t> pids) {
    uint64_t ticks = 0;
    for (const pid_t pid : pids) {
        std::ifstream file(fmt::format("/proc/{}/stat", pid));
        std::string text;
        std::getline(file, text);
        // The second field is the name in parentheses, which may hold anything; utime and stime are
        // the twelfth and thirteenth behind it.
        const size_t name_end = text.rfind(')');
        if (name_end == std::string::npos) continue;
        std::istringstream fields(text.substr(name_end + 1));
        std::string field;
        for (int i = 0; i < 11; ++i)
            fields >> field;
        uint64_t user = 0;
        uint64_t system = 0;
        fields >> user >> system;
        ticks += user + system;
    }
    return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double OwnProcessorSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace coffer::bench
