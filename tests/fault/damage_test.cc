// Files that are not as they were written: none of it may pass for content.

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "coffer/os/memory_file_system.h"

#include "tests/fault/engine_rig.h"
#include "tests/support/random_bytes.h"
#include "tests/support/seed.h"

namespace coffer::testing {
namespace {

class DamageTest : public ::testing::TestWithParam<size_t> {
  protected:
    void SetUp() override {
        MakeEngineDirectory(memory_);
        ASSERT_TRUE(rig_.Open());
        content_ = RandomText(GetParam(), GetParam());
        key_ = rig_.Put(content_).value();
        path_ = std::string(kEngineDirectory) + "/blobs/" + key_;
        file_ = memory_.Open(path_, os::OpenMode::kReadWrite).value();
        file_bytes_ = file_->Size().value();
    }

    // Every call that looks at the copy refuses it.
    void ExpectCorrupt(const std::string& what) {
        const auto got = rig_.Get(key_, {0, content_.size()});
        ASSERT_FALSE(got) << what;
        EXPECT_EQ(got.error().kind(), ErrorKind::kCorrupt) << what;
    }

    std::byte ByteAt(uint64_t offset) {
        std::byte byte{};
        EXPECT_EQ(file_->ReadAt(offset, ByteSpan(&byte, 1)).value(), 1u);
        return byte;
    }

    void SetByteAt(uint64_t offset, std::byte byte) {
        ASSERT_TRUE(file_->WriteAt(offset, ByteView(&byte, 1)));
        ASSERT_TRUE(file_->Sync());  // or the memory of what was written grows
    }

    os::MemoryFileSystem memory_;
    EngineRig rig_{memory_, EngineRig::FilesOnly()};
    std::string content_;
    std::string key_;
    std::string path_;
    std::unique_ptr<os::File> file_;
    uint64_t file_bytes_ = 0;
};

TEST_P(DamageTest, AFileCutAtAnySectorIsCorrupt) {
    const uint64_t last = (file_bytes_ - 1) / 512 * 512;
    for (uint64_t length = last + 512; length >= 512;) {
        length -= 512;
        ASSERT_TRUE(file_->Truncate(length));
        ExpectCorrupt("cut at " + std::to_string(length));
        EXPECT_EQ(RunTask(rig_.store().Stat(key_)).error().kind(), ErrorKind::kCorrupt);
    }
}

TEST_P(DamageTest, AFileWithMoreAtItsEndIsCorrupt) {
    for (const size_t more : {1, 4, 64, 68, 512, 65536}) {
        ASSERT_TRUE(file_->Truncate(file_bytes_));
        ASSERT_TRUE(file_->WriteAt(file_bytes_, AsBytes(std::string(more, '\0'))));
        ExpectCorrupt("longer by " + std::to_string(more));
    }
}

// A file whose blocks were never written, as after a power loss without a sync.
TEST_P(DamageTest, ZeroedSectorsAreCorrupt) {
    for (uint64_t offset = 0; offset < file_bytes_; offset += 512) {
        Bytes sector(std::min<uint64_t>(512, file_bytes_ - offset));
        const Bytes zeros(sector.size());
        ASSERT_TRUE(file_->ReadAt(offset, sector));
        ASSERT_TRUE(file_->WriteAt(offset, zeros));
        ExpectCorrupt("zeros at " + std::to_string(offset));
        ASSERT_TRUE(file_->WriteAt(offset, sector));
        ASSERT_TRUE(file_->Sync());
    }
}

TEST_P(DamageTest, AFlippedBitIsCorruptForWhoeverReadsIt) {
    const uint64_t seed = TestSeed();
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2500; ++i) {
        // One in four beyond the content, where a random position rarely falls.
        const uint64_t offset = i % 4 == 0
                                    ? content_.size() + random() % (file_bytes_ - content_.size())
                                    : random() % file_bytes_;
        const std::byte before = ByteAt(offset);
        SetByteAt(offset, before ^ std::byte{1} << random() % 8);
        ExpectCorrupt("bit at " + std::to_string(offset));

        const uint64_t begin = random() % (content_.size() + 1);
        const uint64_t length = random() % (content_.size() - begin + 1);
        const auto range = rig_.Get(key_, {begin, length});
        if (range) {
            EXPECT_TRUE(range.value() == content_.substr(begin, length)) << offset;
        } else {
            EXPECT_EQ(range.error().kind(), ErrorKind::kCorrupt);
        }
        SetByteAt(offset, before);
    }
    EXPECT_TRUE(rig_.Get(key_, {0, content_.size()}).value() == content_);
}

TEST_P(DamageTest, CommittingTheContentAgainHeals) {
    SetByteAt(0, ~ByteAt(0));
    ExpectCorrupt("first byte");
    ASSERT_EQ(rig_.Put(content_).value(), key_);
    EXPECT_TRUE(rig_.Get(key_, {0, content_.size()}).value() == content_);
}

INSTANTIATE_TEST_SUITE_P(Sizes, DamageTest, ::testing::Values(1, 1000, 65536, 150'000, 400'000));

}  // namespace
}  // namespace coffer::testing
