#include "coffer/store/engine/quarantine.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"

namespace coffer::store::engine {
namespace {

class QuarantineTest : public ::testing::Test {
  protected:
    QuarantineTest() {
        for (const char* path : {"/d", "/d/blobs"})
            EXPECT_TRUE(files_.MakeDirectory(path));
        EXPECT_TRUE(files_.SyncDirectory("/"));
        EXPECT_TRUE(files_.SyncDirectory("/d"));
    }

    void MakeFile(const std::string& path, std::string_view content) {
        const auto file = files_.Open(path, os::OpenMode::kCreate).value();
        EXPECT_TRUE(file->WriteAt(0, AsBytes(content)));
        EXPECT_TRUE(file->Sync());
        EXPECT_TRUE(files_.SyncDirectory("/d/blobs"));
    }
    std::string Read(const std::string& path) {
        const auto file = files_.Open(path, os::OpenMode::kRead);
        if (!file) return "(not there)";
        Bytes content(file.value()->Size().value());
        EXPECT_TRUE(file.value()->ReadAt(0, content));
        return std::string(AsText(content));
    }
    size_t Count() { return files_.List("/d/quarantine").value().size(); }

    os::MemoryFileSystem files_;
    os::FaultFileSystem fault_{files_};
    Quarantine quarantine_{fault_, "/d"};
};

TEST_F(QuarantineTest, KeepsAFileAndItsNoteThroughAPowerLoss) {
    MakeFile("/d/blobs/x", "damaged");
    const std::string path = quarantine_.TakeFile("/d/blobs/x", "/d/blobs", "name", "why").value();
    files_.Crash();
    EXPECT_EQ(Read(path), "damaged");
    EXPECT_EQ(Read(path.substr(0, path.size() - 5) + ".txt"), "why");
    EXPECT_EQ(Read("/d/blobs/x"), "(not there)");
}

TEST_F(QuarantineTest, TakesTheSameNameTwice) {
    for (const char* content : {"one", "two"}) {
        MakeFile("/d/blobs/x", content);
        EXPECT_TRUE(quarantine_.TakeFile("/d/blobs/x", "/d/blobs", "name", "why"));
    }
    EXPECT_EQ(Count(), 4u);
}

TEST_F(QuarantineTest, LeavesNoNoteOfWhatIsNotThere) {
    EXPECT_EQ(quarantine_.TakeFile("/d/blobs/x", "/d/blobs", "name", "why").error().kind(),
              ErrorKind::kNotFound);
    EXPECT_EQ(Count(), 0u);
}

// After the move: of the directory that it came to, and of the one that it left.
TEST_F(QuarantineTest, PutsAFileBackWhereNoDescriptorIsFreeToSyncItsMove) {
    MakeFile("/d/blobs/x", "damaged");
    for (const uint64_t call : {2, 3}) {
        fault_.Inject(
            {.operation = os::Operation::kSyncDirectory, .call = call, .errno_value = EMFILE});
        EXPECT_EQ(quarantine_.TakeFile("/d/blobs/x", "/d/blobs", "name", "why").error().kind(),
                  ErrorKind::kBusy);
        EXPECT_TRUE(fault_.struck());
        EXPECT_EQ(Read("/d/blobs/x"), "damaged");
        EXPECT_EQ(Count(), 0u);
    }
    fault_.Clear();
    EXPECT_TRUE(quarantine_.TakeFile("/d/blobs/x", "/d/blobs", "name", "why"));
    EXPECT_EQ(Count(), 2u);
}

TEST_F(QuarantineTest, PutsNothingBackOverWhatWasWrittenThereMeanwhile) {
    MakeFile("/d/blobs/x", "damaged");
    fault_.SetObserver([&](os::Operation operation) {
        if (operation != os::Operation::kSyncDirectory || files_.Stat("/d/blobs/x")) return;
        MakeFile("/d/blobs/x", "sound");
    });
    fault_.Inject({.operation = os::Operation::kSyncDirectory, .call = 3, .errno_value = EMFILE});
    EXPECT_FALSE(quarantine_.TakeFile("/d/blobs/x", "/d/blobs", "name", "why"));
    fault_.SetObserver(nullptr);
    EXPECT_EQ(Read("/d/blobs/x"), "sound");
    EXPECT_EQ(Count(), 2u);
}

TEST_F(QuarantineTest, KeepsTheSameBytesOnce) {
    const std::string path = quarantine_.TakeBytes(AsBytes("one"), "name", "why").value();
    EXPECT_EQ(quarantine_.TakeBytes(AsBytes("one"), "name", "again").value(), path);
    EXPECT_EQ(Count(), 2u);
    EXPECT_NE(quarantine_.TakeBytes(AsBytes("one and more"), "name", "why").value(), path);
    EXPECT_NE(quarantine_.TakeBytes(AsBytes("one"), "other", "why").value(), path);
    EXPECT_EQ(Count(), 6u);
    files_.Crash();
    EXPECT_EQ(Read(path), "one");
}

}  // namespace
}  // namespace coffer::store::engine
