#include "coffer/store/engine/blob_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <string>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/store/engine/blob_format.h"

namespace coffer::store::engine {
namespace {

class BlobDirectoryTest : public ::testing::Test {
  protected:
    BlobDirectoryTest() {
        EXPECT_TRUE(fs_.MakeDirectory("/d"));
        EXPECT_TRUE(fs_.SyncDirectory("/"));
        Reopen();
    }

    void Reopen() { directory_ = BlobDirectory::Open(fs_, "/d").value(); }

    // A file of `text` under the name of `text`'s digest; its form does not matter here.
    Result<> Publish(const std::string& text) {
        TRY(auto file, directory_->CreateTemporary());
        TRY(file->WriteAt(0, AsBytes(text)));
        return directory_->Publish(*file, codec::Sha256(AsBytes(text)));
    }

    Result<std::string> Read(const std::string& text) {
        TRY(auto file, directory_->OpenBlob(codec::Sha256(AsBytes(text)), Access::kBlocking));
        TRY(const uint64_t size, file->Size());
        std::string read(size, '\0');
        TRY(file->ReadAt(0, std::as_writable_bytes(std::span(read))));
        return read;
    }

    std::string PathOf(const std::string& text) {
        return "/d/blobs/" + KeyOf(codec::Sha256(AsBytes(text)));
    }

