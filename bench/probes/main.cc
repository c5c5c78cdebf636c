// The program `coffer_probe`: one probe of the machine, as a line of JSON; or the raw HTTP server.
#include <fmt/format.h>

#include <cstdio>
#include <map>

#include <CLI/CLI.hpp>

#include "bench/probes/probe.h"
#include "bench/probes/socket_probes.h"

namespace coffer::bench {
namespace {

using Probe = Result<ProbeReport> (*)(const ProbeOptions&);

const std::map<std::string, Probe> kProbes = {
    {"digests", &ProbeDigests},
    {"fdatasync", &ProbeFdatasync},
    {"file-per-object", &ProbeFilePerObject},
    {"loopback", &ProbeLoopback},
    {"memcpy", &ProbeMemcpy},
    {"pack-append", &ProbePackAppend},
    {"sqlite-commit", &ProbeSqliteCommit},
};

void Print(const std::string& name, const ProbeReport& report) {
    const Histogram& latency = report.latency_ns;
    const auto operations = static_cast<double>(latency.count());
    const auto quantile = [&](double share) {
        return static_cast<double>(latency.Quantile(share)) / 1e3;
    };
    fmt::print(
        R"({{"probe":"{}","seconds":{:.6f},"count":{},"rate_per_s":{:.2f},"bytes_per_s":{:.0f},)"
        R"("cpu_us_per_op":{:.2f},"p50_us":{:.2f},"p90_us":{:.2f},"p99_us":{:.2f}}})"
        "\n",
        name, report.seconds, latency.count(), operations / report.seconds,
        static_cast<double>(report.bytes) / report.seconds,
        operations > 0 ? report.cpu_s * 1e6 / operations : 0, quantile(0.5), quantile(0.9),
        quantile(0.99));
}

int Main(int argc, char** argv) {
    CLI::App app{"Measures what this machine can do."};
    app.require_subcommand(1);
    ProbeOptions options;
    std::string name;
    double seconds = 2;
    CLI::App* run = app.add_subcommand("run", "One probe");
    run->add_option("name", name)->required()->check(CLI::IsMember(kProbes));
    run->add_option("--directory", options.directory, "For those that write")->required();
    run->add_option("--seconds", seconds);
    run->add_option("--clients", options.clients)->check(CLI::Range(1, 1000));
    uint16_t port = 0;
    size_t body_bytes = 4096;
    CLI::App* serve = app.add_subcommand("serve", "Answer every request with the same bytes");
    serve->add_option("--port", port)->required();
    serve->add_option("--body-bytes", body_bytes);
    CLI11_PARSE(app, argc, argv);

    if (serve->parsed()) {
        const auto served = ServeRaw(port, body_bytes);
        if (!served) fmt::print(stderr, "coffer_probe: {}\n", served.error().message());
        return served ? 0 : 1;
    }
    options.duration = std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
    const auto report = kProbes.at(name)(options);
    if (!report) {
        fmt::print(stderr, "coffer_probe: {}\n", report.error().message());
        return 1;
    }
    Print(name, report.value());
    return 0;
}

}  // namespace
}  // namespace coffer::bench

int main(int argc, char** argv) {
    return coffer::bench::Main(argc, argv);
}
