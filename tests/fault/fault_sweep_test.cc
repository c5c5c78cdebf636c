// Every call that the engine makes of the file system fails once, with each error, at each place.
// What was acknowledged stays whole, nothing wrong is served, and the process lives; but a failed
// sync is its end.

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"

#include "tests/fault/engine_rig.h"
#include "tests/support/random_bytes.h"

namespace coffer::testing {
namespace {

using os::Operation;

// A store with two acknowledged blobs, one small and one large, over calls that can fail.
class World {
  public:
    World() {
        MakeEngineDirectory(memory_);
        EXPECT_TRUE(rig_.Open());
        for (const size_t size : {size_t{1000}, size_t{600'000}}) {
            const std::string content = RandomText(size, size);
            acknowledged_[rig_.Put(content).value()] = content;
        }
    }

    os::FaultFileSystem& fault() { return fault_; }
    EngineRig& rig() { return rig_; }
    std::map<std::string, std::string>& acknowledged() { return acknowledged_; }
    std::string small_key() const { return KeyOfSize(1000); }
    std::string large_key() const { return KeyOfSize(600'000); }

    // After a fault: now, in the next process, and in the first one after a power loss, all is as
    // it was acknowledged.
    void ExpectWhole() {
        fault_.Clear();
        EXPECT_EQ(rig_.taken_buffer_bytes(), 0u);
        if (rig_.is_open()) ExpectReadable();
        ASSERT_TRUE(rig_.Open());
        ExpectReadable();
        EXPECT_TRUE(memory_.List("/data/blobs/tmp").value().empty());
        memory_.Crash();
        ASSERT_TRUE(rig_.Open());
        ExpectReadable();
    }

  private:
    std::string KeyOfSize(size_t size) const {
        for (const auto& [key, content] : acknowledged_) {
            if (content.size() == size) return key;
        }
        return "";
    }

    void ExpectReadable() {
        for (const auto& [key, content] : acknowledged_) {
            const auto got = rig_.Get(key, {0, content.size()});
            ASSERT_TRUE(got) << got.error().ToString();
            EXPECT_TRUE(got.value() == content);
        }
    }

    os::MemoryFileSystem memory_;
    os::FaultFileSystem fault_{memory_};
    EngineRig rig_{fault_};
    std::map<std::string, std::string> acknowledged_;
};

// One thing that a client makes the engine do. The result's error is the fault's, as the client
// sees it.
struct Action {
    const char* name;
    std::function<Result<>(World&)> run;
    // Where it succeeds although one of these failed.
    std::vector<Operation> passed_over = {};
};

Result<> PutOfSize(World& world, size_t size) {
    const std::string content = RandomText(size, 77);
    TRY(const std::string key, world.rig().Put(content));
    world.acknowledged()[key] = content;
    return Ok();
}

Result<> PutAgain(World& world, const std::string& key) {
    TRY(world.rig().Put(world.acknowledged().at(key)));
    return Ok();
}

Result<> Get(World& world, const std::string& key) {
    const std::string& content = world.acknowledged().at(key);
    TRY(const std::string got, world.rig().Get(key, {0, content.size()}));
    EXPECT_TRUE(got == content);
    return Ok();
}

Result<> Remove(World& world) {
    const std::string key = world.small_key();
    world.acknowledged().erase(key);  // whatever the answer, it may be gone
    return world.rig().Remove(key);
}

std::vector<Action> Actions() {
    return {
        {"put a small blob", [](World& world) { return PutOfSize(world, 500); }},
        {"put a large blob", [](World& world) { return PutOfSize(world, 700'000); }},
        {"put a small blob again", [](World& world) { return PutAgain(world, world.small_key()); }},
        {"put a large blob again", [](World& world) { return PutAgain(world, world.large_key()); }},
        {"get a small blob", [](World& world) { return Get(world, world.small_key()); }},
        {"get a large blob", [](World& world) { return Get(world, world.large_key()); }},
        {"remove a blob", Remove},
        {"stat a blob",
         [](World& world) -> Result<> {
             TRY(RunTask(world.rig().store().Stat(world.large_key())));
             return Ok();
         }},
        {"list",
         [](World& world) -> Result<> {
             TRY(const auto page, world.rig().List());
             // What can't be looked at is not listed, and that is said.
             const bool struck = world.fault().struck().has_value();
             EXPECT_EQ(page.copies.size() < world.acknowledged().size(), struck);
             EXPECT_EQ(!page.left_out.empty(), struck);
             return Ok();
         },
         {Operation::kList, Operation::kStat, Operation::kReadAt}},
        {"open the store", [](World& world) { return world.rig().Open(); }},
    };
}

// The calls that an action makes, in their order.
std::vector<Operation> CallsOf(const Action& action) {
    World world;
    std::vector<Operation> calls;
    world.fault().SetObserver([&](Operation operation) { calls.push_back(operation); });
    EXPECT_TRUE(action.run(world)) << action.name;
    world.fault().SetObserver(nullptr);
    return calls;
}

bool IsFatal(Operation operation, int errno_value) {
    return operation == Operation::kSync ||
           (operation == Operation::kSyncDirectory && errno_value != EMFILE);
}

// Descriptors run out where one is asked for. Of ReadCachedAt, the error says that it would wait.
bool CanFailWith(Operation operation, int errno_value) {
    switch (operation) {
        case Operation::kOpen:
        case Operation::kOpenCached:
        case Operation::kCreateTemporary:
        case Operation::kList:
        case Operation::kSyncDirectory:
        case Operation::kReadCachedAt:
            return true;
        default:
            return errno_value != EMFILE;
    }
}

// What a client may see: never "not found" or "denied", which would be an answer about its object.
ErrorKind ExpectedKind(int errno_value) {
    if (errno_value == ENOSPC) return ErrorKind::kNoSpace;
    if (errno_value == EMFILE) return ErrorKind::kBusy;
    return ErrorKind::kIo;
}

// What is not in the cache is read again, by a call that may wait.
bool IsHarmless(Operation operation, int errno_value) {
    return errno_value == EMFILE &&
           (operation == Operation::kOpenCached || operation == Operation::kReadCachedAt);
}

void RunWithFault(const Action& action, os::Fault fault) {
    World world;
    world.fault().Inject(fault);
    const Result<> result = action.run(world);
    if (!world.fault().struck()) return;  // an earlier answer than in the run that was recorded
    if (!result) {
        EXPECT_EQ(result.error().kind(), ExpectedKind(fault.errno_value))
            << result.error().ToString();
    } else {
        const Operation struck = *world.fault().struck();
        EXPECT_TRUE(std::ranges::find(action.passed_over, struck) != action.passed_over.end() ||
                    IsHarmless(struck, fault.errno_value))
            << "a failed call was passed over";
    }
    world.ExpectWhole();
}

TEST(FaultSweepDeathTest, EveryCallFailsOnceOrForEver) {
    for (const Action& action : Actions()) {
        const std::vector<Operation> calls = CallsOf(action);
        ASSERT_FALSE(calls.empty()) << action.name;
        for (size_t n = 0; n < calls.size(); ++n) {
            for (const int errno_value : {EIO, ENOSPC, EMFILE}) {
                if (!CanFailWith(calls[n], errno_value)) continue;
                for (const bool for_ever : {false, true}) {
                    SCOPED_TRACE(std::string(action.name) + ", call " + std::to_string(n + 1) +
                                 " (" + std::string(ToString(calls[n])) + "), errno " +
                                 std::to_string(errno_value) + (for_ever ? ", for ever" : ""));
                    const os::Fault fault{std::nullopt, n + 1, errno_value, for_ever};
                    if (!IsFatal(calls[n], errno_value)) {
                        RunWithFault(action, fault);
                    } else if (!for_ever) {
                        EXPECT_DEATH(RunWithFault(action, fault), "durable");
                    }
                }
            }
        }
    }
}

}  // namespace
}  // namespace coffer::testing
