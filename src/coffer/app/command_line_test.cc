#include "coffer/app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<CommandLine> Parse(std::vector<const char*> words) {
    words.insert(words.begin(), "coffer");
    return ParseCommandLine(static_cast<int>(words.size()), words.data());
}

std::string Failure(std::vector<const char*> words) {
    auto parsed = Parse(std::move(words));
    return parsed ? "it was accepted" : parsed.error().message();
}

TEST(CommandLine, ServerTakesDirectoryAndFlagsInAnyOrder) {
    auto parsed = Parse({"server", "--address", ":1", "/data", "--console-address=:2",
                         "--sigv2=off", "--require-credentials", "-S", "/certs", "--json"});
    ASSERT_TRUE(parsed) << parsed.error().ToString();
    const CommandLine& line = parsed.value();
    EXPECT_EQ(line.command, Command::kServer);
    EXPECT_THAT(line.flags.directories, ElementsAre("/data"));
    EXPECT_EQ(line.flags.values.at("address"), ":1");
    EXPECT_EQ(line.flags.values.at("console_address"), ":2");
    EXPECT_EQ(line.flags.values.at("sigv2"), "off");
    EXPECT_EQ(line.flags.values.at("require_credentials"), "on");
    EXPECT_EQ(line.flags.values.at("certs_dir"), "/certs");
    EXPECT_EQ(line.flags.values.at("log_format"), "json");
}

TEST(CommandLine, ASwitchTakesItsValueBehindASpaceToo) {
    const Flags flags = Parse({"server", "--sigv2", "off", "--require-credentials", "ON", "--quiet",
                               "/data", "--browser", "false"})
                            .value()
                            .flags;
    EXPECT_EQ(flags.values.at("sigv2"), "off");
    EXPECT_EQ(flags.values.at("require_credentials"), "ON");
    EXPECT_EQ(flags.values.at("quiet"), "on");
    EXPECT_EQ(flags.values.at("browser"), "false");
    EXPECT_THAT(flags.directories, ElementsAre("/data"));
    const Flags before = Parse({"--sigv2", "off", "server", "--quiet", "./off"}).value().flags;
    EXPECT_EQ(before.values.at("sigv2"), "off");
    EXPECT_EQ(before.values.at("quiet"), "on");
    EXPECT_THAT(before.directories, ElementsAre("./off"));
}

TEST(CommandLine, WhatStandsBehindTheMarkIsNoOption) {
    const auto directories = [](std::vector<const char*> words) {
        const auto parsed = Parse(std::move(words));
        return parsed ? parsed.value().flags.directories
                      : std::vector<std::string>{parsed.error().message()};
    };
    EXPECT_THAT(directories({"server", "--", "off"}), ElementsAre("off"));
    EXPECT_THAT(directories({"server", "--quiet", "--", "off"}), ElementsAre("off"));
    EXPECT_THAT(directories({"server", "--", "--quiet"}), ElementsAre("--quiet"));
    EXPECT_THAT(directories({"server", "--", "scrub"}), ElementsAre("scrub"));
    EXPECT_THAT(directories({"server", "/data", "--"}), ElementsAre("/data"));
    EXPECT_EQ(Parse({"account", "create", "/data", "--", "-x"}).value().account.name, "-x");
    EXPECT_EQ(Parse({"events", "/data", "--id", "5", "--", "list"}).value().events.request.action,
              EventsRequest::Action::kList);
    EXPECT_THAT(Failure({"server", "/data", "--", "--quiet"}),
                HasSubstr("\"--quiet\" is one word too many"));
    EXPECT_THAT(Failure({"scrub", "--", "/data", "--json"}),
                HasSubstr("\"--json\" is one word too many"));
    EXPECT_THAT(Failure({"server", "--frobnicate", "--", "off"}),
                HasSubstr("there is no option --frobnicate"));
}

TEST(CommandLine, ScrubTakesADirectoryAndWhatToDo) {
    const CommandLine line =
        Parse({"scrub", "/data", "--dry-run", "--rate", "50MiB", "--restart", "--json"}).value();
    EXPECT_EQ(line.command, Command::kScrub);
    EXPECT_EQ(line.scrub.directory, "/data");
    EXPECT_EQ(line.scrub.action, ScrubCommand::Action::kScrub);
    EXPECT_TRUE(line.scrub.read_only && line.scrub.restart && line.scrub.json);
    EXPECT_EQ(line.scrub.rate, "50MiB");
    EXPECT_EQ(Parse({"scrub", "--pause", "/data"}).value().scrub.action,
              ScrubCommand::Action::kPause);
    EXPECT_THAT(Failure({"scrub"}), HasSubstr("DIR"));
}

