#include "coffer/job/listen_feed.h"

#include <gtest/gtest.h>

#include "coffer/catalog/events.h"
#include "coffer/runtime/executors.h"
#include "coffer/service/listeners.h"

#include "tests/support/service_fixture.h"

namespace coffer::job {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

class ListenFeedTest : public ::testing::Test {
  protected:
    ListenFeedTest() {
        fixture.MakeBucket("bucket");
        fixture.core->notifications->CallOnEvent([this](std::string_view) { feed.Wake(); });
        listeners().CallOnAdd([this] { feed.Wake(); });
    }
    service::Listeners& listeners() { return fixture.core->notifications->listeners(); }
    std::unique_ptr<service::EventListener> Listen(std::chrono::milliseconds ping) {
        return listeners()
            .Add({.bucket = "bucket",
                  .events = {"s3:ObjectCreated:*"},
                  .ping_interval = ping,
                  .ping = "ping\n"})
            .value();
    }
    // The keys of what a listener is told, until it is so many.
    std::string Keys(service::EventListener& listener, size_t count) {
        std::string keys;
        for (size_t seen = 0; seen < count;) {
            const std::string text = RunTask(listener.Next()).value_or("");
            EXPECT_FALSE(text.empty());
            for (size_t at = 0; (at = text.find("\"key\":\"", at)) != std::string::npos; ++seen) {
                at += 7;
                keys += text.substr(at, text.find('"', at) - at) + " ";
            }
        }
        return keys;
    }
    int64_t Left() {
        int64_t count = 0;
        EXPECT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(count, catalog::CountEvents(tx, service::Notifications::kListeners));
            return Ok();
        }));
        return count;
    }

    ServiceFixture fixture;
    runtime::Executors executors{1};
    ListenFeed feed{*fixture.core};
};

TEST_F(ListenFeedTest, ADamagedEventStopsNobody) {
    const auto listener = Listen(std::chrono::hours(1));
    for (const char* key : {"one", "two", "three"})
        ASSERT_TRUE(fixture.Put("bucket", key, "body"));
    ASSERT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("UPDATE events SET name = $2 WHERE key = $1", {AsBytes("two"), "s3:Other"}));
        return Ok();
    }));
    feed.Start(executors.at(0).get_executor());
    EXPECT_EQ(Keys(*listener, 2), "one three ");
    feed.Stop();
    EXPECT_EQ(Left(), 0);
}

TEST_F(ListenFeedTest, TellsWhatHappensInItsOrderAndKeepsNothing) {
    feed.Start(executors.at(0).get_executor());
    const auto one = Listen(std::chrono::hours(1));
    const auto two = Listen(std::chrono::hours(1));
    std::string expected;
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(fixture.Put("bucket", "key" + std::to_string(i), "body"));
        expected += "key" + std::to_string(i) + " ";
    }
    EXPECT_EQ(Keys(*one, 30), expected);
    EXPECT_EQ(Keys(*two, 30), expected);
    feed.Stop();
    EXPECT_EQ(Left(), 0);
}

TEST_F(ListenFeedTest, TellsOfAnAccountsBucketsAndNoOthers) {
    ASSERT_TRUE(RunTask(service::Buckets(*fixture.core)
                            .Create(ServiceFixture::Bucket("theirs"), {.owner = "462907718245"})));
    const auto listen = [&](std::string account) {
        return listeners()
            .Add({.account = std::move(account),
                  .events = {"s3:ObjectCreated:*"},
                  .ping_interval = std::chrono::hours(1)})
            .value();
    };
    const auto ours = listen(std::string(catalog::kMainAccount));
    const auto theirs = listen("462907718245");
    ASSERT_TRUE(fixture.Put("theirs", "their-key", "body"));
    ASSERT_TRUE(fixture.Put("bucket", "our-key", "body"));
    ASSERT_TRUE(RunTask(feed.RunOnce()));
    EXPECT_EQ(Keys(*ours, 1), "our-key ");
    EXPECT_EQ(Keys(*theirs, 1), "their-key ");
}

TEST_F(ListenFeedTest, TellsNobodyWhatAnEarlierProcessLeft) {
    auto gone = Listen(std::chrono::hours(1));
    ASSERT_TRUE(fixture.Put("bucket", "left", "body"));
    gone.reset();
    EXPECT_EQ(Left(), 1);
    ASSERT_TRUE(RunTask(feed.RunOnce()));
    EXPECT_EQ(Left(), 0);
}

TEST_F(ListenFeedTest, PingsWhenNothingHappens) {
    feed.Start(executors.at(0).get_executor());
    const auto listener = Listen(std::chrono::milliseconds(1));
    EXPECT_EQ(RunTask(listener->Next()), " ");
    EXPECT_EQ(RunTask(listener->Next()), "ping\n");
    feed.Stop();
}

}  // namespace
}  // namespace coffer::job
