#include "coffer/app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "coffer/app/config_show.h"
#include "coffer/base/bytes.h"

#include "tests/support/temporary_directory.h"

namespace coffer::app {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Variables = std::map<std::string, std::string>;

std::string WriteFile(const testing::TemporaryDirectory& directory, const std::string& name,
                      const std::string& text) {
    const std::string path = directory.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
}

Result<Resolution> ResolveWith(const Variables& variables, const Flags& flags = {}) {
    return Resolve(std::span(&flags, 1), Environment(variables));
}

Result<Config> Load(const Variables& variables, const Flags& flags = {},
                    std::vector<std::string>* warnings = nullptr) {
    TRY(Resolution resolution, ResolveWith(variables, flags));
    auto config = MakeConfig(resolution, Environment(variables));
    if (warnings != nullptr) *warnings = resolution.warnings;
    return config;
}

std::string Failure(const Variables& variables, const Flags& flags = {}) {
    auto config = Load(variables, flags);
    return config ? "it was accepted" : config.error().message();
}

TEST(Config, FlagsCountMoreThanEnvironmentThanFileThanDefaults) {
    const testing::TemporaryDirectory directory;
    const std::string file =
        WriteFile(directory, "c.toml",
                  "# all four\naddress = \":1\"\nregion = \"file-1\"\n"
                  "console_address = \":2\"\ndomain = [\"a.test\", \"b.test\"]\n");
    Flags flags;
    flags.config_file = file;
    flags.values["address"] = ":3";
    const Variables variables = {{"COFFER_ADDRESS", ":4"}, {"MINIO_CONSOLE_ADDRESS", ":5"}};

    auto resolution = ResolveWith(variables, flags);
    ASSERT_TRUE(resolution) << resolution.error().ToString();
    const auto& r = resolution.value();
    EXPECT_EQ(r.at("address").value, ":3");
    EXPECT_EQ(r.at("address").origin, "--address");
    EXPECT_EQ(r.at("console_address").value, ":5");
    EXPECT_EQ(r.at("console_address").origin, "MINIO_CONSOLE_ADDRESS");
    EXPECT_EQ(r.at("region").value, "file-1");
    EXPECT_EQ(r.at("region").origin, file + ":3");
    EXPECT_EQ(r.at("domain").value, "a.test,b.test");
    EXPECT_EQ(r.at("shutdown_timeout").origin, "default");
}

TEST(Config, NothingSetIsAnOpenServerWithWellKnownCredentials) {
    auto config = Load({});
    ASSERT_TRUE(config) << config.error().ToString();
    const Config& c = config.value();
    EXPECT_EQ(c.address, (Endpoint{"", 9000}));
    EXPECT_EQ(c.console_address, (Endpoint{"", 9001}));
    EXPECT_EQ(c.root_user, "minioadmin");
    EXPECT_EQ(c.root_password.Reveal(), "minioadmin");
    EXPECT_TRUE(c.default_credentials);
    EXPECT_FALSE(c.require_credentials);
    EXPECT_TRUE(c.sigv2);
    EXPECT_FALSE(c.metrics_public);
    EXPECT_THAT(c.cors_allow_origin, ElementsAre("*"));
    EXPECT_EQ(c.shutdown_timeout, std::chrono::seconds(30));
}

TEST(Config, TimeoutsAreTimesAndMoreThanNone) {
    auto config = Load({{"MINIO_IDLE_TIMEOUT", "5s"},
                        {"MINIO_READ_HEADER_TIMEOUT", "1500ms"},
                        {"COFFER_TRANSFER_TIMEOUT", "10m"}});
    ASSERT_TRUE(config) << config.error().ToString();
    EXPECT_EQ(config.value().idle_timeout, std::chrono::seconds(5));
    EXPECT_EQ(config.value().read_header_timeout, std::chrono::milliseconds(1500));
    EXPECT_EQ(config.value().transfer_timeout, std::chrono::minutes(10));
    EXPECT_THAT(Failure({{"COFFER_TRANSFER_TIMEOUT", "0s"}}),
                AllOf(HasSubstr("COFFER_TRANSFER_TIMEOUT"), HasSubstr("more than 0")));
    EXPECT_THAT(Failure({{"MINIO_IDLE_TIMEOUT", "soon"}}), HasSubstr("MINIO_IDLE_TIMEOUT"));
    EXPECT_EQ(Failure({{"MINIO_SHUTDOWN_TIMEOUT", "0s"}}), "it was accepted");
}

TEST(Config, TheVariablesOfMinioWork) {
    auto config = Load({{"MINIO_ROOT_USER", "admin"},
                        {"MINIO_ROOT_PASSWORD", "verysecret"},
                        {"MINIO_VOLUMES", " /mnt/data "},
                        {"MINIO_ADDRESS", "127.0.0.1:1"},
                        {"MINIO_CONSOLE_ADDRESS", ":2"},
                        {"MINIO_SITE_REGION", "eu-1"},
                        {"MINIO_DOMAIN", "a.test,b.test"},
                        {"MINIO_SERVER_URL", "https://s3.a.test/"},
                        {"MINIO_API_CORS_ALLOW_ORIGIN", "https://a.test, https://b.test"},
                        {"MINIO_PROMETHEUS_AUTH_TYPE", "public"},
                        {"MINIO_DEFAULT_BUCKETS", "one;two:none three:download"}});
    ASSERT_TRUE(config) << config.error().ToString();
    const Config& c = config.value();
    EXPECT_EQ(c.directory, "/mnt/data");
    EXPECT_EQ(c.root_user, "admin");
    EXPECT_FALSE(c.default_credentials);
    EXPECT_EQ(c.address, (Endpoint{"127.0.0.1", 1}));
    EXPECT_EQ(c.region, "eu-1");
    EXPECT_THAT(c.domains, ElementsAre("a.test", "b.test"));
    EXPECT_EQ(c.server_url, "https://s3.a.test");
    EXPECT_THAT(c.cors_allow_origin, ElementsAre("https://a.test", "https://b.test"));
    EXPECT_TRUE(c.metrics_public);
    using codec::policy::AnonymousAccess;
    EXPECT_THAT(c.default_buckets, ElementsAre(DefaultBucket{"one"}, DefaultBucket{"two"},
                                               DefaultBucket{"three", AnonymousAccess::kDownload}));
}

TEST(Config, OldCredentialNamesWorkAndSaySo) {
    std::vector<std::string> warnings;
    auto config =
        Load({{"MINIO_ACCESS_KEY", "admin"}, {"MINIO_SECRET_KEY", "verysecret"}}, {}, &warnings);
    ASSERT_TRUE(config);
    EXPECT_EQ(config.value().root_user, "admin");
    EXPECT_THAT(warnings,
                Contains(HasSubstr("MINIO_ACCESS_KEY is an old name; use MINIO_ROOT_USER")));
}

TEST(Config, SecretsComeFromFilesToo) {
    const testing::TemporaryDirectory directory;
    const std::string file = WriteFile(directory, "pw", "verysecret\n");
    auto config = Load({{"MINIO_ROOT_USER", "admin"}, {"MINIO_ROOT_PASSWORD_FILE", file}});
    ASSERT_TRUE(config) << config.error().ToString();
    EXPECT_EQ(config.value().root_password.Reveal(), "verysecret");

    Flags flags;
    flags.config_file = WriteFile(directory, "c.toml",
                                  "root_user = \"admin\"\nroot_password_file = \"" + file + "\"\n");
    config = Load({}, flags);
    ASSERT_TRUE(config) << config.error().ToString();
    EXPECT_EQ(config.value().root_password.Reveal(), "verysecret");
}

TEST(Config, AMissingSecretFileStopsTheStartUnlessItIsABareName) {
    EXPECT_THAT(Failure({{"MINIO_ROOT_USER", "admin"}, {"MINIO_ROOT_PASSWORD_FILE", "/no/such"}}),
                HasSubstr("MINIO_ROOT_PASSWORD_FILE names a file that can't be read"));
    std::vector<std::string> warnings;
    auto config = Load({{"MINIO_ROOT_USER_FILE", "access_key_that_is_not_there"}}, {}, &warnings);
    ASSERT_TRUE(config);
    EXPECT_TRUE(config.value().default_credentials);
    EXPECT_THAT(warnings, Contains(HasSubstr("MINIO_ROOT_USER_FILE is ignored")));
}

TEST(Config, OneCredentialWithoutTheOtherIsRefused) {
    EXPECT_THAT(Failure({{"MINIO_ROOT_USER", "admin"}}),
                HasSubstr("Missing credential environment variable, \"MINIO_ROOT_PASSWORD\""));
    EXPECT_THAT(Failure({{"COFFER_ROOT_PASSWORD", "verysecret"}}),
                HasSubstr("\"COFFER_ROOT_USER\""));
}

TEST(Config, ShortCredentialsAreRefusedAndNotShown) {
    const std::string message =
        Failure({{"MINIO_ROOT_USER", "admin"}, {"MINIO_ROOT_PASSWORD", "hunter2"}});
    EXPECT_THAT(message, HasSubstr("MINIO_ROOT_USER length should be at least 3, and "
                                   "MINIO_ROOT_PASSWORD length at least 8 characters"));
    EXPECT_THAT(message, Not(HasSubstr("hunter2")));
    EXPECT_THAT(Failure({{"MINIO_ROOT_USER", "ab"}, {"MINIO_ROOT_PASSWORD", "verysecret"}}),
                HasSubstr("at least 3"));
}

TEST(Config, SeveralDirectoriesAreRefused) {
    EXPECT_THAT(Failure({{"MINIO_VOLUMES", "/data1 /data2"}}), HasSubstr("one directory"));
    EXPECT_THAT(Failure({{"MINIO_VOLUMES", "/data{1...4}"}}), HasSubstr("one directory"));
    EXPECT_THAT(Failure({{"MINIO_VOLUMES", "http://node1/data"}}), HasSubstr("cluster"));
    Flags flags;
    flags.directories = {"/a", "/b"};
    EXPECT_THAT(Failure({}, flags), HasSubstr("one directory"));
    flags.directories = {"/my data"};
    EXPECT_EQ(Load({}, flags).value().directory, "/my data");
}

TEST(Config, WrongValuesNameSettingSourceAndWhatIsRight) {
    EXPECT_EQ(Failure({{"MINIO_ADDRESS", "9000"}}),
              "address (MINIO_ADDRESS): \"9000\" is no address; write \":9000\", "
              "\"127.0.0.1:9000\" or \"[::1]:9000\"");
    EXPECT_THAT(Failure({{"COFFER_ADDRESS", ":70000"}}), HasSubstr("COFFER_ADDRESS"));
    EXPECT_THAT(Failure({{"MINIO_BROWSER", "maybe"}}), HasSubstr("neither on nor off"));
    EXPECT_THAT(Failure({{"MINIO_PROMETHEUS_AUTH_TYPE", "none"}}), HasSubstr("jwt nor public"));
    EXPECT_THAT(Failure({{"COFFER_SHUTDOWN_TIMEOUT", "30"}}), HasSubstr("\"30s\""));
    EXPECT_THAT(Failure({{"MINIO_REGION", "eu west"}}), HasSubstr("MINIO_REGION"));
    EXPECT_THAT(Failure({{"MINIO_DOMAIN", "http://a.test"}}), HasSubstr("no domain"));
    EXPECT_THAT(Failure({{"MINIO_SERVER_URL", "s3.a.test"}}), HasSubstr("no URL"));
    EXPECT_THAT(Failure({{"MINIO_SERVER_URL", "https://s3.a.test/x"}}), HasSubstr("no URL"));
    EXPECT_THAT(Failure({{"MINIO_DEFAULT_BUCKETS", "ok-bucket,Not_Ok"}}), HasSubstr("Not_Ok"));
    EXPECT_THAT(Failure({{"MINIO_DEFAULT_BUCKETS", "pics:everyone"}}), HasSubstr("everyone"));
    EXPECT_THAT(Failure({{"COFFER_LOG_LEVEL", "loud"}}), HasSubstr("debug, info"));
    EXPECT_THAT(Failure({{"MINIO_ADDRESS", ":1"}, {"MINIO_CONSOLE_ADDRESS", ":1"}}),
                HasSubstr("a port of its own"));
}

TEST(Config, TheSecondPortGivesWayToTheFirst) {
    EXPECT_FALSE(Load({{"MINIO_ADDRESS", ":9001"}}).value().console_wanted);
    EXPECT_FALSE(Load({{"MINIO_BROWSER", "off"}}).value().console_wanted);
    EXPECT_TRUE(
        Load({{"MINIO_BROWSER", "off"}, {"MINIO_CONSOLE_ADDRESS", ":5"}}).value().console_wanted);
}

TEST(Config, KmsKeysHaveNames) {
    const std::string key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const Config config = Load({{"MINIO_KMS_SECRET_KEY", "my-key:" + key}}).value();
    ASSERT_EQ(config.kms_keys.size(), 1u);
    EXPECT_EQ(config.kms_keys[0].name, "my-key");
    EXPECT_EQ(config.default_kms_key, "my-key");
    EXPECT_FALSE(config.sse_c_over_http);
    const std::vector<std::string> all_wrong = {"my-key", "my-key:", ":" + key, "my key:" + key,
                                                "k:" + key + "A"};
    for (const std::string& wrong : all_wrong)
        EXPECT_EQ(Load({{"MINIO_KMS_SECRET_KEY", wrong}}).error().kind(), ErrorKind::kInvalid);
}

TEST(Config, NewBucketsHaveNoAclsUnlessAskedFor) {
    EXPECT_EQ(Load({}).value().object_ownership, codec::Ownership::kBucketOwnerEnforced);
    EXPECT_EQ(Load({{"COFFER_OBJECT_OWNERSHIP", "ObjectWriter"}}).value().object_ownership,
              codec::Ownership::kObjectWriter);
    EXPECT_EQ(Load({{"COFFER_OBJECT_OWNERSHIP", "mine"}}).error().kind(), ErrorKind::kInvalid);
}

TEST(Config, TheDialectIsOfAwsOrCeph) {
    EXPECT_EQ(Load({}).value().dialect, api::s3::Dialect::kAws);
    EXPECT_EQ(Load({{"COFFER_DIALECT", "ceph"}}).value().dialect, api::s3::Dialect::kCeph);
    EXPECT_EQ(Load({{"COFFER_DIALECT", "minio"}}).error().kind(), ErrorKind::kInvalid);
}

TEST(Config, UnknownVariablesAreNamedInAWarning) {
    std::vector<std::string> warnings;
    ASSERT_TRUE(Load({{"MINIO_ROOT_PASWORD", "x"},
                      {"COFFER_FROBNICATE", "x"},
                      {"MINIO_NOTIFY_KAFKA_ENABLE_A", "on"},
                      {"MINIO_KMS_SERVER", "x"},
                      {"MINIO_PORT_9000_TCP_ADDR", "10.0.0.1"},
                      {"MINIO_SERVICE_HOST", "10.0.0.1"},
                      {"MINIO_UPDATE", "off"},
                      {"PATH", "/bin"}},
                     {}, &warnings));
    EXPECT_THAT(warnings,
                ElementsAre("COFFER_FROBNICATE has no effect: no such setting",
                            "MINIO_KMS_SERVER has no effect: not offered yet",
                            "MINIO_NOTIFY_KAFKA_ENABLE_A has no effect: not offered yet",
                            "MINIO_ROOT_PASWORD has no effect: no such setting. Did you mean "
                            "MINIO_ROOT_PASSWORD?"));
}

TEST(Config, WhatIsOverruledIsSaid) {
    std::vector<std::string> warnings;
    auto config = Load({{"COFFER_REGION", "a-1"}, {"MINIO_REGION", "b-1"}}, {}, &warnings);
    EXPECT_EQ(config.value().region, "a-1");
    EXPECT_THAT(warnings, ElementsAre("MINIO_REGION is ignored: COFFER_REGION says something else, "
                                      "and counts more"));
}

TEST(Config, AnUnknownNameInTheFileIsRefusedWithItsLine) {
    const testing::TemporaryDirectory directory;
    Flags flags;
    flags.config_file = WriteFile(directory, "c.toml", "\nadress = \":1\"\n");
    EXPECT_EQ(Failure({}, flags),
              flags.config_file + ":2: there is no setting \"adress\"; did you mean \"address\"?");
    flags.config_file = WriteFile(directory, "d.toml", "address = ");
    EXPECT_THAT(Failure({}, flags), HasSubstr("d.toml:1"));
    flags.config_file = WriteFile(directory, "e.toml", "address = [\":1\"]");
    EXPECT_THAT(Failure({}, flags), HasSubstr("must be one value"));
    flags.config_file = directory.path() + "/none.toml";
    EXPECT_THAT(Failure({}, flags), HasSubstr("can't be read"));
}

TEST(Config, AVariableOfFlagsStandsBetweenFlagsAndEnvironment) {
    Flags line;
    line.values["address"] = ":1";
    Flags opts;
    opts.variable = "MINIO_OPTS";
    opts.values["address"] = ":2";
    opts.values["console_address"] = ":3";
    const std::vector<Flags> layers = {line, opts};
    auto resolution = Resolve(layers, Environment({{"MINIO_CONSOLE_ADDRESS", ":4"}}));
    ASSERT_TRUE(resolution);
    EXPECT_EQ(resolution.value().at("address").value, ":1");
    EXPECT_EQ(resolution.value().at("console_address").value, ":3");
    EXPECT_EQ(resolution.value().at("console_address").origin, "--console-address in MINIO_OPTS");
}

TEST(ConfigShow, HidesSecretsAndSaysWhereValuesComeFrom) {
    auto resolution =
        ResolveWith({{"MINIO_ROOT_USER", "admin"}, {"MINIO_ROOT_PASSWORD", "verysecret"}});
    ASSERT_TRUE(resolution);
    const std::string table = ShowAsTable(resolution.value());
    const std::string json = ShowAsJson(resolution.value());
    EXPECT_THAT(table, Not(HasSubstr("verysecret")));
    EXPECT_THAT(json, Not(HasSubstr("verysecret")));
    EXPECT_THAT(table, HasSubstr("MINIO_ROOT_PASSWORD"));
    EXPECT_THAT(json,
                HasSubstr(R"({"name": "root_password", "value": null, "source": "environment", )"
                          R"("from": "MINIO_ROOT_PASSWORD", "secret": true})"));
    EXPECT_THAT(json, HasSubstr(R"({"name": "address", "value": ":9000", "source": "default")"));
}

TEST(Endpoint, IsReadAsGoWritesIt) {
    EXPECT_EQ(ParseEndpoint(":9000").value(), (Endpoint{"", 9000}));
    EXPECT_EQ(ParseEndpoint("[::1]:1").value(), (Endpoint{"::1", 1}));
    EXPECT_EQ(ParseEndpoint("localhost:0").value(), (Endpoint{"localhost", 0}));
    for (const char* wrong : {"", "9000", "::1:9000", "a:", "a:b", ":-1", ":65536", "a:1x", "/x:1"})
        EXPECT_FALSE(ParseEndpoint(wrong)) << wrong;
}

TEST(Config, SizesHaveUnits) {
    EXPECT_EQ(ParseByteSize("0").value(), 0u);
    EXPECT_EQ(ParseByteSize("500").value(), 500u);
    EXPECT_EQ(ParseByteSize("64KiB").value(), 64_KiB);
    EXPECT_EQ(ParseByteSize("16MiB").value(), 16_MiB);
    EXPECT_EQ(ParseByteSize("1TiB").value(), 1_TiB);
    for (const char* wrong : {"", "MiB", "-1", "16 MiB", "16mb", "1.5GiB", "99999999999TiB"})
        EXPECT_FALSE(ParseByteSize(wrong)) << wrong;
}

TEST(Duration, IsReadAsGoWritesIt) {
    EXPECT_EQ(ParseDuration("1m30s").value(), std::chrono::seconds(90));
    EXPECT_EQ(ParseDuration("500ms").value(), std::chrono::milliseconds(500));
    EXPECT_EQ(ParseDuration("0s").value(), std::chrono::seconds(0));
    EXPECT_EQ(ParseDuration("30d").value(), std::chrono::hours(30 * 24));
    for (const char* wrong : {"", "30", "s", "-1s", "1.5s", "99999999h", "1s2"})
        EXPECT_FALSE(ParseDuration(wrong)) << wrong;
}

}  // namespace
}  // namespace coffer::app
