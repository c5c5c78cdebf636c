// What was committed is told, in order for each key, until it is taken; and then never again.
#include "coffer/job/event_delivery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "coffer/job/dead_events.h"
#include "coffer/runtime/executors.h"

#include "tests/support/failing_database.h"
#include "tests/support/seed.h"
#include "tests/support/service_fixture.h"

namespace coffer::job {
namespace {

using std::chrono::milliseconds;
using testing::FailingDatabase;
using testing::RunTask;
using testing::ServiceFixture;

// A target in memory, which takes what `takes` lets it take. Its documents are the events' ids.
class Receiver {
  public:
    using Judge = std::function<bool(const std::string& document, int attempt)>;
    explicit Receiver(Judge takes) : takes_(std::move(takes)) {}

    Result<> Get(const std::string& document) {
        MutexLock lock(mutex_);
        const bool taken = takes_(document, ++attempts_[document]);
        if (taken) taken_.push_back(document);
        changed_.NotifyAll();
        if (!taken) return Error(ErrorKind::kUnavailable, "it answered 500");
        return Ok();
    }

    // Waits until so many have been taken, or tried. The test's own limit of time ends it.
    std::vector<std::string> WaitForTaken(size_t count) {
        MutexLock lock(mutex_);
        while (taken_.size() < count)
            changed_.Wait(mutex_);
        return taken_;
    }
    void WaitForAttempts(const std::string& document, int count) {
        MutexLock lock(mutex_);
        while (attempts_[document] < count)
            changed_.Wait(mutex_);
    }
    std::vector<std::string> taken() {
        MutexLock lock(mutex_);
        return taken_;
    }

  private:
    const Judge takes_;
    Mutex mutex_;
    CondVar changed_;
    std::map<std::string, int> attempts_ GUARDED_BY(mutex_);
    std::vector<std::string> taken_ GUARDED_BY(mutex_);
};

bool TakesAll(const std::string&, int) {
    return true;
}

class EventDeliveryTest : public ::testing::Test {
  protected:
    static constexpr DeliveryLimits kQuick{.first_wait = milliseconds(1),
                                           .longest_wait = milliseconds(2)};

    // Writes an event whose document is its key and a count, and returns its id.
    int64_t Write(const std::string& key, const std::string& document,
                  const std::string& target = "one") {
        int64_t id = 0;
        EXPECT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
            id = tx.NextNumber();
            return catalog::InsertEvent(tx, {.target = target,
                                             .id = id,
                                             .bucket = "bucket",
                                             .key = key,
                                             .name = "s3:ObjectCreated:Put",
                                             .queued = fixture.clock.Now(),
                                             .document = document});
        }));
        if (delivery) delivery->Wake();
        return id;
    }
    void Deliver(Receiver& receiver, DeliveryLimits limits = kQuick) {
        DeliverFrom(*fixture.database, receiver, limits);
    }
    void DeliverFrom(db::Database& database, Receiver& receiver, DeliveryLimits limits = kQuick) {
        delivery = std::make_unique<EventDelivery>(
            database, fixture.clock, "one",
            [&receiver](const std::string& document, const std::atomic<bool>&) {
                return receiver.Get(document);
            },
            limits);
        delivery->Start(executors.at(0).get_executor());
    }
    int64_t Waiting(const std::string& target = "one") {
        int64_t count = -1;
        EXPECT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(count, catalog::CountEvents(tx, target));
            return Ok();
        }));
        return count;
    }
    void Damage(int64_t id) {
        EXPECT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(tx.Execute("UPDATE events SET name = $2 WHERE id = $1", {id, "s3:Other"}));
            return Ok();
        }));
    }
    std::vector<catalog::DeadEvent> Dead() {
        int64_t after = 0;
        return RunTask(ListDeadEvents(*fixture.database, {}, after, 1000)).value();
    }
    void WaitForDead(size_t count) {
        // A step of the delivery keeps them; nothing tells when.
        while (Dead().size() < count)
            std::this_thread::yield();
    }

    ServiceFixture fixture;
    runtime::Executors executors{1};
    std::unique_ptr<EventDelivery> delivery;
};

using Documents = std::vector<std::string>;

