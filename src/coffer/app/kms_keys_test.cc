#include "coffer/app/kms_keys.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace coffer::app {
namespace {

constexpr std::string_view kZeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
constexpr std::string_view kOnes = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

class KmsKeyFile : public ::testing::Test {
  protected:
    Result<std::vector<service::KeyRing::NamedKey>> Read(const std::string& text) {
        std::ofstream(path_) << text;
        return ReadKmsKeyFile(path_);
    }

    testing::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/keys";
};

TEST_F(KmsKeyFile, HasAKeyALine) {
    const auto keys = Read("# comment\n\none:" + std::string(kZeros) +
                           "\r\n  two:" + std::string(kOnes) + "\none:" + std::string(kOnes));
    ASSERT_TRUE(keys);
    ASSERT_EQ(keys.value().size(), 3u);
    EXPECT_EQ(keys.value()[0].name, "one");
    EXPECT_EQ(keys.value()[1].name, "two");
    EXPECT_EQ(keys.value()[2].name, "one");
    EXPECT_EQ(keys.value()[2].key[0], std::byte{1});
}

TEST_F(KmsKeyFile, IsRefusedByItsLineAndNeverByWhatIsInIt) {
    const auto keys = Read("one:" + std::string(kZeros) + "\ntwo:c2VjcmV0\n");
    ASSERT_FALSE(keys);
    EXPECT_NE(keys.error().message().find(path_ + ":2"), std::string::npos);
    EXPECT_EQ(keys.error().message().find("c2VjcmV0"), std::string::npos);
    EXPECT_FALSE(ReadKmsKeyFile(directory_.path() + "/missing"));
}

}  // namespace
}  // namespace coffer::app
