// Several clients and the reclaimer at the same time: in every order of their steps, in random
// orders, and on threads of their own; with a death at any call, and what comes after it.
//
// COFFER_TEST_HISTORIES says how many random histories, COFFER_TEST_SEED which; COFFER_TEST_ORDERS
// up to how many orders.
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "coffer/base/log.h"
#include "coffer/base/mutex.h"
#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"

#include "tests/fault/history.h"
#include "tests/fault/subject.h"
#include "tests/support/catalogue_check.h"
#include "tests/support/instance.h"
#include "tests/support/run_task.h"
#include "tests/support/scale.h"
#include "tests/support/seed.h"
#include "tests/support/turns.h"

namespace coffer::testing {
namespace {

using service::ObjectKey;

const auto kBucket = service::BucketName::Parse("bucket").value();

// Values are contents, and contents values: those of the model. Two are packed, two are files.
constexpr std::array<uint32_t, 4> kValues = {0, 8, 7, 5};
constexpr int kPacked = 0;
constexpr int kFile = 2;
const std::string& BytesOf(int value) {
    return *ContentAt(kValues[static_cast<size_t>(value)]).bytes;
}
std::string EtagOf(int value) {
    return ContentAt(kValues[static_cast<size_t>(value)]).etag;
}
int ValueOf(std::string_view bytes) {
    for (size_t value = 0; value < kValues.size(); ++value) {
        if (BytesOf(static_cast<int>(value)) == bytes) return static_cast<int>(value);
    }
    return 1000;  // nobody's: no history explains it
}

// All that clients did, key by key.
class Log {
  public:
    uint64_t Begin() { return ++now_; }

    void End(const std::string& key, Event event) {
        event.ended = ++now_;
        event.answered = true;
        MutexLock lock(mutex_);
        events_[key].push_back(event);
    }
    // An answer that tells nothing: it may have happened.
    void Lost(const std::string& key, Event event) {
        MutexLock lock(mutex_);
        events_[key].push_back(event);
    }
    // The process dies: what is answered later is not answered. Any thread.
    void Die() { died_ = ++now_; }

    // What the clients of the dead process know.
    std::map<std::string, std::vector<Event>> Take() {
        MutexLock lock(mutex_);
        for (auto& [key, events] : events_) {
            std::erase_if(events, [&](const Event& event) { return event.begun > died_; });
            for (Event& event : events) {
                if (event.ended > died_) {
                    event.ended = died_;
                    event.answered = false;
                    event.refused = false;
                }
            }
            // A read that nobody got the answer of tells nothing.
            std::erase_if(events, [](const Event& event) {
                return !event.answered && event.kind == Event::Kind::kRead;
            });
        }
        return std::exchange(events_, {});
    }

