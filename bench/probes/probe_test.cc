#include "bench/probes/probe.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temporary_directory.h"

namespace coffer::bench {
namespace {

using Probe = Result<ProbeReport> (*)(const ProbeOptions&);

class Probes : public ::testing::TestWithParam<Probe> {};

// How fast is the machine's affair; that each does something, counts it and cleans up is ours.
TEST_P(Probes, MeasureSomethingAndLeaveNothing) {
    const testing::TemporaryDirectory directory;
    ProbeOptions options;
    options.directory = directory.path();
    options.duration = std::chrono::milliseconds(20);
    for (const size_t clients : {size_t{1}, size_t{3}}) {
        options.clients = clients;
        const auto report = GetParam()(options);
        ASSERT_TRUE(report) << report.error().message();
        EXPECT_GT(report.value().latency_ns.count(), 0u);
        EXPECT_GT(report.value().seconds, 0);
        EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
    }
}

INSTANTIATE_TEST_SUITE_P(All, Probes,
                         ::testing::Values(&ProbeDigests, &ProbeFdatasync, &ProbeFilePerObject,
                                           &ProbeLoopback, &ProbeMemcpy, &ProbePackAppend,
                                           &ProbeSqliteCommit));

TEST(ProbesOfTheDisk, SayThatADirectoryIsNotThere) {
    ProbeOptions options;
    options.directory = "/nowhere";
    for (const Probe probe :
         {&ProbeFdatasync, &ProbeFilePerObject, &ProbePackAppend, &ProbeSqliteCommit}) {
        EXPECT_FALSE(probe(options));
    }
}

}  // namespace
}  // namespace coffer::bench
