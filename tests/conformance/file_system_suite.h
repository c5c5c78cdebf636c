// What every FileSystem promises. An implementation runs it with a factory and one line:
//
//     INSTANTIATE_TEST_SUITE_P(Posix, FileSystemSuite, ::testing::Values(FileSystemCase{"Posix",
//     MakePosix}), CaseName);
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/os/file_system.h"

namespace coffer::testing {

// A file system with an empty directory on it. `keep` goes last: what both stand on.
struct FileSystemFixture {
    std::shared_ptr<void> keep;
    std::unique_ptr<os::FileSystem> file_system;
    std::string root;
};

struct FileSystemCase {
    std::string name;
    std::function<FileSystemFixture()> make;
};

inline std::string CaseName(const ::testing::TestParamInfo<FileSystemCase>& info) {
    return info.param.name;
}

inline void PrintTo(const FileSystemCase& test_case, std::ostream* out) {
    *out << test_case.name;
}

class FileSystemSuite : public ::testing::TestWithParam<FileSystemCase> {
  protected:
    void SetUp() override { fixture_ = GetParam().make(); }

    os::FileSystem& fs() { return *fixture_.file_system; }
    std::string Path(const std::string& name) const { return fixture_.root + "/" + name; }

    std::unique_ptr<os::File> Open(const std::string& name, os::OpenMode mode) {
        auto file = fs().Open(Path(name), mode);
        EXPECT_TRUE(file.has_value()) << file.error().ToString();
        return std::move(file.value());
    }

    void Write(const std::string& name, std::string_view text) {
        ASSERT_TRUE(Open(name, os::OpenMode::kCreate)->WriteAt(0, AsBytes(text)));
    }

    std::string Read(const std::string& name) { return ReadFile(*Open(name, os::OpenMode::kRead)); }

    static std::string ReadFile(os::File& file) {
        std::string text(file.Size().value(), '\0');
        const auto bytes = std::as_writable_bytes(std::span(text));
        EXPECT_EQ(file.ReadAt(0, bytes).value(), text.size());
        return text;
    }

    std::vector<std::string> Names(const std::string& directory) {
        std::vector<std::string> names;
        const std::vector<os::DirectoryEntry> entries = fs().List(directory).value();
        for (const auto& entry : entries)
            names.push_back(entry.name);
        std::sort(names.begin(), names.end());
        return names;
    }

    static ErrorKind KindOf(const auto& result) {
        EXPECT_FALSE(result.has_value());
        return result.has_value() ? ErrorKind::kInternal : result.error().kind();
    }

