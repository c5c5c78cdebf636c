#include "coffer/app/webhook_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "coffer/app/config.h"
#include "coffer/app/config_show.h"

#include "tests/support/temporary_directory.h"

namespace coffer::app {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

using Variables = std::map<std::string, std::string>;

Result<Resolution> ResolveWith(const Variables& variables, const std::string& file = "") {
    Flags flags;
    flags.config_file = file;
    return Resolve(std::span(&flags, 1), Environment(variables));
}

struct Loaded {
    std::vector<job::WebhookTarget> webhooks;
    std::map<std::string, std::string> off;
    std::vector<std::string> warnings;
};

Result<Loaded> Load(const Variables& variables, const std::string& file = "") {
    TRY(Resolution resolution, ResolveWith(variables, file));
    TRY(Config config, MakeConfig(resolution, Environment(variables)));
    return Loaded{std::move(config.webhooks), std::move(config.webhooks_off),
                  std::move(resolution.warnings)};
}

std::string Failure(const Variables& variables) {
    const auto loaded = Load(variables);
    return loaded ? "it was accepted" : loaded.error().message();
}

TEST(WebhookSettings, OfMinioWork) {
    const auto loaded = Load({{"MINIO_NOTIFY_WEBHOOK_ENABLE_Orders_1", "on"},
                              {"MINIO_NOTIFY_WEBHOOK_ENDPOINT_Orders_1", "http://host:3000/a?b"},
                              {"MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_Orders_1", "secret"},
                              {"MINIO_NOTIFY_WEBHOOK_QUEUE_LIMIT_Orders_1", "10"},
                              {"MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_Orders_1", "/tmp/q"},
                              {"MINIO_NOTIFY_WEBHOOK_ENABLE", "on"},
                              {"MINIO_NOTIFY_WEBHOOK_ENDPOINT", "https://host/"}});
    ASSERT_TRUE(loaded) << loaded.error().message();
    const job::WebhookTarget orders{.id = "Orders_1",
                                    .endpoint = "http://host:3000/a?b",
                                    .auth_token = Secret("secret"),
                                    .queue_limit = 10};
    const job::WebhookTarget unnamed{.id = "_", .endpoint = "https://host/"};
    EXPECT_THAT(loaded.value().webhooks, ElementsAre(orders, unnamed));
    EXPECT_THAT(loaded.value().warnings,
                ElementsAre("MINIO_NOTIFY_WEBHOOK_QUEUE_DIR_Orders_1 has no effect: events wait in "
                            "the catalogue, whatever happens"));
}

TEST(WebhookSettings, OfMinioAreOffUntilTheyAreEnabled) {
    const auto loaded = Load({{"MINIO_NOTIFY_WEBHOOK_ENDPOINT_one", "http://host/"},
                              {"MINIO_NOTIFY_WEBHOOK_ENABLE_two", "off"},
                              {"MINIO_NOTIFY_WEBHOOK_ENDPOINT_two", "not even looked at"}});
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_THAT(loaded.value().webhooks, IsEmpty());
    EXPECT_THAT(loaded.value().warnings,
                ElementsAre("MINIO_NOTIFY_WEBHOOK_ENDPOINT_one has no effect: set "
                            "MINIO_NOTIFY_WEBHOOK_ENABLE_one=on beside it"));
}

TEST(WebhookSettings, SayWhatSwitchesThemOff) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.path() + "/c.toml";
    std::ofstream(path) << "[notify_webhook.one]\nendpoint = \"http://one/\"\n"
                           "[notify_webhook.two]\nendpoint = \"http://two/\"\nenable = false\n"
                           "[notify_webhook.on]\nendpoint = \"http://on/\"\n";
    const auto loaded = Load({{"COFFER_NOTIFY_WEBHOOK_ENABLE_one", "off"},
                              {"MINIO_NOTIFY_WEBHOOK_ENDPOINT", "http://unnamed/"}},
                             path);
    ASSERT_TRUE(loaded) << loaded.error().message();
    EXPECT_THAT(loaded.value().off, ElementsAre(Pair("_", "MINIO_NOTIFY_WEBHOOK_ENABLE"),
                                                Pair("one", "COFFER_NOTIFY_WEBHOOK_ENABLE_one"),
                                                Pair("two", path + ":5")));
}

TEST(WebhookSettings, ComeFromTheFileAndOurVariablesToo) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.path() + "/c.toml";
    std::ofstream(path) << "[notify_webhook.one]\nendpoint = \"http://file/\"\nqueue_limit = 7\n"
                           "[notify_webhook.two]\nendpoint = \"http://two/\"\nenable = false\n";
    std::ofstream(directory.path() + "/token") << "from file\n";
    const auto loaded =
        Load({{"COFFER_NOTIFY_WEBHOOK_ENDPOINT_one", "http://coffer/"},
              {"MINIO_NOTIFY_WEBHOOK_ENDPOINT_one", "http://minio/"},
              {"COFFER_NOTIFY_WEBHOOK_AUTH_TOKEN_one_FILE", directory.path() + "/token"}},
             path);
    ASSERT_TRUE(loaded) << loaded.error().message();
    const job::WebhookTarget one{.id = "one",
                                 .endpoint = "http://coffer/",
                                 .auth_token = Secret("from file"),
                                 .queue_limit = 7};
    EXPECT_THAT(loaded.value().webhooks, ElementsAre(one));
    EXPECT_THAT(loaded.value().warnings, IsEmpty());
}

