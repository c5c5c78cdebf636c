// The helper is what other tests believe in: it has to keep what was synced, and lose what was not.
#include "tests/support/instance.h"

#include <gtest/gtest.h>

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