  private:
    FileSystemFixture fixture_;
};

TEST_P(FileSystemSuite, GivesBackWhatWasWritten) {
    auto file = Open("a", os::OpenMode::kCreate);
    ASSERT_TRUE(file->WriteAt(0, AsBytes("hello ")));
    ASSERT_TRUE(file->WriteAt(6, AsBytes("world")));
    ASSERT_TRUE(file->Sync());
    EXPECT_EQ(ReadFile(*file), "hello world");
    EXPECT_EQ(Read("a"), "hello world");
    EXPECT_EQ(fs().Stat(Path("a")).value().size_bytes, 11u);
}

TEST_P(FileSystemSuite, ReadsFewerBytesOnlyAtTheEnd) {
    Write("a", "0123456789");
    auto file = Open("a", os::OpenMode::kRead);
    std::array<std::byte, 4> out{};
    EXPECT_EQ(file->ReadAt(3, out).value(), 4u);
    EXPECT_EQ(AsText(out), "3456");
    EXPECT_EQ(file->ReadAt(8, out).value(), 2u);
    EXPECT_EQ(file->ReadAt(10, out).value(), 0u);
    EXPECT_EQ(file->ReadAt(1000, out).value(), 0u);
}

TEST_P(FileSystemSuite, CachedCallsDoTheSameOrAreBusy) {
    EXPECT_THAT(KindOf(fs().OpenCached(Path("a"))),
                ::testing::AnyOf(ErrorKind::kNotFound, ErrorKind::kBusy));
    Write("a", "0123456789");
    const auto opened = fs().OpenCached(Path("a"));
    if (!opened) {
        EXPECT_EQ(opened.error().kind(), ErrorKind::kBusy);
    }
    const auto file = opened ? nullptr : Open("a", os::OpenMode::kRead);
    std::array<std::byte, 4> out{};
    for (const auto& [offset, text] : {std::pair{3, "3456"}, {8, "89"}, {10, ""}}) {
        const auto got = (opened ? *opened.value() : *file).ReadCachedAt(offset, out);
        if (got) {
            EXPECT_EQ(AsText(ByteView(out).first(got.value())), text);
        } else {
            EXPECT_EQ(got.error().kind(), ErrorKind::kBusy);
        }
    }
}

TEST_P(FileSystemSuite, FillsAGapWithZeros) {
    auto file = Open("a", os::OpenMode::kCreate);
    ASSERT_TRUE(file->WriteAt(3, AsBytes("x")));
    EXPECT_EQ(ReadFile(*file), std::string("\0\0\0x", 4));
}

TEST_P(FileSystemSuite, TruncatesAndExtends) {
    auto file = Open("a", os::OpenMode::kCreate);
    ASSERT_TRUE(file->WriteAt(0, AsBytes("0123456789")));
    ASSERT_TRUE(file->Truncate(4));
    EXPECT_EQ(ReadFile(*file), "0123");
    ASSERT_TRUE(file->Truncate(6));
    EXPECT_EQ(ReadFile(*file), std::string("0123\0\0", 6));
}

TEST_P(FileSystemSuite, OpensAsTheModeSays) {
    EXPECT_EQ(KindOf(fs().Open(Path("a"), os::OpenMode::kRead)), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(fs().Open(Path("a"), os::OpenMode::kReadWrite)), ErrorKind::kNotFound);
    Write("a", "old");
    EXPECT_EQ(KindOf(fs().Open(Path("a"), os::OpenMode::kCreate)), ErrorKind::kAlreadyExists);
    EXPECT_FALSE(Open("a", os::OpenMode::kRead)->WriteAt(0, AsBytes("new")));
    EXPECT_EQ(Read("a"), "old");
    ASSERT_TRUE(Open("a", os::OpenMode::kReadWrite)->WriteAt(0, AsBytes("new")));
    EXPECT_EQ(Read("a"), "new");
    EXPECT_EQ(KindOf(fs().Open(Path("no/a"), os::OpenMode::kCreate)), ErrorKind::kNotFound);
}

TEST_P(FileSystemSuite, ATemporaryFileGetsItsNameByLink) {
    auto file = fs().CreateTemporary(Path("")).value();
    ASSERT_TRUE(file->WriteAt(0, AsBytes("content")));
    EXPECT_EQ(KindOf(fs().Stat(Path("a"))), ErrorKind::kNotFound);
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(fs().Link(*file, Path("a")));
    file.reset();
    EXPECT_EQ(Read("a"), "content");
    EXPECT_THAT(Names(Path("")), ::testing::ElementsAre("a"));
}

TEST_P(FileSystemSuite, ATemporaryFileWithoutALinkDisappears) {
    auto file = fs().CreateTemporary(Path("")).value();
    ASSERT_TRUE(file->WriteAt(0, AsBytes("content")));
    file.reset();
    EXPECT_THAT(Names(Path("")), ::testing::IsEmpty());
}

TEST_P(FileSystemSuite, DirectWritesAreTheSameBytesAlignedOrNot) {
    constexpr size_t kBytes = 5 * os::kDirectAlignment;
    const std::unique_ptr<std::byte, decltype(&std::free)> memory(
        static_cast<std::byte*>(std::aligned_alloc(os::kDirectAlignment, kBytes)), &std::free);
    const ByteSpan bytes(memory.get(), kBytes);
    for (size_t i = 0; i < kBytes; ++i)
        bytes[i] = static_cast<std::byte>(i % 251);

    auto file = fs().CreateTemporary(Path("")).value();
    file->WriteDirectly();
    ASSERT_TRUE(file->WriteAt(0, bytes.first(2 * os::kDirectAlignment)));  // aligned
    const size_t end = 3 * os::kDirectAlignment + 100;
    ASSERT_TRUE(file->WriteAt(2 * os::kDirectAlignment,
                              bytes.subspan(2 * os::kDirectAlignment,
                                            end - 2 * os::kDirectAlignment)));  // half of it
    ASSERT_TRUE(file->WriteAt(end, bytes.subspan(end)));                        // nothing of it
    ASSERT_TRUE(file->Sync());
    ASSERT_TRUE(fs().Link(*file, Path("a")));
    file.reset();
    EXPECT_TRUE(Read("a") == AsText(bytes));
}

TEST_P(FileSystemSuite, ATemporaryNameSaysThatItIsOne) {
    const auto file = fs().CreateTemporary(Path("")).value();
    for (const std::string& name : Names(Path(""))) {
        EXPECT_THAT(name, ::testing::StartsWith(".tmp-"));
    }
}

TEST_P(FileSystemSuite, CreateTemporaryNeedsItsDirectory) {
    EXPECT_EQ(KindOf(fs().CreateTemporary(Path("no"))), ErrorKind::kNotFound);
}

TEST_P(FileSystemSuite, LinkReplacesNothing) {
    Write("a", "old");
    auto file = fs().CreateTemporary(Path("")).value();
    ASSERT_TRUE(file->WriteAt(0, AsBytes("new")));
    EXPECT_EQ(KindOf(fs().Link(*file, Path("a"))), ErrorKind::kAlreadyExists);
    EXPECT_EQ(Read("a"), "old");
    ASSERT_TRUE(fs().Link(*file, Path("b")));  // it can still have another name
    file.reset();
    EXPECT_EQ(Read("b"), "new");
    EXPECT_THAT(Names(Path("")), ::testing::ElementsAre("a", "b"));
}

TEST_P(FileSystemSuite, RenameReplacesInOneStep) {
    Write("a", "new");
    Write("b", "old");
    auto old = Open("b", os::OpenMode::kRead);
    ASSERT_TRUE(fs().Rename(Path("a"), Path("b")));
    EXPECT_EQ(Read("b"), "new");
    EXPECT_EQ(ReadFile(*old), "old");  // who has it open keeps it
    EXPECT_THAT(Names(Path("")), ::testing::ElementsAre("b"));
    EXPECT_EQ(KindOf(fs().Rename(Path("a"), Path("b"))), ErrorKind::kNotFound);
}

TEST_P(FileSystemSuite, RemoveTakesTheNameNotTheOpenFile) {
    Write("a", "content");
    auto file = Open("a", os::OpenMode::kRead);
    ASSERT_TRUE(fs().Remove(Path("a")));
    EXPECT_EQ(ReadFile(*file), "content");
    EXPECT_EQ(KindOf(fs().Remove(Path("a"))), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(fs().Stat(Path("a"))), ErrorKind::kNotFound);
}

TEST_P(FileSystemSuite, DirectoriesAreMadeListedAndRemoved) {
    ASSERT_TRUE(fs().MakeDirectory(Path("d")));
    EXPECT_EQ(KindOf(fs().MakeDirectory(Path("d"))), ErrorKind::kAlreadyExists);
    EXPECT_EQ(KindOf(fs().MakeDirectory(Path("no/d"))), ErrorKind::kNotFound);
    EXPECT_EQ(fs().Stat(Path("d")).value().kind, os::FileKind::kDirectory);
    Write("d/a", "1");
    ASSERT_TRUE(fs().MakeDirectory(Path("d/sub")));
    const auto entries = fs().List(Path("d")).value();
    ASSERT_EQ(entries.size(), 2u);
    for (const auto& entry : entries) {
        EXPECT_EQ(entry.kind, entry.name == "a" ? os::FileKind::kFile : os::FileKind::kDirectory);
    }
    EXPECT_EQ(KindOf(fs().RemoveDirectory(Path("d"))), ErrorKind::kConflict);
    ASSERT_TRUE(fs().RemoveDirectory(Path("d/sub")));
    ASSERT_TRUE(fs().Remove(Path("d/a")));
    ASSERT_TRUE(fs().RemoveDirectory(Path("d")));
    EXPECT_EQ(KindOf(fs().List(Path("d"))), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(fs().RemoveDirectory(Path("d"))), ErrorKind::kNotFound);
}

TEST_P(FileSystemSuite, SyncsDirectories) {
    Write("a", "1");
    EXPECT_TRUE(fs().SyncDirectory(Path("")));
    EXPECT_EQ(KindOf(fs().SyncDirectory(Path("no"))), ErrorKind::kNotFound);
}

TEST_P(FileSystemSuite, TellsTheSpace) {
    const os::Space space = fs().GetSpace(Path("")).value();
    EXPECT_GT(space.total_bytes, 0u);
    EXPECT_LE(space.free_bytes, space.total_bytes);
}

TEST_P(FileSystemSuite, ALockHasOneHolder) {
    auto lock = fs().Lock(Path("lock")).value();
    EXPECT_EQ(KindOf(fs().Lock(Path("lock"))), ErrorKind::kBusy);
    lock.reset();
    EXPECT_TRUE(fs().Lock(Path("lock")));
}

}  // namespace coffer::testing