TEST(CommandLine, FlagsStandBeforeTheCommandToo) {
    auto parsed = Parse({"--certs-dir", "/certs", "--quiet", "--anonymous", "server", "/data"});
    ASSERT_TRUE(parsed) << parsed.error().ToString();
    EXPECT_EQ(parsed.value().flags.values.at("certs_dir"), "/certs");
    EXPECT_EQ(parsed.value().flags.values.at("quiet"), "on");
    EXPECT_THAT(parsed.value().flags.directories, ElementsAre("/data"));
}

TEST(CommandLine, MistakesAreAnsweredWithWhatIsRight) {
    EXPECT_THAT(Failure({"server", "--adress", ":1", "/data"}),
                HasSubstr("did you mean --address?"));
    EXPECT_THAT(Failure({"server", "--sftp=address=:1", "/data"}), HasSubstr("does not offer"));
    EXPECT_THAT(Failure({"server", "--frobnicate"}), HasSubstr("coffer server --help"));
    EXPECT_THAT(Failure({"serve", "/data"}), HasSubstr("\"serve\""));
    EXPECT_THAT(Failure({"server", "--address"}), HasSubstr("--address"));
    EXPECT_THAT(Failure({"health", "--timeout", "soon"}), HasSubstr("\"30s\""));
}

TEST(CommandLine, HelpIsGivenWhereItIsAskedAndWhereACommandIsMissing) {
    EXPECT_EQ(Parse({"--help"}).value().command, Command::kHelp);
    EXPECT_THAT(Parse({"server", "--help"}).value().help, HasSubstr("--console-address"));
    EXPECT_THAT(Parse({"server", "--help"}).value().help, HasSubstr("--sigv2 on|off "));
    EXPECT_THAT(Parse({"server", "--help"}).value().help, HasSubstr("Examples:"));
    EXPECT_TRUE(Parse({"--help"}).value().asked);
    EXPECT_FALSE(Parse({}).value().asked);
    EXPECT_FALSE(Parse({"config"}).value().asked);
}

TEST(CommandLine, ConfigShowTakesTheFlagsOfServer) {
    auto parsed = Parse({"config", "show", "--json", "--address", ":1", "/data"});
    ASSERT_TRUE(parsed) << parsed.error().ToString();
    EXPECT_EQ(parsed.value().command, Command::kConfigShow);
    EXPECT_TRUE(parsed.value().json);
    EXPECT_EQ(parsed.value().flags.values.at("address"), ":1");
}

TEST(CommandLine, HealthAndVersion) {
    auto health = Parse({"health", "https://h:1/x", "--insecure", "--timeout", "1s"});
    ASSERT_TRUE(health);
    EXPECT_EQ(health.value().url, "https://h:1/x");
    EXPECT_TRUE(health.value().insecure);
    EXPECT_EQ(health.value().timeout, std::chrono::seconds(1));
    EXPECT_EQ(Parse({"version"}).value().command, Command::kVersion);
    EXPECT_EQ(Parse({"--version"}).value().command, Command::kVersion);
}

TEST(FlagsVariable, IsReadLikeACommandLine) {
    auto flags =
        ParseFlagsVariable("--console-address ':5' --sigv2=off \"/my data\"", "MINIO_OPTS");
    ASSERT_TRUE(flags) << flags.error().ToString();
    EXPECT_EQ(flags.value().values.at("console_address"), ":5");
    EXPECT_EQ(flags.value().values.at("sigv2"), "off");
    EXPECT_THAT(flags.value().directories, ElementsAre("/my data"));
    flags = ParseFlagsVariable("--browser off --sigv2 no /data --quiet", "MINIO_OPTS");
    ASSERT_TRUE(flags) << flags.error().ToString();
    EXPECT_EQ(flags.value().values.at("browser"), "off");
    EXPECT_EQ(flags.value().values.at("sigv2"), "no");
    EXPECT_EQ(flags.value().values.at("quiet"), "on");
    EXPECT_THAT(flags.value().directories, ElementsAre("/data"));
    flags = ParseFlagsVariable("--quiet -- off", "MINIO_OPTS");
    ASSERT_TRUE(flags) << flags.error().ToString();
    EXPECT_THAT(flags.value().directories, ElementsAre("off"));
    auto wrong = ParseFlagsVariable("--adress :5", "MINIO_OPTS");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message(), HasSubstr("MINIO_OPTS"));
}

}  // namespace
}  // namespace coffer::app
