#include "coffer/app/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/os/posix_file_system.h"

#include "tests/support/temporary_directory.h"

namespace coffer::app {
namespace {

using ::testing::HasSubstr;

class DataDirectoryTest : public ::testing::Test {
  protected:
    const coffer::testing::TemporaryDirectory root_;
    const std::unique_ptr<os::FileSystem> files_ = os::NewPosixFileSystem();
};

TEST_F(DataDirectoryTest, IsMadeWithItsParentsAndIsPrivate) {
    const std::string path = root_.path() + "/a/b";
    auto opened = DataDirectory::Open(*files_, path + "/");
    ASSERT_TRUE(opened) << opened.error().ToString();
    EXPECT_EQ(opened.value().path(), path);
    struct stat own{};
    ASSERT_EQ(::stat(opened.value().own().c_str(), &own), 0);
    EXPECT_EQ(own.st_mode & 0777, 0700U);
}

TEST_F(DataDirectoryTest, ASecondOwnerIsRefusedUntilTheFirstIsGone) {
    auto first = DataDirectory::Open(*files_, root_.path());
    ASSERT_TRUE(first) << first.error().ToString();
    auto second = DataDirectory::Open(*files_, root_.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind(), ErrorKind::kBusy);
    EXPECT_THAT(second.error().message(), HasSubstr(root_.path()));
    {
        const DataDirectory gone = std::move(first.value());
    }
    EXPECT_TRUE(DataDirectory::Open(*files_, root_.path()));
}

TEST_F(DataDirectoryTest, OneOfMinioIsRefusedAndLeftAsItIs) {
    std::filesystem::create_directory(root_.path() + "/.minio.sys");
    auto opened = DataDirectory::Open(*files_, root_.path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind(), ErrorKind::kUnsupported);
    EXPECT_THAT(opened.error().message(), HasSubstr("MinIO"));
    EXPECT_FALSE(std::filesystem::exists(root_.path() + "/.coffer"));
}

TEST_F(DataDirectoryTest, AFileIsNoDirectory) {
    const std::string path = root_.path() + "/file";
    ASSERT_TRUE(files_->Open(path, os::OpenMode::kCreate));
    auto opened = DataDirectory::Open(*files_, path);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message(), HasSubstr("is not a directory"));
}

TEST_F(DataDirectoryTest, OneThatMayNotBeLookedIntoIsNotSaidToBeNone) {
    const std::string own = root_.path() + "/.coffer";
    ASSERT_TRUE(DataDirectory::Open(*files_, root_.path()));
    ASSERT_TRUE(files_->Open(own + "/catalogue.db", os::OpenMode::kCreate));
    EXPECT_TRUE(FindOwnDirectory(root_.path()));
    ASSERT_EQ(::chmod(root_.path().c_str(), 0755), 0);
    ASSERT_EQ(::chmod(own.c_str(), 0), 0);
    constexpr uid_t kNobody = 65534;
    const bool root = ::geteuid() == 0;  // whom nothing is forbidden
    if (root) ASSERT_EQ(::seteuid(kNobody), 0);
    const auto found = FindOwnDirectory(root_.path());
    if (root) ASSERT_EQ(::seteuid(0), 0);
    ASSERT_EQ(::chmod(own.c_str(), 0700), 0);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind(), ErrorKind::kDenied);
    EXPECT_THAT(found.error().message(), HasSubstr(own + " can't be used by user "));
}

// The start that made the directories ended before they were durable.
TEST(DataDirectory, WhatAnEarlierStartMadeIsDurableBeforeItIsUsed) {
    for (const bool has_own : {false, true}) {
        os::MemoryFileSystem files;
        ASSERT_TRUE(files.MakeDirectory("/srv"));
        ASSERT_TRUE(files.SyncDirectory("/"));
        ASSERT_TRUE(files.MakeDirectory("/srv/data"));
        if (has_own) ASSERT_TRUE(files.MakeDirectory("/srv/data/.coffer"));
        const auto opened = DataDirectory::Open(files, "/srv/data");
        ASSERT_TRUE(opened) << opened.error().ToString();
        ASSERT_TRUE(files.Open("/srv/data/.coffer/x", os::OpenMode::kCreate));
        ASSERT_TRUE(files.SyncDirectory("/srv/data/.coffer"));
        files.Crash();
        EXPECT_TRUE(files.Stat("/srv/data/.coffer/x"));
    }
}

// One of several parents was made, and is not durable.
TEST(DataDirectory, IsMadeInWhatAnEarlierStartMade) {
    os::MemoryFileSystem files;
    ASSERT_TRUE(files.MakeDirectory("/srv"));
    ASSERT_TRUE(DataDirectory::Open(files, "/srv/a/data"));
    files.Crash();
    EXPECT_TRUE(files.Stat("/srv/a/data/.coffer"));
}

TEST(DataDirectory, AParentThatMayNotBeOpenedIsNoHindrance) {
    os::MemoryFileSystem files;
    os::FaultFileSystem fault(files);
    ASSERT_TRUE(files.MakeDirectory("/data"));
    for (const auto& [errno_value, opens] : {std::pair{EACCES, true}, {EIO, false}}) {
        fault.Inject({.operation = os::Operation::kSyncDirectory, .errno_value = errno_value});
        EXPECT_EQ(DataDirectory::Open(fault, "/data").has_value(), opens);
        EXPECT_TRUE(fault.struck());
    }
}

}  // namespace
}  // namespace coffer::app
