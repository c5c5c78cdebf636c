#include "coffer/os/posix_file_system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "tests/support/temporary_directory.h"

namespace coffer::os {
namespace {

class PosixFileSystemTest : public ::testing::Test {
  protected:
    std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

    testing::TemporaryDirectory directory_;
    std::unique_ptr<FileSystem> fs_ = NewPosixFileSystem();
};

// Runs `body` in a child process; what it returns is the child's exit code.
template <class Body>
int InChild(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(PosixFileSystemTest, ALockHoldsAgainstAnotherProcessAndDiesWithIt) {
    {
        const auto lock = fs_->Lock(Path("lock")).value();
        EXPECT_EQ(InChild([&] {
                      const auto second = fs_->Lock(Path("lock"));
                      return !second && second.error().kind() == ErrorKind::kBusy ? 7 : 1;
                  }),
                  7);
    }
    EXPECT_EQ(InChild([&] {
                  auto* lock = fs_->Lock(Path("lock")).value().release();  // never let go of
                  return lock != nullptr ? 7 : 1;
              }),
              7);
    EXPECT_TRUE(fs_->Lock(Path("lock")));
}

TEST_F(PosixFileSystemTest, WhatItMakesIsTheOwnersAlone) {
    ASSERT_TRUE(fs_->MakeDirectory(Path("d")));
    ASSERT_TRUE(fs_->Open(Path("f"), OpenMode::kCreate));
    struct stat status{};
    ASSERT_EQ(::stat(Path("d").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077u, 0u);
    ASSERT_EQ(::stat(Path("f").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077u, 0u);
}

TEST_F(PosixFileSystemTest, NoDescriptorLeftIsBusy) {
    const auto fails_as = [&](ErrorKind kind) {
        const auto opened = fs_->Open(Path("f"), OpenMode::kRead);
        const auto temporary = fs_->CreateTemporary(directory_.path());
        const auto synced = fs_->SyncDirectory(directory_.path());
        return !opened && opened.error().kind() == kind && !temporary &&
               temporary.error().kind() == kind && !synced && synced.error().kind() == kind;
    };
    EXPECT_EQ(InChild([&] {
                  // Once before: a sanitizer needs descriptors when it sees a type for the first
                  // time.
                  if (fails_as(ErrorKind::kBusy)) return 1;
                  rlimit none{0, 0};
                  ::setrlimit(RLIMIT_NOFILE, &none);
                  return fails_as(ErrorKind::kBusy) ? 7 : 2;
              }),
              7);
}

// What went past the cache can't be read from it.
TEST_F(PosixFileSystemTest, DirectWritesGoPastTheCache) {
    struct statfs status{};
    ASSERT_EQ(::statfs(directory_.path().c_str(), &status), 0);
    const int probe = ::open(directory_.path().c_str(), O_TMPFILE | O_RDWR | O_DIRECT, 0600);
    if (probe != -1) ::close(probe);
    if (probe == -1 || status.f_type == TMPFS_MAGIC) {
        GTEST_SKIP() << "the temporary directory's file system has no O_DIRECT";
    }
    alignas(kDirectAlignment) static std::array<std::byte, 2 * kDirectAlignment> data{};
    const auto is_cached = [&](bool direct) {
        const auto file = fs_->CreateTemporary(directory_.path()).value();
        if (direct) file->WriteDirectly();
        EXPECT_TRUE(file->WriteAt(0, data));
        std::array<std::byte, 16> out;
        return file->ReadCachedAt(0, out).has_value();
    };
    EXPECT_TRUE(is_cached(false));
    EXPECT_FALSE(is_cached(true));
}

TEST_F(PosixFileSystemTest, AWriteOverTheLimitOfFileSizesFails) {
    EXPECT_EQ(InChild([&] {
                  rlimit small{4096, 4096};
                  ::setrlimit(RLIMIT_FSIZE, &small);
                  ::signal(SIGXFSZ, SIG_IGN);
                  auto file = fs_->Open(Path("f"), OpenMode::kCreate).value();
                  // The system takes 4096 bytes of it, a short write, and then refuses.
                  const std::string text(5000, 'x');
                  return !file->WriteAt(0, AsBytes(text)) && file->Size().value() == 4096 ? 7 : 1;
              }),
              7);
}

}  // namespace
}  // namespace coffer::os