TEST_F(EventDeliveryTest, TellsWhatWaitedAndWhatComes) {
    Write("a", "a1");
    Write("a", "a2", "two");  // another target's
    Receiver receiver(&TakesAll);
    Deliver(receiver);
    EXPECT_EQ(receiver.WaitForTaken(1), Documents{"a1"});
    Write("a", "a3");
    EXPECT_EQ(receiver.WaitForTaken(2), (Documents{"a1", "a3"}));
    delivery->Stop();
    EXPECT_EQ(Waiting(), 0);
    EXPECT_EQ(Waiting("two"), 1);
    EXPECT_EQ(delivery->counts().delivered, 2);
    EXPECT_EQ(delivery->counts().failed, 0);
}

TEST_F(EventDeliveryTest, TellsAKeysEventsInOrderThoughTheFirstFails) {
    Receiver receiver(
        [](const std::string& document, int attempt) { return document != "a1" || attempt == 4; });
    Write("a", "a1");
    Write("a", "a2");
    Write("b", "b1");
    Deliver(receiver);
    EXPECT_EQ(receiver.WaitForTaken(3), (Documents{"b1", "a1", "a2"}));
    delivery->Stop();
    EXPECT_EQ(delivery->counts().failed, 3);
    EXPECT_EQ(delivery->counts().error, "");
    EXPECT_EQ(Waiting(), 0);
}

// Else a full catalogue would make the target wait, or an event die.
TEST_F(EventDeliveryTest, ACatalogueThatFailsIsNoFailureOfTheTarget) {
    Receiver receiver(&TakesAll);
    Write("a", "a1");
    FailingDatabase failing(*fixture.database);
    failing.point_reads_to_fail = 1;
    DeliverFrom(failing, receiver);
    EXPECT_EQ(receiver.WaitForTaken(1), Documents{"a1"});
    delivery->Stop();
    EXPECT_EQ(failing.point_reads_to_fail, 0);
    EXPECT_EQ(delivery->counts().failed, 0);
    EXPECT_EQ(delivery->counts().delivered, 1);
    delivery.reset();
}

TEST_F(EventDeliveryTest, WhatWasDroppedWasNotDelivered) {
    Receiver receiver([](const std::string& document, int) { return document != "bad"; });
    Write("a", "bad");
    Deliver(receiver);
    receiver.WaitForAttempts("bad", 2);
    EXPECT_EQ(RunTask(DropWaitingEvents(*fixture.database, "one")).value(), 1);
    Write("a", "a2");  // its turn comes once it is known that nothing is before it
    EXPECT_EQ(receiver.WaitForTaken(1), Documents{"a2"});
    delivery->Stop();
    EXPECT_EQ(delivery->counts().delivered, 1);
    EXPECT_EQ(delivery->counts().died, 0);
}

