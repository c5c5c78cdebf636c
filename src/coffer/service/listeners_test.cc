#include "coffer/service/listeners.h"

#include <gtest/gtest.h>

#include <thread>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/events.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using codec::ObjectEvent;
using testing::RunTask;

ListenRequest Request(std::string bucket, std::vector<std::string> events) {
    return {.bucket = std::move(bucket), .events = std::move(events)};
}

std::optional<std::string> Next(EventListener& listener) {
    return RunTask(listener.Next());
}

Listeners::Line Put(const std::string& key, const std::string& text) {
    return {.bucket = "bucket", .key = key, .name = "s3:ObjectCreated:Put", .text = text};
}

TEST(Listeners, AreAskedForByBucketNameAndKey) {
    ListenRequest request = Request("bucket", {"s3:ObjectCreated:*"});
    request.prefix = "a/";
    request.suffix = ".jpg";
    EXPECT_EQ(request.Match("bucket", "7", ObjectEvent::kPut, "a/b.jpg"), "s3:ObjectCreated:Put");
    EXPECT_EQ(request.Match("other", "7", ObjectEvent::kPut, "a/b.jpg"), "");
    EXPECT_EQ(request.Match("bucket", "7", ObjectEvent::kDelete, "a/b.jpg"), "");
    EXPECT_EQ(request.Match("bucket", "7", ObjectEvent::kPut, "b.jpg"), "");
    EXPECT_EQ(request.Match("bucket", "7", ObjectEvent::kPut, "a/b.png"), "");
    request.bucket = "";
    request.account = "7";
    EXPECT_EQ(request.Match("other", "7", ObjectEvent::kPut, "a/b.jpg"), "s3:ObjectCreated:Put");
    EXPECT_EQ(request.Match("other", "8", ObjectEvent::kPut, "a/b.jpg"), "");
}

TEST(Listeners, GetWhatTheyAskForAfterASignOfLife) {
    Listeners listeners;
    const auto one = listeners.Add(Request("bucket", {"s3:ObjectCreated:*"})).value();
    const auto two = listeners.Add(Request("", {"s3:ObjectRemoved:*"})).value();
    EXPECT_EQ(Next(*one), " ");
    listeners.Tell({Put("a", "one\n"), Put("b", "two\n")});
    EXPECT_EQ(Next(*one), "one\ntwo\n");
    EXPECT_EQ(Next(*two), " ");
}

TEST(Listeners, GetWhatHappensInTheirAccountOrInTheirBucket) {
    Listeners listeners;
    ListenRequest all = Request("", {"s3:ObjectCreated:*"});
    all.account = "7";
    const auto of_account = listeners.Add(all).value();
    all.account = "8";
    const auto of_another = listeners.Add(all).value();
    all.bucket = "bucket";
    const auto of_bucket = listeners.Add(all).value();
    Listeners::Line line = Put("a", "line\n");
    line.owner = "7";
    EXPECT_EQ(listeners.Names("bucket", "7", ObjectEvent::kPut, "a").size(), 1U);
    listeners.Tell({line});
    EXPECT_EQ(Next(*of_account), " line\n");
    EXPECT_EQ(Next(*of_another), " ");
    EXPECT_EQ(Next(*of_bucket), " line\n");
}

TEST(Listeners, OfABucketEndWithIt) {
    testing::ServiceFixture fixture;
    fixture.MakeBucket("bucket");
    Listeners& listeners = fixture.core->notifications->listeners();
    const auto gone = listeners.Add(Request("bucket", {"s3:ObjectCreated:*"})).value();
    const auto other = listeners.Add(Request("other", {"s3:ObjectCreated:*"})).value();
    const auto all = listeners.Add(Request("", {"s3:ObjectCreated:*"})).value();
    Buckets buckets(*fixture.core);
    ASSERT_TRUE(RunTask(buckets.Delete(fixture.Bucket("bucket"))));
    EXPECT_EQ(Next(*gone), " ");
    EXPECT_EQ(Next(*gone), std::nullopt);
    EXPECT_EQ(Next(*other), " ");
    EXPECT_EQ(Next(*all), " ");
}

