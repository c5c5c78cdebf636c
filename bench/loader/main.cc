// The program `coffer_load`: one workload against one server on this machine; a line of JSON with
// what was measured. It ends with 1 if an answer was not what it must be.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <iterator>

#include <CLI/CLI.hpp>

#include "coffer/codec/json.h"

#include "bench/loader/driver.h"
#include "bench/loader/workloads.h"

namespace coffer::bench {
namespace {

struct Options {
    std::string operation;
    std::string access_key = "minioadmin";
    std::string secret_key = "minioadmin";
    std::string region = "us-east-1";
    std::string bucket = "bench";
    std::string delimiter;
    uint64_t salt = 1;
    uint64_t first = 0;
    uint64_t count = 1000;
    unsigned prefixes = 0;
    size_t size = 4096;
    size_t parts = 64;
    double warm_up_s = 0;
    double measured_s = 0;
    PutOptions put;
    GetOptions get;
    bool unsigned_payload = false;
    bool presigned = false;
    DriveOptions drive;
};

void Declare(CLI::App& app, Options& options) {
    app.add_option("operation", options.operation)
        ->required()
        ->check(CLI::IsMember({"put", "get", "head", "delete", "list", "multipart", "links"}));
    app.add_option("--port", options.drive.port, "Of the server, on 127.0.0.1")->required();
    app.add_option("--access-key", options.access_key);
    app.add_option("--secret-key", options.secret_key);
    app.add_option("--region", options.region);
    app.add_option("--bucket", options.bucket);
    app.add_option("--connections", options.drive.connections)->check(CLI::Range(1, 10'000));
    app.add_option("--first", options.first, "Number of the first object");
    app.add_option("--count", options.count, "Objects, or multipart uploads");
    app.add_option("--prefixes", options.prefixes, "Put the keys under that many prefixes");
    app.add_option("--delimiter", options.delimiter, "Of listings");
    app.add_option("--size", options.size, "Bytes of a body, or of a part")
        ->check(CLI::Range(size_t{Content::kTailBytes}, size_t{5} << 30));
    app.add_option("--parts", options.parts, "Of a multipart upload")->check(CLI::Range(1, 10'000));
    app.add_option("--salt", options.salt, "Bodies of one salt and number are equal");
    app.add_option("--warm-up", options.warm_up_s, "Seconds before the clock runs");
    app.add_option("--seconds", options.measured_s, "0: until all of --count is done");
    app.add_option("--rate", options.drive.rate_per_s, "Open loop, requests per second");
    app.add_flag("--same-content", options.put.same_content, "PUT one body under all keys");
    app.add_flag("--once", options.get.once, "GET each object once");
    app.add_flag("--any-content", options.get.any_content,
                 "Compare no bodies of GET, only lengths");
    app.add_flag("--unsigned-payload", options.unsigned_payload);
    app.add_flag("--presigned", options.presigned, "Sign by query rather than by header");
    app.add_option("--server-pid", options.drive.server_pids, "Whose processor time to report");
}

std::unique_ptr<Workload> Make(const Options& options, const RequestSigner& signer,
                               const Content& content) {
    const ObjectRange range = {{options.bucket, options.prefixes}, options.first, options.count};
    PutOptions put = options.put;
    put.sign_payload = !options.unsigned_payload && !options.presigned;
    if (options.operation == "put") return NewPuts(signer, content, range, put);
    if (options.operation == "get") return NewGets(signer, content, range, options.get);
    if (options.operation == "head") return NewHeads(signer, range);
    if (options.operation == "delete") return NewDeletes(signer, range);
    if (options.operation == "list") return NewListings(signer, options.bucket, options.delimiter);
    return NewMultiparts(signer, content, range, options.parts, put.sign_payload);
}

void Print(const Options& options, const Workload& workload, const DriveReport& report) {
    std::string out;
    auto at = std::back_inserter(out);
    fmt::format_to(at, R"({{"operation":"{}","connections":{},"loop":"{}","seconds":{:.6f},)",
                   options.operation, options.drive.connections,
                   options.drive.rate_per_s > 0 ? "open" : "closed", report.seconds);
    uint64_t operations = 0;
    out += R"("kinds":{)";
    const std::vector<std::string_view> names = workload.kinds();
    for (size_t i = 0; i < names.size(); ++i) {
        const KindReport& kind = report.kinds[i];
        const Histogram& latency = kind.latency_ns;
        operations += latency.count();
        fmt::format_to(at, R"({}"{}":{{"count":{},"sent_bytes":{},"received_bytes":{},)",
                       i > 0 ? "," : "", names[i], latency.count(), kind.sent_bytes,
                       kind.received_bytes);
        const auto quantile = [&](double share) {
            return static_cast<double>(latency.Quantile(share)) / 1e3;
        };
        fmt::format_to(
            at,
            R"("mean_us":{:.2f},"p50_us":{:.2f},"p90_us":{:.2f},"p99_us":{:.2f},"p999_us":{:.2f},)"
            R"("max_us":{:.2f}}})",
            latency.Mean() / 1e3, quantile(0.5), quantile(0.9), quantile(0.99), quantile(0.999),
            static_cast<double>(latency.max()) / 1e3);
    }
    const double per_operation = operations > 0 ? 1e6 / static_cast<double>(operations) : 0;
    fmt::format_to(at,
                   R"(}},"listed":{},"errors":{},"reconnects":{},"ended_early":{},)"
                   R"("server_cpu_s":{:.4f},"loader_cpu_s":{:.4f},"loader_cpu_us_per_op":{:.3f},)"
                   R"("loader_busy":{:.3f},"first_error":)",
                   report.listed, report.errors, report.reconnects, report.ended_early,
                   report.server_cpu_s, report.loader_cpu_s, report.loader_cpu_s * per_operation,
                   report.seconds > 0 ? report.loader_cpu_s / report.seconds : 0);
    codec::AppendJsonString(&out, report.first_error);
    fmt::print("{}}}\n", out);
}

// The targets of presigned GETs, a line each: for loaders that can't sign.
void PrintLinks(const Options& options, const std::string& host) {
    const RequestSigner signer(host, options.access_key, options.secret_key, options.region,
                               SignaturePlace::kQuery);
    const KeySpace keys = {options.bucket, options.prefixes};
    for (uint64_t i = options.first; i < options.first + options.count; ++i) {
        const std::string head = signer.Head("GET", keys.Path(i), "", kUnsignedPayload, 0);
        const size_t target = head.find(' ') + 1;
        fmt::print("{}\n", std::string_view(head).substr(target, head.find(' ', target) - target));
    }
}

int Main(int argc, char** argv) {
    Options options;
    CLI::App app{"Loads one server with one operation, and measures it."};
    Declare(app, options);
    CLI11_PARSE(app, argc, argv);
    const auto to_ns = [](double seconds) {
        return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
    };
    options.drive.warm_up = to_ns(options.warm_up_s);
    options.drive.measured = to_ns(options.measured_s);

    const std::string host = fmt::format("127.0.0.1:{}", options.drive.port);
    if (options.operation == "links") {
        PrintLinks(options, host);
        return 0;
    }
    const RequestSigner signer(
        host, options.access_key, options.secret_key, options.region,
        options.presigned ? SignaturePlace::kQuery : SignaturePlace::kHeader);
    const Content content(options.size, options.salt);
    const std::unique_ptr<Workload> workload = Make(options, signer, content);
    const auto report = Drive(*workload, options.drive);
    if (!report) {
        fmt::print(stderr, "coffer_load: {}\n", report.error().message());
        return 1;
    }
    Print(options, *workload, report.value());
    return report.value().errors == 0 ? 0 : 1;
}

}  // namespace
}  // namespace coffer::bench

int main(int argc, char** argv) {
    return coffer::bench::Main(argc, argv);
}