TEST(WebhookSettings, TakeTheTimeoutOfAll) {
    const auto loaded = Load(
        {{"COFFER_NOTIFY_WEBHOOK_ENDPOINT_one", "http://host/"}, {"COFFER_NOTIFY_TIMEOUT", "3s"}});
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded.value().webhooks.at(0).timeout, std::chrono::seconds(3));
}

TEST(WebhookSettings, ThatAreWrongStopTheStart) {
    const std::string endpoint = "COFFER_NOTIFY_WEBHOOK_ENDPOINT_one";
    EXPECT_EQ(Failure({{"MINIO_NOTIFY_WEBHOOK_ENABLE_one", "on"}}),
              "notify_webhook.one.endpoint: it is missing: a URL such as "
              "\"https://example.com/events\"");
    EXPECT_EQ(Failure({{endpoint, "ftp://host/"}}),
              "notify_webhook.one.endpoint (COFFER_NOTIFY_WEBHOOK_ENDPOINT_one): 'ftp://host/' is "
              "not an http URL; one looks like \"https://example.com/events\"");
    const std::string with_password = Failure({{endpoint, "https://me:hunter2@host/"}});
    EXPECT_THAT(with_password, HasSubstr("no user and no password can stand in a URL"));
    EXPECT_THAT(with_password, HasSubstr("auth_token: \"Basic \""));
    EXPECT_THAT(with_password, Not(HasSubstr("hunter2")));
    EXPECT_THAT(Failure({{endpoint, "http://a\r\nX: y/"}}), HasSubstr("is not an http URL"));
    EXPECT_THAT(Failure({{"MINIO_NOTIFY_WEBHOOK_ENABLE_one", "maybe"}}),
                HasSubstr("\"maybe\" is neither on nor off"));
    const auto with = [&](const std::string& name, const std::string& value) {
        return Failure(
            {{endpoint, "http://host/"}, {"COFFER_NOTIFY_WEBHOOK_" + name + "_one", value}});
    };
    EXPECT_THAT(with("QUEUE_LIMIT", "many"), HasSubstr("\"many\" is no number"));
    EXPECT_THAT(with("QUEUE_LIMIT", "-1"), HasSubstr("\"-1\" is no number"));
    EXPECT_THAT(with("QUEUE_DIR", "q"), HasSubstr("\"q\" is no absolute path"));
    EXPECT_THAT(with("AUTH_TOKEN", "a\nb"), HasSubstr("a line's end"));
    EXPECT_THAT(with("CLIENT_CERT", "/c.crt"), HasSubstr("set together, or neither"));
    EXPECT_THAT(Failure({{"COFFER_NOTIFY_WEBHOOK_ENDPOINT_a.b", "http://host/"}}),
                HasSubstr("\"a.b\" can't be the id of a webhook"));
}

TEST(WebhookSettings, ThatAreNoneAreNamedInTheFileAndWarnedOfElsewhere) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.path() + "/c.toml";
    const auto failure = [&](const std::string& text) {
        std::ofstream(path) << text;
        const auto resolved = ResolveWith({}, path);
        return resolved ? "it was accepted" : resolved.error().message();
    };
    EXPECT_THAT(failure("[notify_webhook.one]\nurl = \"http://host/\"\n"),
                HasSubstr("c.toml:2: a webhook has no setting \"url\""));
    EXPECT_THAT(failure("[notify_webhook]\nendpoint = \"http://host/\"\n"),
                HasSubstr("write [notify_webhook.<id>]"));
    const auto loaded = Load({{"MINIO_NOTIFY_KAFKA_ENABLE_one", "on"}});
    ASSERT_TRUE(loaded);
    EXPECT_THAT(loaded.value().warnings,
                Contains("MINIO_NOTIFY_KAFKA_ENABLE_one has no effect: not offered yet"));
}

TEST(WebhookSettings, AreShownWithoutTheirSecrets) {
    const auto resolution =
        ResolveWith({{"COFFER_NOTIFY_WEBHOOK_ENDPOINT_one", "http://host/?hush"},
                     {"COFFER_NOTIFY_WEBHOOK_ENABLE_two", "off"},
                     {"COFFER_NOTIFY_WEBHOOK_ENDPOINT_two", "http://me:hush@h/"},
                     {"COFFER_NOTIFY_WEBHOOK_AUTH_TOKEN_one", "hush-hush"}});
    ASSERT_TRUE(resolution);
    for (const std::string& shown :
         {ShowAsTable(resolution.value()), ShowAsJson(resolution.value())}) {
        EXPECT_THAT(shown, HasSubstr("notify_webhook.one.endpoint"));
        EXPECT_THAT(shown, HasSubstr("http://host/"));
        EXPECT_THAT(shown, HasSubstr("COFFER_NOTIFY_WEBHOOK_AUTH_TOKEN_one"));
        EXPECT_THAT(shown, Not(HasSubstr("hush")));
    }
}

}  // namespace
}  // namespace coffer::app