TEST_F(EventDeliveryTest, TellsTheFirstBeforeAllThatWaitHaveBeenRead) {
    Receiver receiver(&TakesAll);
    for (int i = 0; i < 1'100; ++i)
        Write("a", std::to_string(i));
    int scans = 0;
    FailingDatabase scanned(*fixture.database);
    scanned.before_scan = [&] {
        // The first page, how many wait, the second page.
        if (++scans == 3) receiver.WaitForTaken(1);
    };
    DeliverFrom(scanned, receiver);
    receiver.WaitForTaken(3);
    delivery.reset();
    EXPECT_GE(scans, 3);
}

TEST_F(EventDeliveryTest, WhatWasNotTakenWaitsForTheNextStart) {
    Receiver refusing([](const std::string&, int) { return false; });
    Write("a", "a1");
    Write("a", "a2");
    Deliver(refusing);
    refusing.WaitForAttempts("a1", 6);  // often, but it is not old
    delivery->Stop();
    EXPECT_EQ(delivery->counts().error, "it answered 500");
    EXPECT_EQ(Waiting(), 2);
    Receiver receiver(&TakesAll);
    Deliver(receiver);
    EXPECT_EQ(receiver.WaitForTaken(2), (Documents{"a1", "a2"}));
}

TEST_F(EventDeliveryTest, WhatWasTakenAtTheEndIsNotToldAgain) {
    Receiver receiver(&TakesAll);
    for (int i = 0; i < 50; ++i)
        Write("key" + std::to_string(i), std::to_string(i));
    Deliver(receiver);
    receiver.WaitForTaken(1);
    delivery->Stop();
    const size_t taken = receiver.taken().size();
    EXPECT_EQ(Waiting(), 50 - static_cast<int64_t>(taken));
    Deliver(receiver);
    EXPECT_EQ(receiver.WaitForTaken(50).size(), 50U);
    delivery->Stop();
    EXPECT_EQ(receiver.taken().size(), 50U);
}

TEST_F(EventDeliveryTest, GivesUpWhatIsRefusedAndGoesOnWithTheKey) {
    Receiver receiver([](const std::string& document, int) { return document != "bad"; });
    const int64_t bad = Write("a", "bad");
    Write("a", "a2");
    fixture.clock.Advance(std::chrono::hours(2));
    DeliveryLimits limits = kQuick;
    limits.dead_after = std::chrono::hours(1);
    limits.fewest_attempts = 3;
    Deliver(receiver, limits);
    EXPECT_EQ(receiver.WaitForTaken(1), Documents{"a2"});
    delivery->Stop();
    EXPECT_EQ(Waiting(), 0);
    const auto dead = Dead();
    ASSERT_EQ(dead.size(), 1U);
    EXPECT_EQ(dead.front().event.id, bad);
    EXPECT_EQ(dead.front().event.document, "bad");
    EXPECT_EQ(dead.front().attempts, 3);
    EXPECT_EQ(dead.front().error, "it answered 500");
    EXPECT_EQ(delivery->counts().died, 1);
}

TEST_F(EventDeliveryTest, ADamagedEventStopsNobody) {
    for (const int64_t id : {Write("a", "a1"), Write("b", "b1"), Write("b", "b2")})
        Damage(id);
    Write("a", "a2");
    Write("b", "b3");
    Write("c", "c1");
    Receiver receiver(&TakesAll);
    Deliver(receiver);
    Documents taken = receiver.WaitForTaken(3);
    std::ranges::sort(taken);
    EXPECT_EQ(taken, (Documents{"a2", "b3", "c1"}));
    delivery->Stop();
    EXPECT_EQ(Waiting(), 0);
    EXPECT_TRUE(Dead().empty());
    EXPECT_EQ(delivery->counts().died, 3);
}

TEST_F(EventDeliveryTest, ADamagedEventThatWasGivenUpIsListedAndDropped) {
    const int64_t whole = Write("a", "a1");
    const int64_t damaged = Write("b", "b1");
    EXPECT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        for (const int64_t id : {whole, damaged}) {
            TRY(auto event, catalog::FindEvent(tx, "one", id));
            TRY(catalog::DeleteEvent(tx, "one", id));
            TRY(catalog::InsertDeadEvent(tx, {.event = *event, .error = "it answered 500"}));
        }
        TRY(tx.Execute("UPDATE dead_events SET name = $2 WHERE id = $1", {damaged, "s3:Other"}));
        return Ok();
    }));
    const auto dead = Dead();
    ASSERT_EQ(dead.size(), 2u);
    EXPECT_EQ(dead[0].error, "it answered 500");
    EXPECT_EQ(dead[1].error, "its row in the catalogue is damaged");
    EXPECT_EQ(RunTask(ReplayDeadEvents(*fixture.database, fixture.clock, {})).value(), 1);
    EXPECT_EQ(Waiting(), 1);
    EXPECT_EQ(RunTask(DropDeadEvents(*fixture.database, {})).value(), 1);
    EXPECT_TRUE(Dead().empty());
}

TEST_F(EventDeliveryTest, AnEventThatIsDamagedBeforeItIsGivenUpStopsNobody) {
    const int64_t id = Write("a", "a1");
    Write("a", "a2");
    Receiver receiver([&](const std::string& document, int) {
        if (document == "a1") Damage(id);
        return document != "a1";
    });
    DeliveryLimits limits = kQuick;
    limits.dead_after = milliseconds(0);
    limits.fewest_attempts = 1;
    Deliver(receiver, limits);
    EXPECT_EQ(receiver.WaitForTaken(1), Documents{"a2"});
    delivery->Stop();
    EXPECT_EQ(Waiting(), 0);
    EXPECT_TRUE(Dead().empty());
}