TEST(Listeners, OfABucketListenToTheOneThatTheyMay) {
    testing::ServiceFixture fixture;
    fixture.MakeBucket("bucket");
    Buckets buckets(*fixture.core);
    const auto listen = [&](Grounds grounds) {
        return RunTask(buckets.Listen(Request("bucket", {"s3:ObjectCreated:*"}), grounds));
    };
    Grounds grounds;
    EXPECT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, "bucket"));
        grounds = {.bucket = bucket.id, .revision = bucket.revision};
        return Ok();
    }));
    EXPECT_TRUE(listen(grounds));
    // Deleted, and made again by somebody, between the judgement and the listening.
    ASSERT_TRUE(RunTask(buckets.Delete(fixture.Bucket("bucket"))));
    EXPECT_EQ(listen(grounds).error().code(), "NoSuchBucket");
    fixture.MakeBucket("bucket");
    EXPECT_EQ(listen(grounds).error().code(), "OperationAborted");
    EXPECT_EQ(fixture.core->notifications->listeners().count(), 0u);
}

TEST(Listeners, WaitForWhatComes) {
    Listeners listeners;
    const auto listener = listeners.Add(Request("bucket", {"s3:ObjectCreated:*"})).value();
    ASSERT_EQ(Next(*listener), " ");
    std::thread teller([&] { listeners.Tell({Put("a", "line\n")}); });
    EXPECT_EQ(Next(*listener), "line\n");
    teller.join();
}

TEST(Listeners, ArePingedWhenNothingHappens) {
    Listeners listeners;
    ListenRequest request = Request("bucket", {"s3:ObjectCreated:*"});
    request.ping = "ping\n";
    request.ping_interval = std::chrono::seconds(10);
    const auto listener = listeners.Add(std::move(request)).value();
    ASSERT_EQ(Next(*listener), " ");
    const SteadyTime now = std::chrono::steady_clock::now();
    listeners.Ping(now);
    listeners.Ping(now + std::chrono::seconds(11));
    EXPECT_EQ(Next(*listener), "ping\n");
}

TEST(Listeners, ThatTakeNothingAreDropped) {
    Listeners listeners;
    const auto slow = listeners.Add(Request("bucket", {"s3:ObjectCreated:*"})).value();
    const std::string half(Listeners::kMostBytes / 2, 'x');
    listeners.Tell({Put("a", half)});
    EXPECT_EQ(listeners.dropped(), 0);
    listeners.Tell({Put("a", half)});
    EXPECT_EQ(listeners.dropped(), 1);
    EXPECT_EQ(Next(*slow), std::nullopt);
}

TEST(Listeners, EndWhenAllIsClosed) {
    Listeners listeners;
    const auto listener = listeners.Add(Request("bucket", {"s3:ObjectCreated:*"})).value();
    listeners.Tell({Put("a", "line\n")});
    listeners.Close();
    EXPECT_EQ(Next(*listener), " line\n") << "what waits is sent still";
    EXPECT_EQ(Next(*listener), std::nullopt);
    EXPECT_EQ(listeners.Add(Request("", {})).error().kind(), ErrorKind::kBusy);
}

TEST(Listeners, AreBounded) {
    Listeners listeners;
    std::vector<std::unique_ptr<EventListener>> all;
    for (size_t i = 0; i < Listeners::kMostListeners; ++i)
        all.push_back(listeners.Add(Request("", {})).value());
    EXPECT_EQ(listeners.Add(Request("", {})).error().kind(), ErrorKind::kBusy);
    all.pop_back();
    EXPECT_TRUE(listeners.Add(Request("", {})));
}

TEST(Listeners, HaveEventsWrittenForAsLongAsTheyListen) {
    testing::ServiceFixture fixture;
    fixture.MakeBucket("bucket");
    const auto written = [&] {
        std::string text;
        EXPECT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const auto events,
                catalog::ListEvents(tx, Notifications::kListeners, 0, 100, true));
            for (const catalog::Event& event : events) {
                text += event.name + " " + event.key + " ";
                EXPECT_EQ(event.document.back(), '\n');
            }
            return Ok();
        }));
        return text;
    };
    ASSERT_TRUE(fixture.Put("bucket", "before", "1"));
    auto listener =
        RunTask(Buckets(*fixture.core).Listen(Request("bucket", {"s3:ObjectCreated:*"}), {}))
            .value();
    ASSERT_TRUE(fixture.Put("bucket", "during", "2"));
    ASSERT_TRUE(fixture.Delete("bucket", "during"));
    listener.reset();
    ASSERT_TRUE(fixture.Put("bucket", "after", "3"));
    EXPECT_EQ(written(), "s3:ObjectCreated:Put during ");
}

}  // namespace
}  // namespace coffer::service
