#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/codec/multi_hasher.h"

#include "bench/loader/process_cpu.h"
#include "bench/probes/probe.h"

namespace coffer::bench {
namespace {

constexpr size_t kObjectBytes = 10_MiB;
constexpr size_t kStepBytes = 256_KiB;

void HashOnce(ByteView object) {
    codec::MultiHasher hasher(std::nullopt);
    for (size_t at = 0; at < object.size(); at += kStepBytes)
        hasher.Update(object.subspan(at, kStepBytes));
    hasher.Finish();
}

Bytes RandomObject(size_t size) {
    std::mt19937_64 random(size);
    Bytes bytes(size);
    for (size_t at = 0; at + sizeof(uint64_t) <= size; at += sizeof(uint64_t)) {
        const uint64_t word = random();
        std::memcpy(bytes.data() + at, &word, sizeof(word));
    }
    return bytes;
}

}  // namespace

Result<ProbeReport> ProbeDigests(const ProbeOptions& options) {
    const Bytes object = RandomObject(kObjectBytes);
    std::vector<ProbeReport> reports(options.clients);
    const double cpu_before = OwnProcessorSeconds();
    std::vector<std::thread> threads;
    for (ProbeReport& report : reports) {
        threads.emplace_back([&] {
            report = Repeat(options, object.size(), [&]() -> Result<> {
                         HashOnce(object);
                         return Ok();
                     }).value();
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    for (size_t i = 1; i < reports.size(); ++i)
        reports[0].bytes += reports[i].bytes;
    reports[0].cpu_s = OwnProcessorSeconds() - cpu_before;
    return reports[0];
}

Result<ProbeReport> ProbeMemcpy(const ProbeOptions& options) {
    const Bytes from = RandomObject(256_MiB);
    Bytes to(from.size());
    return Repeat(options, from.size(), [&]() -> Result<> {
        std::memcpy(to.data(), from.data(), from.size());
        // The copy counts as used, so that it is made.
        __asm__ volatile("" : : "r"(to.data()) : "memory");
        return Ok();
    });
}

}  // namespace coffer::bench