    os::MemoryFileSystem memory_;
    os::FaultFileSystem fs_{memory_};
    std::unique_ptr<BlobDirectory> directory_;
};

TEST_F(BlobDirectoryTest, APublishedBlobSurvivesAPowerLoss) {
    ASSERT_TRUE(Publish("one"));
    memory_.Crash();
    Reopen();
    EXPECT_EQ(Read("one").value(), "one");
}

TEST_F(BlobDirectoryTest, ReplacesWhateverHasTheName) {
    ASSERT_TRUE(Publish("one"));
    auto file = memory_.Open(PathOf("one"), os::OpenMode::kReadWrite).value();
    ASSERT_TRUE(file->WriteAt(0, AsBytes("damaged")));
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(Publish("one"));
    EXPECT_EQ(Read("one").value(), "one");
    memory_.Crash();
    Reopen();
    EXPECT_EQ(Read("one").value(), "one");
    EXPECT_TRUE(memory_.List("/d/blobs/tmp").value().empty());
}

// The name is there, made by a process that died before it synced the directory.
TEST_F(BlobDirectoryTest, AnExistingNameIsMadeDurable) {
    fs_.Inject({.operation = os::Operation::kSyncDirectory, .call = 2, .errno_value = EMFILE});
    EXPECT_EQ(Publish("one").error().kind(), ErrorKind::kBusy);
    ASSERT_TRUE(memory_.Stat(PathOf("one")));
    ASSERT_TRUE(Publish("one"));
    memory_.Crash();
    Reopen();
    EXPECT_EQ(Read("one").value(), "one");
}

TEST_F(BlobDirectoryTest, AFanOutDirectoryOfAnEarlierRunIsMadeDurable) {
    const std::string fan_out = PathOf("one").substr(0, std::string("/d/blobs/ab").size());
    ASSERT_TRUE(memory_.MakeDirectory(fan_out));
    Reopen();
    ASSERT_TRUE(Publish("one"));
    memory_.Crash();
    Reopen();
    EXPECT_EQ(Read("one").value(), "one");
}

TEST_F(BlobDirectoryTest, ARemovedBlobStaysAwayOnceItsRemovalIsSynced) {
    ASSERT_TRUE(Publish("one"));
    ASSERT_TRUE(directory_->Remove(codec::Sha256(AsBytes("one"))));
    ASSERT_TRUE(directory_->SyncRemovals());
    memory_.Crash();
    Reopen();
    EXPECT_EQ(Read("one").error().kind(), ErrorKind::kNotFound);
}

// As on the first try, when the directory could not be opened.
TEST_F(BlobDirectoryTest, ARemovalIsRememberedUntilItIsSynced) {
    ASSERT_TRUE(Publish("one"));
    ASSERT_TRUE(directory_->Remove(codec::Sha256(AsBytes("one"))));
    fs_.Inject({.operation = os::Operation::kSyncDirectory, .errno_value = EMFILE});
    EXPECT_EQ(directory_->SyncRemovals().error().kind(), ErrorKind::kBusy);
    fs_.Clear();
    ASSERT_TRUE(directory_->SyncRemovals());
    memory_.Crash();
    Reopen();
    EXPECT_EQ(Read("one").error().kind(), ErrorKind::kNotFound);
}

TEST_F(BlobDirectoryTest, OpeningRemovesTemporaryFiles) {
    ASSERT_TRUE(memory_.Open("/d/blobs/tmp/.tmp-0123", os::OpenMode::kCreate));
    Reopen();
    EXPECT_TRUE(memory_.List("/d/blobs/tmp").value().empty());
}

TEST_F(BlobDirectoryTest, OpeningNeedsTheDirectory) {
    EXPECT_EQ(BlobDirectory::Open(fs_, "/no").error().kind(), ErrorKind::kNotFound);
}

TEST_F(BlobDirectoryTest, ListsNothingButBlobs) {
    ASSERT_TRUE(Publish("one"));
    const std::string fan_out = PathOf("one").substr(0, std::string("/d/blobs/ab").size());
    ASSERT_TRUE(memory_.Open(fan_out + "/something else", os::OpenMode::kCreate));
    ASSERT_TRUE(memory_.MakeDirectory("/d/blobs/lost+found"));
    Reopen();
    const ListPage page = directory_->List("", 10).value();
    ASSERT_EQ(page.copies.size(), 1u);
    EXPECT_EQ(page.copies[0].key, KeyOf(codec::Sha256(AsBytes("one"))));
}

TEST_F(BlobDirectoryTest, WhatCantBeListedHidesNothingBehindIt) {
    for (const char* text : {"one", "two", "three"})  // in three directories
        ASSERT_TRUE(Publish(text));
    const std::array parts = {"3f", "76", "8b"};
    for (const auto operation : {os::Operation::kList, os::Operation::kStat}) {
        for (uint64_t call = 1; call <= 3; ++call) {
            fs_.Inject({.operation = operation, .call = call, .errno_value = EIO});
            const auto page = directory_->List("", 10);
            ASSERT_TRUE(page) << page.error().ToString();
            EXPECT_EQ(page.value().copies.size(), 2u);
            ASSERT_EQ(page.value().left_out.size(), 1u);
            EXPECT_EQ(page.value().left_out[0].why.kind(), ErrorKind::kIo);
            EXPECT_EQ(page.value().left_out[0].part, parts.at(call - 1));
        }
    }
    // Not so where a later call would find it.
    fs_.Inject({.operation = os::Operation::kList, .errno_value = EMFILE});
    EXPECT_EQ(directory_->List("", 10).error().kind(), ErrorKind::kBusy);
    const ListPage page = directory_->List("", 10).value();
    EXPECT_EQ(page.copies.size(), 3u);
    EXPECT_TRUE(page.left_out.empty());
}

// An S3 client must not read a missing mount as "no such key", nor a file's owner as "access
// denied".
TEST_F(BlobDirectoryTest, OnlyAMissingBlobIsNotFound) {
    EXPECT_EQ(Read("one").error().kind(), ErrorKind::kNotFound);
    EXPECT_EQ(directory_->Remove(codec::Sha256(AsBytes("one"))).error().kind(),
              ErrorKind::kNotFound);
    ASSERT_TRUE(Publish("one"));
    fs_.Inject({.operation = os::Operation::kOpen, .errno_value = EACCES});
    EXPECT_EQ(Read("one").error().kind(), ErrorKind::kIo);
    for (const auto operation : {os::Operation::kCreateTemporary, os::Operation::kLink}) {
        for (const int error : {ENOENT, EACCES, EPERM, EROFS}) {
            fs_.Inject({.operation = operation, .errno_value = error});
            EXPECT_EQ(Publish("two").error().kind(), ErrorKind::kIo);
        }
        fs_.Inject({.operation = operation, .errno_value = ENOSPC});
        EXPECT_EQ(Publish("two").error().kind(), ErrorKind::kNoSpace);
        fs_.Inject({.operation = operation, .errno_value = EMFILE});
        EXPECT_EQ(Publish("two").error().kind(), ErrorKind::kBusy);
    }
}

using BlobDirectoryDeathTest = BlobDirectoryTest;

TEST_F(BlobDirectoryDeathTest, AFailedSyncEndsTheProcess) {
    for (const auto operation : {os::Operation::kSync, os::Operation::kSyncDirectory}) {
        for (const int error : {EIO, ENOSPC, EDQUOT}) {
            EXPECT_DEATH(
                {
                    fs_.Inject({.operation = operation, .errno_value = error});
                    (void)Publish("one");
                },
                "durable");
        }
    }
}

}  // namespace
}  // namespace coffer::store::engine