TEST_F(EventDeliveryTest, WhatWasGivenUpIsSentAgainOrDropped) {
    Receiver refusing([](const std::string&, int) { return false; });
    DeliveryLimits limits = kQuick;
    limits.dead_after = milliseconds(0);
    limits.fewest_attempts = 1;
    const std::vector<int64_t> ids = {Write("a", "a1"), Write("b", "b1"), Write("c", "c1")};
    Deliver(refusing, limits);
    WaitForDead(3);
    delivery.reset();

    EXPECT_EQ(RunTask(DropDeadEvents(*fixture.database, {.ids = {ids[1]}})).value(), 1);
    EXPECT_EQ(
        RunTask(ReplayDeadEvents(*fixture.database, fixture.clock, {.target = "two"})).value(), 0);
    Write("c", "c2");
    Receiver receiver(&TakesAll);
    Deliver(receiver);
    receiver.WaitForTaken(1);
    EXPECT_EQ(
        RunTask(ReplayDeadEvents(*fixture.database, fixture.clock, {.target = "one"})).value(), 2);
    delivery->Wake();
    Documents taken = receiver.WaitForTaken(3);
    std::sort(taken.begin() + 1, taken.end());
    EXPECT_EQ(taken, (Documents{"c2", "a1", "c1"}));
    EXPECT_TRUE(Dead().empty());
}

TEST_F(EventDeliveryTest, EventsOfATargetThatIsNoMoreCanBeDropped) {
    Write("a", "a1", "gone");
    Write("a", "a2", "gone");
    Write("a", "a3");
    EXPECT_EQ(RunTask(DropWaitingEvents(*fixture.database, "gone")).value(), 2);
    const auto counts = RunTask(CountWaitingEvents(*fixture.database)).value();
    ASSERT_EQ(counts.size(), 1U);
    EXPECT_EQ(counts.front().target, "one");
    EXPECT_EQ(counts.front().count, 1);
}

TEST_F(EventDeliveryTest, HoldsNoMoreKeysThanItMayAndLosesNone) {
    DeliveryLimits limits = kQuick;
    limits.keys = 3;
    limits.in_flight = 2;
    Receiver receiver(&TakesAll);
    for (int i = 0; i < 40; ++i)
        Write("key" + std::to_string(i % 11), std::to_string(i));
    Deliver(receiver, limits);
    EXPECT_EQ(receiver.WaitForTaken(40).size(), 40U);
    delivery->Stop();
    EXPECT_EQ(Waiting(), 0);
}

// Writers, a target that fails by chance, stops and starts in between.
TEST_F(EventDeliveryTest, LosesNoneAndKeepsTheOrderWhateverFails) {
    std::mt19937_64 random(testing::TestSeed());
    Mutex mutex;
    Receiver receiver([&](const std::string&, int) {
        MutexLock lock(mutex);
        return random() % 4 != 0;
    });
    DeliveryLimits limits = kQuick;
    limits.keys = 5;
    size_t written = 0;
    std::map<std::string, int> last;
    for (int round = 0; round < 10; ++round) {
        Deliver(receiver, limits);
        for (int i = 0; i < 40; ++i) {
            const std::string key = "key" + std::to_string(i % 7);
            Write(key, key + " " + std::to_string(last[key]++));
            ++written;
        }
        receiver.WaitForTaken(written - 20);
        delivery->Stop();
    }
    Deliver(receiver, limits);
    const Documents taken = receiver.WaitForTaken(written);
    delivery->Stop();
    EXPECT_EQ(receiver.taken().size(), written);
    std::map<std::string, int> next;
    for (const std::string& document : taken) {
        const std::string key = document.substr(0, document.find(' '));
        EXPECT_EQ(document, key + " " + std::to_string(next[key]++));
    }
    EXPECT_EQ(next, last);
    EXPECT_EQ(Waiting(), 0);
}

}  // namespace
}  // namespace coffer::job
