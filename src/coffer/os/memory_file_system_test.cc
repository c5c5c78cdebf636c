#include "coffer/os/memory_file_system.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace coffer::os {
namespace {

class MemoryFileSystemTest : public ::testing::Test {
  protected:
    std::unique_ptr<File> Create(const std::string& path, std::string_view text) {
        auto file = fs_.Open(path, OpenMode::kCreate).value();
        EXPECT_TRUE(file->WriteAt(0, AsBytes(text)));
        return file;
    }

    std::string Read(const std::string& path) {
        auto file = fs_.Open(path, OpenMode::kRead).value();
        std::string text(file->Size().value(), '\0');
        EXPECT_TRUE(file->ReadAt(0, std::as_writable_bytes(std::span(text))));
        return text;
    }

    MemoryFileSystem fs_;
};

TEST_F(MemoryFileSystemTest, ACrashForgetsANameThatWasNotSynced) {
    ASSERT_TRUE(Create("/a", "text")->Sync());
    fs_.Crash();
    EXPECT_FALSE(fs_.Stat("/a"));
}

TEST_F(MemoryFileSystemTest, ACrashForgetsBytesThatWereNotSynced) {
    auto file = Create("/a", "kept");
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    ASSERT_TRUE(file->WriteAt(0, AsBytes("lost too")));
    fs_.Crash();
    EXPECT_EQ(Read("/a"), "kept");
}

TEST_F(MemoryFileSystemTest, ANameCanSurviveWithoutItsBytes) {
    Create("/a", "lost");
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    fs_.Crash();
    EXPECT_EQ(Read("/a"), "");
}

TEST_F(MemoryFileSystemTest, WhatWasSyncedSurvives) {
    ASSERT_TRUE(fs_.MakeDirectory("/d"));
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    ASSERT_TRUE(Create("/d/a", "text")->Sync());
    ASSERT_TRUE(fs_.SyncDirectory("/d"));
    fs_.Crash();
    EXPECT_EQ(Read("/d/a"), "text");
}

TEST_F(MemoryFileSystemTest, AFileIsLostWithItsDirectorysName) {
    ASSERT_TRUE(fs_.MakeDirectory("/d"));
    ASSERT_TRUE(Create("/d/a", "text")->Sync());
    ASSERT_TRUE(fs_.SyncDirectory("/d"));
    fs_.Crash();
    EXPECT_FALSE(fs_.Stat("/d"));
}

TEST_F(MemoryFileSystemTest, ARemovedFileComesBackUntilItsDirectoryIsSynced) {
    ASSERT_TRUE(Create("/a", "text")->Sync());
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    ASSERT_TRUE(fs_.Remove("/a"));
    fs_.Crash();
    EXPECT_EQ(Read("/a"), "text");
    ASSERT_TRUE(fs_.Remove("/a"));
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    fs_.Crash();
    EXPECT_FALSE(fs_.Stat("/a"));
}

TEST_F(MemoryFileSystemTest, ACrashEndsFilesAndLocks) {
    auto file = Create("/a", "text");
    auto lock = fs_.Lock("/lock").value();
    fs_.Crash();
    EXPECT_EQ(file->WriteAt(0, AsBytes("x")).error().kind(), ErrorKind::kIo);
    EXPECT_EQ(file->Sync().error().kind(), ErrorKind::kIo);
    auto next = fs_.Lock("/lock");
    EXPECT_TRUE(next);
    lock.reset();  // must not free the new holder's
    EXPECT_FALSE(fs_.Lock("/lock"));
}

// Over many seeds every combination appears: sectors kept and lost, the name old, new or gone.
TEST_F(MemoryFileSystemTest, ASeededCrashKeepsPartsOfWhatWasNotSynced) {
    std::set<std::string> outcomes;
    for (uint64_t seed = 0; seed < 200; ++seed) {
        MemoryFileSystem fs;
        auto file = fs.Open("/a", OpenMode::kCreate).value();
        ASSERT_TRUE(fs.SyncDirectory("/"));
        ASSERT_TRUE(file->WriteAt(256, AsBytes(std::string(512, 'x'))));
        fs.Crash(seed);
        auto after = fs.Open("/a", OpenMode::kRead).value();
        std::string text(after->Size().value(), '\0');
        ASSERT_TRUE(after->ReadAt(0, std::as_writable_bytes(std::span(text))));
        outcomes.insert(text);
    }
    const std::string zeros(256, '\0');
    const std::string half(256, 'x');
    EXPECT_EQ(outcomes,
              (std::set<std::string>{"", zeros + half, zeros + zeros + half, zeros + half + half}));
}

TEST_F(MemoryFileSystemTest, ASeededCrashSplitsARename) {
    std::set<std::pair<bool, bool>> outcomes;
    for (uint64_t seed = 0; seed < 200; ++seed) {
        MemoryFileSystem fs;
        ASSERT_TRUE(fs.Open("/a", OpenMode::kCreate));
        ASSERT_TRUE(fs.SyncDirectory("/"));
        ASSERT_TRUE(fs.Rename("/a", "/b"));
        fs.Crash(seed);
        outcomes.insert({fs.Stat("/a").has_value(), fs.Stat("/b").has_value()});
    }
    EXPECT_EQ(outcomes.size(), 4u);
}

TEST_F(MemoryFileSystemTest, TheSameSeedKeepsTheSame) {
    const auto run = [](uint64_t seed) {
        MemoryFileSystem fs;
        for (int i = 0; i < 32; ++i) {
            EXPECT_TRUE(fs.MakeDirectory("/" + std::to_string(i)));
        }
        fs.Crash(seed);
        std::set<std::string> names;
        const auto entries = fs.List("/").value();
        for (const auto& entry : entries)
            names.insert(entry.name);
        return names;
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
}

TEST_F(MemoryFileSystemTest, AKillKeepsAllAndMakesNothingDurable) {
    auto file = Create("/a", "kept");
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    ASSERT_TRUE(file->WriteAt(0, AsBytes("only cached")));
    const auto after = fs_.AfterKill();
    const auto size = [&] { return after->Stat("/a").value().size_bytes; };
    EXPECT_EQ(size(), 11u);
    ASSERT_TRUE(file->Truncate(0));  // a copy has nothing to do with what it was made of
    EXPECT_EQ(size(), 11u);
    after->Crash();
    EXPECT_EQ(size(), 4u);
}

TEST_F(MemoryFileSystemTest, AfterAFailedSyncOnlyWhatIsWrittenAgainCanBeDurable) {
    auto file = Create("/a", "kept");
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(fs_.SyncDirectory("/"));
    ASSERT_TRUE(file->WriteAt(4, AsBytes("lost")));
    for (const bool again : {false, true}) {
        const auto after = fs_.AfterFailedSync("/a");
        {
            const auto reopened = after->Open("/a", OpenMode::kReadWrite).value();
            EXPECT_EQ(reopened->Size().value(), 8u);
            if (again) ASSERT_TRUE(reopened->WriteAt(4, AsBytes("lost")));
            ASSERT_TRUE(reopened->WriteAt(8, AsBytes("more")));
            ASSERT_TRUE(reopened->Sync());
            EXPECT_EQ(reopened->Size().value(), 12u);
        }
        after->Crash();
        std::string text(12, '?');
        ASSERT_TRUE(after->Open("/a", OpenMode::kRead)
                        .value()
                        ->ReadAt(0, std::as_writable_bytes(std::span(text))));
        EXPECT_EQ(text, again ? "keptlostmore" : std::string("kept\0\0\0\0more", 12));
    }
}

}  // namespace
}  // namespace coffer::os
