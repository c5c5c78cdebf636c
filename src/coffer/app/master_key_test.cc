#include "coffer/app/master_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "coffer/catalog/schema.h"
#include "coffer/db/sqlite/sqlite.h"
#include "coffer/os/posix_file_system.h"

#include "tests/support/temporary_directory.h"

namespace coffer::app {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr std::string_view kOtherKey = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

class MasterKeyTest : public ::testing::Test {
  protected:
    Result<codec::Seal> Open(std::string_view given = "") {
        return OpenMasterKey(*files_, root_.path(), Secret(std::string(given)), *database_);
    }

    // As a new data directory with the same catalogue.
    void LoseFile() { std::filesystem::remove(Path()); }

    std::string Path() const { return root_.path() + "/master.key"; }

    const coffer::testing::TemporaryDirectory root_;
    const std::unique_ptr<os::FileSystem> files_ = os::NewPosixFileSystem();
    const std::unique_ptr<db::Database> database_ = [this] {
        auto opened = db::OpenSqlite(root_.path() + "/catalogue.db", {}).value();
        EXPECT_TRUE(catalog::Prepare(*opened));
        return opened;
    }();
};

TEST_F(MasterKeyTest, IsMadeOnceAndIsPrivate) {
    const auto first = Open();
    ASSERT_TRUE(first) << first.error().ToString();
    struct stat file{};
    ASSERT_EQ(::stat(Path().c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777, 0600U);
    const auto second = Open();
    ASSERT_TRUE(second) << second.error().ToString();
    EXPECT_EQ(first.value().KeyId(), second.value().KeyId());
}

TEST_F(MasterKeyTest, ThatIsGivenCountsAndLeavesNoFile) {
    const auto given = Open(kKey);
    ASSERT_TRUE(given) << given.error().ToString();
    EXPECT_FALSE(std::filesystem::exists(Path()));
    EXPECT_EQ(given.value().KeyId(), codec::Seal(*ParseMasterKey(kKey)).KeyId());
}

TEST_F(MasterKeyTest, MayMoveBetweenFileAndVariable) {
    const auto made = Open();
    ASSERT_TRUE(made);
    std::string text;
    std::getline(std::ifstream(Path()) >> std::ws, text);
    LoseFile();
    const auto given = Open(text);
    ASSERT_TRUE(given) << given.error().ToString();
    EXPECT_EQ(given.value().KeyId(), made.value().KeyId());
}

TEST_F(MasterKeyTest, ThatIsAnotherIsRefusedWithBothNames) {
    const auto right = Open(kKey);
    ASSERT_TRUE(right);
    const auto wrong = Open(kOtherKey);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().kind(), ErrorKind::kInvalid);
    EXPECT_THAT(wrong.error().message(), HasSubstr(right.value().KeyId()));
    EXPECT_THAT(wrong.error().message(),
                HasSubstr(codec::Seal(*ParseMasterKey(kOtherKey)).KeyId()));
    EXPECT_THAT(wrong.error().message(), HasSubstr("COFFER_MASTER_KEY"));
    EXPECT_TRUE(Open(kKey));  // nothing was changed
}

TEST_F(MasterKeyTest, ThatIsLostIsMissedAndNotMadeAnew) {
    ASSERT_TRUE(Open());
    LoseFile();
    const auto missing = Open();
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message(), HasSubstr(Path()));
    EXPECT_FALSE(std::filesystem::exists(Path()));
}

TEST_F(MasterKeyTest, ThatIsNoKeyIsRefused) {
    EXPECT_FALSE(Open("short"));
    std::ofstream(Path()) << "garbage\n";
    const auto damaged = Open();
    ASSERT_FALSE(damaged);
    EXPECT_THAT(damaged.error().message(), HasSubstr(Path()));
}

}  // namespace
}  // namespace coffer::app
