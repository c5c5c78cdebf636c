#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/os/posix_file_system.h"

#include "tests/conformance/file_system_suite.h"
#include "tests/support/temporary_directory.h"

namespace coffer::testing {
namespace {

FileSystemFixture MakePosix() {
    auto directory = std::make_shared<TemporaryDirectory>();
    std::string root = directory->path();
    return {std::move(directory), os::NewPosixFileSystem(), std::move(root)};
}

FileSystemFixture MakePosixWithNamedTemporaries() {
    FileSystemFixture fixture = MakePosix();
    fixture.file_system = os::NewPosixFileSystem(os::TemporaryFiles::kNamed);
    return fixture;
}

FileSystemFixture MakeMemory() {
    return {nullptr, std::make_unique<os::MemoryFileSystem>(), ""};
}

FileSystemFixture MakeFaultless() {
    auto below = std::make_shared<os::MemoryFileSystem>();
    auto above = std::make_unique<os::FaultFileSystem>(*below);
    return {std::move(below), std::move(above), ""};
}

INSTANTIATE_TEST_SUITE_P(All, FileSystemSuite,
                         ::testing::Values(FileSystemCase{"Posix", MakePosix},
                                           FileSystemCase{"PosixNamedTemporaries",
                                                          MakePosixWithNamedTemporaries},
                                           FileSystemCase{"Memory", MakeMemory},
                                           FileSystemCase{"FaultWithoutAFault", MakeFaultless}),
                         CaseName);

}  // namespace
}  // namespace coffer::testing
