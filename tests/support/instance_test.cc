// The helper is what other tests believe in: it has to keep what was synced, and lose what was not.
#include "tests/support/instance.h"

#include <gtest/gtest.h>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"

#include "tests/support/run_task.h"

namespace coffer::testing {
namespace {

const auto kBucket = service::BucketName::Parse("bucket").value();
const auto kKey = service::ObjectKey::Parse("key").value();

Result<service::PutResult> Put(Instance& instance, std::string body) {
    runtime::StringSource source(std::move(body));
    return RunTask(instance.objects().Put({kBucket, kKey, {}, {}, {}}, source));
}

Task<Result<std::string>> ReadKey(service::Core& core) {
    service::Objects objects(core);
    CO_TRY(const service::GetResult result, co_await objects.Get({.bucket = kBucket, .key = kKey}));
    co_return co_await runtime::ReadAll(*result.body, 1_MiB);
}

TEST(Instance, KeepsWhatWasAcknowledgedThroughAPowerLoss) {
    os::MemoryFileSystem before;
    Instance::MakeDirectories(before);
    auto instance = Instance::Start(before).value();
    EXPECT_FALSE(instance->recovered());
    ASSERT_TRUE(RunTask(instance->buckets().Create(kBucket)));
    ASSERT_TRUE(Put(*instance, "content"));

    const auto after = before.AfterCrash(std::nullopt);
    auto next = Instance::Start(*after).value();
    EXPECT_TRUE(next->recovered());
    EXPECT_EQ(RunTask(ReadKey(next->core())).value(), "content");
}

// Killed before a sync, a process leaves what only the cache has; the next one takes it up, and may
// count it. If the power goes off then, nothing is missed that nobody was told of.
TEST(Instance, StartsAfterAKillBeforeASyncAndAPowerLossInTheStartAfterIt) {
    os::MemoryFileSystem memory;
    Instance::MakeDirectories(memory);
    os::FaultFileSystem calls(memory);
    auto instance = Instance::Start(calls).value();
    ASSERT_TRUE(RunTask(instance->buckets().Create(kBucket)));
    std::vector<std::unique_ptr<os::MemoryFileSystem>> killed;
    calls.SetObserver([&](os::Operation operation) {
        if (operation == os::Operation::kSync) killed.push_back(memory.AfterKill());
    });
    ASSERT_TRUE(Put(*instance, "content"));
    calls.SetObserver(nullptr);
    ASSERT_FALSE(killed.empty());

    for (const auto& left : killed) {
        os::FaultFileSystem calls_of_start(*left);
        std::vector<std::unique_ptr<os::MemoryFileSystem>> lost;
        calls_of_start.SetObserver(
            [&](os::Operation) { lost.push_back(left->AfterCrash(lost.size() + 1)); });
        ASSERT_TRUE(Instance::Start(calls_of_start));
        for (const auto& files : lost) {
            const auto started = Instance::Start(*files);
            ASSERT_TRUE(started) << started.error().ToString();
        }
    }
}

TEST(Instance, ThatEndedInGoodOrderHasNothingToRecover) {
    os::MemoryFileSystem files;
    Instance::MakeDirectories(files);
    auto instance = Instance::Start(files).value();
    ASSERT_TRUE(instance->Stop());
    instance.reset();
    EXPECT_FALSE(Instance::Start(files).value()->recovered());
}

}  // namespace
}  // namespace coffer::testing
