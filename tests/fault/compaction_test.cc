// The process ends at any call to the file system that a compaction makes, catalogue and packs: by
// a kill, or with the power. Every object is there, once, with its bytes.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>

#include "coffer/base/log.h"
#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/service/compactor.h"

#include "tests/support/instance.h"
#include "tests/support/random_bytes.h"
#include "tests/support/run_task.h"
#include "tests/support/seed.h"

namespace coffer::testing {
namespace {

const service::BucketName kBucket = service::BucketName::Parse("bucket").value();

service::ObjectKey Key(const std::string& key) {
    return service::ObjectKey::Parse(key).value();
}

class CompactionTest : public ::testing::Test {
  protected:
    CompactionTest() {
        ConfigureLog(LogFormat::kText, LogLevel::kError);
        Instance::MakeDirectories(memory_);
        instance_ = Instance::Start(fault_).value();
        EXPECT_TRUE(RunTask(instance_->buckets().Create(kBucket)));
        for (size_t i = 0; i < 40; ++i) {
            const std::string key = "key " + std::to_string(i);
            objects_[key] = RandomText(3000, i);
            runtime::StringSource source(objects_[key]);
            EXPECT_TRUE(RunTask(instance_->objects().Put({kBucket, Key(key), {}, {}, {}}, source)));
        }
        size_t i = 0;
        std::erase_if(objects_, [&](const auto& object) {
            if (i++ % 4 == 0) return false;
            EXPECT_TRUE(RunTask(
                instance_->objects().Delete({.bucket = kBucket, .key = Key(object.first)})));
            return true;
        });
        EXPECT_TRUE(instance_->Reclaim());
        instance_->Settle();
    }

    void ExpectWhole(Instance& instance, os::Operation operation) {
        SCOPED_TRACE(std::string(ToString(operation)) + " is next");
        for (const auto& [key, content] : objects_) {
            const auto got = RunTask(
                instance.objects().Get({.bucket = kBucket, .key = Key(key), .with_body = true}));
            ASSERT_TRUE(got) << got.error().ToString();
            const auto text = RunTask(runtime::ReadAll(*got.value().body, content.size()));
            ASSERT_TRUE(text) << text.error().ToString();
            ASSERT_TRUE(text.value() == content);
        }
        const auto page = RunTask(instance.core().store.List("", 1000));
        ASSERT_TRUE(page);
        EXPECT_EQ(page.value().copies.size(), objects_.size());
    }

    static bool Step(Instance& instance) {
        service::Core& core = instance.core();
        service::Compactor compactor(core.database, core.store,
                                     dynamic_cast<store::Compactable&>(core.store), core.gate,
                                     core.reclaimer);
        const bool more = RunTask(compactor.Step()).value();
        instance.Settle();
        return more;
    }

    os::MemoryFileSystem memory_;
    os::FaultFileSystem fault_{memory_};
    std::unique_ptr<Instance> instance_;
    std::map<std::string, std::string> objects_;
};

TEST_F(CompactionTest, MayEndAnywhere) {
    std::mt19937_64 random(TestSeed());
    size_t ends = 0;
    fault_.SetObserver([&](os::Operation operation) {
        if (HasFatalFailure()) return;
        ++ends;
        for (const int way : {0, 1, 2}) {
            const auto left = way == 0   ? memory_.AfterKill()
                              : way == 1 ? memory_.AfterCrash(std::nullopt)
                                         : memory_.AfterCrash(random());
            const auto next = Instance::Start(*left);
            ASSERT_TRUE(next) << next.error().ToString();
            ExpectWhole(*next.value(), operation);
            if (ends % 8 != 0) continue;
            // It goes on, and comes to an end.
            for (int steps = 0; Step(*next.value()); ++steps)
                ASSERT_LT(steps, 100);
            ExpectWhole(*next.value(), operation);
        }
    });
    for (int steps = 0; Step(*instance_) && !HasFatalFailure(); ++steps)
        ASSERT_LT(steps, 100);
    fault_.SetObserver(nullptr);
    EXPECT_GT(ends, 20u);
    ExpectWhole(*instance_, os::Operation::kOpen);
}

}  // namespace
}  // namespace coffer::testing
