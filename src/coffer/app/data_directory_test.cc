#include "coffer/app/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

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

}  // namespace
}  // namespace coffer::app
