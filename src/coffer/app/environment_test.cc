#include "coffer/app/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace coffer::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(EnvFile, LinesAreReadAsMinioWritesThem) {
    const auto parsed = ParseEnvFile(
        "# comment\n\n"
        "MINIO_ROOT_USER=admin\n"
        "export MINIO_ROOT_PASSWORD=\"a=b \"\r\n"
        "  MINIO_VOLUMES='/mnt/data' \n"
        "EMPTY=\n"
        "HALF=\"open");
    ASSERT_TRUE(parsed) << parsed.error().ToString();
    EXPECT_THAT(
        parsed.value(),
        ElementsAre(Pair("MINIO_ROOT_USER", "admin"), Pair("MINIO_ROOT_PASSWORD", "a=b "),
                    Pair("MINIO_VOLUMES", "/mnt/data"), Pair("EMPTY", ""), Pair("HALF", "\"open")));
}

TEST(EnvFile, AMalformedLineIsNamedAndNotShown) {
    const auto parsed = ParseEnvFile("A=1\nhunter2hunter2\n");
    ASSERT_FALSE(parsed);
    EXPECT_THAT(parsed.error().message(), HasSubstr("line 2"));
    EXPECT_EQ(parsed.error().message().find("hunter2"), std::string::npos);
}

TEST(SplitWords, QuotesAsAShellDoes) {
    const auto words = SplitWords("--address :9000  '/my data' \"a\\\"b\" c\\ d ''");
    ASSERT_TRUE(words);
    EXPECT_THAT(words.value(), ElementsAre("--address", ":9000", "/my data", "a\"b", "c d", ""));
    EXPECT_FALSE(SplitWords("it's open"));
}

TEST(Environment, AFileCountsMoreThanTheProcess) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.path() + "/env";
    std::ofstream(path) << "A=file\n";
    Environment environment({{"A", "process"}, {"B", "process"}, {"C", ""}});
    ASSERT_TRUE(environment.AddFile(path));
    EXPECT_EQ(environment.Find("A")->value, "file");
    EXPECT_EQ(environment.Find("A")->file, path);
    EXPECT_EQ(environment.Find("B")->value, "process");
    EXPECT_EQ(environment.Find("C"), nullptr) << "empty is not set";
    EXPECT_EQ(environment.Find("D"), nullptr);
}

}  // namespace
}  // namespace coffer::app
