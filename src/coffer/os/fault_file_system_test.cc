#include "coffer/os/fault_file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "coffer/os/memory_file_system.h"

namespace coffer::os {
namespace {

class FaultFileSystemTest : public ::testing::Test {
  protected:
    MemoryFileSystem memory_;
    FaultFileSystem fs_{memory_};
};

TEST_F(FaultFileSystemTest, FailsTheNthCallOfItsKindOnce) {
    fs_.Inject({.operation = Operation::kMakeDirectory, .call = 2, .errno_value = ENOSPC});
    EXPECT_TRUE(fs_.MakeDirectory("/a"));
    EXPECT_TRUE(fs_.Stat("/a"));
    const auto failed = fs_.MakeDirectory("/b");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), ErrorKind::kNoSpace);
    EXPECT_FALSE(memory_.Stat("/b"));
    EXPECT_TRUE(fs_.MakeDirectory("/b"));
    EXPECT_EQ(fs_.struck(), Operation::kMakeDirectory);
}

TEST_F(FaultFileSystemTest, FailsTheNthCallOfAnyKindForEver) {
    fs_.Inject({.call = 3, .errno_value = EMFILE, .for_ever = true});
    EXPECT_TRUE(fs_.MakeDirectory("/a"));
    EXPECT_TRUE(fs_.Stat("/a"));
    EXPECT_EQ(fs_.Open("/a/f", OpenMode::kCreate).error().kind(), ErrorKind::kBusy);
    EXPECT_FALSE(fs_.Stat("/a"));
    EXPECT_EQ(fs_.struck(), Operation::kOpen);
    fs_.Clear();
    EXPECT_TRUE(fs_.Stat("/a"));
}

TEST_F(FaultFileSystemTest, AFailedWriteLeavesAPartOfItsBytes) {
    auto file = fs_.Open("/f", OpenMode::kCreate).value();
    fs_.Inject({.operation = Operation::kWriteAt, .call = 1, .errno_value = EIO});
    EXPECT_EQ(file->WriteAt(0, AsBytes("12345678")).error().kind(), ErrorKind::kIo);
    EXPECT_EQ(file->Size().value(), 4u);
}

TEST_F(FaultFileSystemTest, ACachedReadGivesAsLittleAsItIsToldTo) {
    auto file = fs_.Open("/f", OpenMode::kCreate).value();
    ASSERT_TRUE(file->WriteAt(0, AsBytes("12345678")));
    std::array<std::byte, 8> out{};
    for (const size_t most : {0, 3, 100}) {
        fs_.Inject({.operation = Operation::kReadCachedAt, .short_read_bytes = most});
        EXPECT_EQ(file->ReadCachedAt(0, out).value(), std::min(most, out.size()));
        EXPECT_EQ(fs_.struck(), Operation::kReadCachedAt);
        EXPECT_EQ(file->ReadCachedAt(0, out).value(), 8u);
    }
}

TEST_F(FaultFileSystemTest, ForgetsTheSyncsThatItIsToldTo) {
    fs_.Forget(Operation::kSync, "a");
    auto a = fs_.Open("/a", OpenMode::kCreate).value();
    auto b = fs_.Open("/b", OpenMode::kCreate).value();
    for (File* file : {a.get(), b.get()}) {
        ASSERT_TRUE(file->WriteAt(0, AsBytes("1")));
        ASSERT_TRUE(file->Sync());
    }
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    memory_.Crash();
    EXPECT_EQ(fs_.Stat("/a").value().size_bytes, 0u);
    EXPECT_EQ(fs_.Stat("/b").value().size_bytes, 1u);
}

TEST_F(FaultFileSystemTest, CountsCallsByOperation) {
    auto file = fs_.Open("/f", OpenMode::kCreate).value();
    ASSERT_TRUE(file->WriteAt(0, AsBytes("1")));
    ASSERT_TRUE(file->WriteAt(1, AsBytes("2")));
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    EXPECT_EQ(fs_.calls(Operation::kOpen), 1u);
    EXPECT_EQ(fs_.calls(Operation::kWriteAt), 2u);
    EXPECT_EQ(fs_.calls(Operation::kSync), 1u);
    EXPECT_EQ(fs_.calls(Operation::kSyncDirectory), 1u);
    EXPECT_EQ(fs_.calls(), 5u);
}

TEST_F(FaultFileSystemTest, NamesItsOperations) {
    EXPECT_EQ(ToString(Operation::kOpen), "Open");
    EXPECT_EQ(ToString(Operation::kSyncDirectory), "SyncDirectory");
    EXPECT_EQ(ToString(Operation::kReadAt), "ReadAt");
    EXPECT_EQ(ToString(Operation::kSize), "Size");
}

}  // namespace
}  // namespace coffer::os