  private:
    std::atomic<uint64_t> now_ = 0;
    std::atomic<uint64_t> died_ = Event::kNever;
    Mutex mutex_;
    std::map<std::string, std::vector<Event>> events_ GUARDED_BY(mutex_);
};

Task<Result<std::string>> ReadObject(service::Core& core, ObjectKey key) {
    service::Objects objects(core);
    CO_TRY(const service::GetResult result,
           co_await objects.Get({.bucket = kBucket, .key = std::move(key)}));
    co_return co_await runtime::ReadAll(*result.body, 1_MiB);
}

// One call of a client, whose answer goes to the log.
Task<void> Call(service::Core& core, Log& log, std::string key, Event event) {
    service::Objects objects(core);
    const ObjectKey name = ObjectKey::Parse(key).value();
    event.begun = log.Begin();
    std::optional<Error> error;
    if (event.kind == Event::Kind::kRead) {
        const auto got = co_await ReadObject(core, name);
        if (got) event.value = ValueOf(got.value());
        if (!got && got.error().code() == "NoSuchKey") event.value = kAbsent;
        if (!got && got.error().code() != "NoSuchKey") error = got.error();
    } else if (event.value == kAbsent) {
        const auto deleted = co_await objects.Delete({.bucket = kBucket, .key = name});
        if (!deleted) error = deleted.error();
    } else {
        service::PutRequest request{kBucket, name, {}, {}, {}};
        if (event.kind == Event::Kind::kPutNew) request.conditions.if_none_match = "*";
        if (event.kind == Event::Kind::kReplace)
            request.conditions.if_match = EtagOf(event.expected);
        runtime::StringSource source(BytesOf(event.value));
        const auto put = co_await objects.Put(std::move(request), source);
        const bool conditional = event.kind != Event::Kind::kWrite;
        event.refused =
            conditional && !put &&
            (put.error().code() == "PreconditionFailed" || put.error().code() == "NoSuchKey");
        if (!put && !event.refused) error = put.error();
    }
    EXPECT_FALSE(error) << error->ToString();
    if (error) {
        log.Lost(key, event);
    } else {
        log.End(key, event);
    }
}

struct Step {
    std::string key;
    Event event;
};

Task<void> RunClient(service::Core& core, Log& log, std::vector<Step> steps) {
    for (Step& step : steps)
        co_await Call(core, log, std::move(step.key), step.event);
}

Task<void> RunReclaimer(service::Reclaimer& reclaimer, int times) {
    for (int i = 0; i < times; ++i) {
        const auto done = co_await reclaimer.RunOnce();
        EXPECT_TRUE(done) << done.error().ToString();
    }
}

Task<bool> AndReturn(Task<void> task) {
    co_await std::move(task);
    co_return true;
}
void RunHere(Task<void> task) {
    (void)RunTask(AndReturn(std::move(task)));
}

std::vector<Step> DrawSteps(std::mt19937_64& random, size_t count) {
    std::vector<Step> steps;
    for (size_t i = 0; i < count; ++i) {
        Event event;
        event.value = static_cast<int>(random() % kValues.size());
        event.expected = static_cast<int>(random() % kValues.size());
        switch (random() % 8) {
            case 0:
            case 1:
                event.kind = Event::Kind::kRead;
                break;
            case 2:
                event.kind = Event::Kind::kPutNew;
                break;
            case 3:
                event.kind = Event::Kind::kReplace;
                break;
            case 4:
            case 5:
                event.kind = Event::Kind::kWrite;
                event.value = kAbsent;
                break;
            default:
                event.kind = Event::Kind::kWrite;
        }
        steps.push_back({random() % 2 == 0 ? "a" : "b", event});
    }
    return steps;
}

// A Coffer that dies once, and what clients saw of it.
class World {
  public:
    World() {
        ConfigureLog(LogFormat::kText, LogLevel::kError);
        static const auto blank = [] {
            auto memory = std::make_unique<os::MemoryFileSystem>();
            Instance::MakeDirectories(*memory);
            auto instance = Instance::Start(*memory).value();
            EXPECT_TRUE(MakeModelBucket(*instance));
            EXPECT_TRUE(instance->Stop());
            return memory;
        }();
        memory_ = blank->AfterKill();
        calls_ = std::make_unique<os::FaultFileSystem>(*memory_);
        instance_ = Instance::Start(*calls_).value();
    }

    Instance& instance() { return *instance_; }
    Log& log() { return log_; }

    // Dies before the call with that number, counted from now on; `lot` as Cut has it.
    void DieAt(uint64_t call, bool power_loss, uint64_t lot) {
        calls_->SetObserver([this, call, power_loss, lot](os::Operation) {
            if (++made_ == call) Die(power_loss, lot);
        });
    }

    // What everybody saw, with a look at each key by the next process; then checks that process.
    void Check(const std::string& what) {
        calls_->SetObserver(nullptr);
        if (left_ == nullptr) Die(true, 0);
        auto histories = log_.Take();
        auto next = Instance::Start(*left_);
        ASSERT_TRUE(next) << what << next.error().ToString();
        for (const std::string key : {"a", "b"}) {
            const auto got =
                RunTask(ReadObject(next.value()->core(), ObjectKey::Parse(key).value()));
            if (!got) ASSERT_EQ(got.error().code(), "NoSuchKey") << got.error().ToString();
            Event read{.kind = Event::Kind::kRead,
                       .value = got ? ValueOf(got.value()) : kAbsent,
                       .begun = Event::kNever - 1,
                       .answered = true};
            histories[key].push_back(read);
        }
        for (const auto& [key, events] : histories) {
            ASSERT_TRUE(IsLinearizable(events))
                << what << "no order explains what was seen of " << key << ":\n"
                << Format(events);
        }
        CheckNothingElse(*next.value(), what);
    }

  private:
    void Die(bool power_loss, uint64_t lot) {
        left_ = power_loss ? memory_->AfterCrash(lot == 0 ? std::nullopt : std::optional(lot))
                           : memory_->AfterKill();
        log_.Die();
    }

    // As many copies as objects have contents, and a catalogue that agrees with itself.
    static void CheckNothingElse(Instance& instance, const std::string& what) {
        const auto problems = CatalogueProblems(instance.core().database);
        ASSERT_TRUE(problems.empty()) << what << problems.front();
        std::set<std::string> etags;
        const auto listed = RunTask(instance.objects().List({.bucket = kBucket})).value();
        for (const service::ListedVersion& object : listed.objects)
            etags.emplace(object.etag);
        const auto stored = RunTask(instance.core().store.List("", 100)).value();
        ASSERT_EQ(stored.copies.size(), etags.size()) << what << "orphans, or bytes are missing";
    }

    std::unique_ptr<os::MemoryFileSystem> memory_;
    std::unique_ptr<os::FaultFileSystem> calls_;
    std::unique_ptr<os::MemoryFileSystem> left_;
    std::atomic<uint64_t> made_ = 0;
    Log log_;
    std::unique_ptr<Instance> instance_;
};

// The services of a World in turns: one step at a time.
struct Stepwise {
    explicit Stepwise(Instance& instance, bool pause_after_reads = false)
        : turns(pause_after_reads),
          below(instance.core()),
          database(InTurns(turns, below.database)),
          store(InTurns(turns, below.store)),
          reclaimer(*database, *store, below.gate),
          stores(*store),
          damage(*database),
          core{*database,         *store, below.buffers, below.clock,     below.gate, reclaimer,
               below.directories, stores, damage,        below.encryptor, below.pool} {}

    Turns turns;
    service::Core& below;
    std::unique_ptr<db::Database> database;
    std::unique_ptr<store::Store> store;
    service::Reclaimer reclaimer;
    service::Stores stores;
    service::DamageLog damage;
    service::Core core;
};

// Every way to choose, one after the other: the choices of one run, and how many there were at
// each.
class Choices {
  public:
    size_t Choose(size_t count) {
        if (at_ == chosen_.size()) chosen_.push_back({0, count});
        return chosen_[at_++].first;
    }
    size_t made() const { return at_; }
    // False after the last way.
    bool Next() {
        at_ = 0;
        while (!chosen_.empty() && chosen_.back().first + 1 == chosen_.back().second)
            chosen_.pop_back();
        if (chosen_.empty()) return false;
        ++chosen_.back().first;
        return true;
    }

  private:
    std::vector<std::pair<size_t, size_t>> chosen_;
    size_t at_ = 0;
};

// Which orders of their steps are tried.
struct Orders {
    size_t switches = SIZE_MAX;      // how often another one goes on than the one that did last
    bool pause_after_reads = false;  // Turns
};

// Rule B6: whatever the order in which clients and the reclaimer take their steps, bytes stay as
// long as a row names them, and no longer; and so it is after a death at some point of it.
void TryEveryOrder(const std::vector<Step>& first, const std::vector<std::vector<Step>>& clients,
                   Orders which = {}) {
    const uint64_t limit = TestScale("COFFER_TEST_ORDERS", 2000);
    // What comes after is looked at for one in so many, where they are many; for all of them on
    // demand.
    const bool all = which.switches < SIZE_MAX || std::getenv("COFFER_TEST_ORDERS") != nullptr;
    const uint64_t stride = all ? 1 : 7;
    Choices choices;
    uint64_t orders = 0;
    uint64_t taken = 0;
    do {
        World world;
        RunHere(RunClient(world.instance().core(), world.log(), first));
        Stepwise stepwise(world.instance(), which.pause_after_reads);
        const bool check = orders++ % stride == 0;
        if (check) {
            ++taken;
            if (orders % 2 == 0) world.DieAt(1 + orders % 23, orders % 3 != 0, orders);
        }
        for (const std::vector<Step>& client : clients)
            stepwise.turns.Add(RunClient(stepwise.core, world.log(), client));
        stepwise.turns.Add(RunReclaimer(stepwise.reclaimer, 1));
        size_t switches = which.switches;
        stepwise.turns.Run([&](size_t count) {
            // The one that went on last has come last.
            const size_t back = switches == 0 ? 0 : choices.Choose(count);
            if (back > 0) --switches;
            return count - 1 - back;
        });
        ASSERT_EQ(stepwise.turns.unfinished(), 0u) << "they wait for each other";
        if (check) {
            world.Check("order " + std::to_string(orders) + ": ");
            if (::testing::Test::HasFatalFailure()) return;
        }
    } while (choices.Next() && orders < limit);
    std::cout << taken << " of " << orders << " orders" << std::endl;
}

Step Put(std::string key, int value) {
    return {std::move(key), {.kind = Event::Kind::kWrite, .value = value}};
}
Step Delete(std::string key) {
    return Put(std::move(key), kAbsent);
}
Step Get(std::string key) {
    return {std::move(key), {.kind = Event::Kind::kRead}};
}

class EveryOrder : public ::testing::TestWithParam<int> {};

TEST_P(EveryOrder, OfAPutADeleteAndTheReclaimerOfOneContent) {
    TryEveryOrder({Put("a", GetParam())}, {{Put("b", GetParam())}, {Delete("a")}});
}

TEST_P(EveryOrder, OfTwoPutsOfOneContentAndTheReclaimer) {
    TryEveryOrder({Put("a", GetParam()), Delete("a")},
                  {{Put("a", GetParam())}, {Put("b", GetParam())}});
}

TEST_P(EveryOrder, OfAReadAnOverwriteAndTheReclaimer) {
    TryEveryOrder({Put("a", GetParam())}, {{Get("a")}, {Put("a", 1)}});
}

// What the reclaimer has read of a content that is to go may have changed before it takes it.
TEST_P(EveryOrder, WithTwoSwitchesOfAPutOfWhatIsToGoAndTheReclaimer) {
    TryEveryOrder({Put("a", GetParam()), Delete("a")}, {{Put("b", GetParam()), Get("b")}},
                  {.switches = 2, .pause_after_reads = true});
}

INSTANTIATE_TEST_SUITE_P(Of, EveryOrder, ::testing::Values(kPacked, kFile),
                         [](const auto& info) { return info.param == kFile ? "AFile" : "APack"; });

TEST(Histories, InRandomOrdersOfTheirStepsAreLinearizable) {
    const uint64_t first_seed = TestSeed();
    const uint64_t count = TestScale("COFFER_TEST_HISTORIES", 150);
    for (uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
        std::mt19937_64 random(seed);
        World world;
        Stepwise stepwise(world.instance(), true);
        world.DieAt(1 + random() % 150, random() % 3 != 0, random() % 4 == 0 ? 0 : random());
        for (int client = 0; client < 3; ++client)
            stepwise.turns.Add(RunClient(stepwise.core, world.log(), DrawSteps(random, 6)));
        stepwise.turns.Add(RunReclaimer(stepwise.reclaimer, 4));
        stepwise.turns.Run([&](size_t waiting) { return random() % waiting; });
        world.Check("COFFER_TEST_SEED=" + std::to_string(seed) + ": ");
        if (::testing::Test::HasFatalFailure()) return;
    }
    std::cout << count << " histories" << std::endl;
}

// With the group commit, and all that goes on beside each other. The order is the machine's, so the
// seed gives the calls, and the history tells the rest.
TEST(Histories, OnThreadsAreLinearizable) {
    const uint64_t first_seed = TestSeed();
    const uint64_t count = TestScale("COFFER_TEST_HISTORIES", 150);
    for (uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
        std::mt19937_64 random(seed);
        World world;
        world.DieAt(1 + random() % 150, random() % 3 != 0, random() % 4 == 0 ? 0 : random());
        std::vector<std::thread> threads;
        for (int client = 0; client < 3; ++client) {
            threads.emplace_back([&world, steps = DrawSteps(random, 6)] {
                RunHere(RunClient(world.instance().core(), world.log(), steps));
            });
        }
        threads.emplace_back(
            [&world] { RunHere(RunReclaimer(world.instance().core().reclaimer, 4)); });
        for (std::thread& thread : threads)
            thread.join();
        world.instance().Settle();
        world.Check("COFFER_TEST_SEED=" + std::to_string(seed) + ": ");
        if (::testing::Test::HasFatalFailure()) return;
    }
    std::cout << count << " histories" << std::endl;
}

}  // namespace
}  // namespace coffer::testing
