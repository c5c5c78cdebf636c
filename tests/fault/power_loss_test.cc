// The power goes off at any call that the engine makes of the file system, after any history, and
// whatever was not synced is lost in whole, in part or not at all.

#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/store/engine/blob_format.h"

#include "tests/fault/engine_rig.h"
#include "tests/support/random_bytes.h"
#include "tests/support/seed.h"

namespace coffer::testing {
namespace {

// What a power loss may leave of a copy.
enum class Fate {
    kAbsent,
    kPresent,
    kEither,  // removed and not synced, or never acknowledged
};

struct Content {
    std::string bytes;
    std::string key;
    bool there = false;         // for whoever reads it now
    Fate fate = Fate::kAbsent;  // after a power loss now
};

class PowerLossTest : public ::testing::Test {
  protected:
    PowerLossTest() {
        MakeEngineDirectory(memory_);
        EXPECT_TRUE(rig_.Open());
        const size_t sizes[] = {0, 1, 700, 70'000, 300'000};
        for (size_t i = 0; i < 12; ++i) {
            Content content;
            content.bytes = RandomText(i < 5 ? sizes[i] : sizes[2 + i % 3], i);
            content.key = store::engine::KeyOf(codec::Sha256(AsBytes(content.bytes)));
            contents_.push_back(std::move(content));
        }
    }

    // Runs `action` with a power loss before each of its calls, in worlds of their own; in this one
    // it comes through.
    template <class Action>
    void WithPowerLosses(Action action) {
        fault_.SetObserver([&](os::Operation operation) {
            ++power_losses_;
            CheckAfter(std::nullopt, operation);
            CheckAfter(random_(), operation);
        });
        action();
        fault_.SetObserver(nullptr);
    }

    void CheckAfter(std::optional<uint64_t> seed, os::Operation operation) {
        const auto memory = memory_.AfterCrash(seed);
        EngineRig rig(*memory, EngineRig::FilesOnly());
        ASSERT_TRUE(rig.Open());
        for (const Content& content : contents_) {
            SCOPED_TRACE(std::string(ToString(operation)) + " is next");
            CheckOne(rig, content);
        }
        // It goes on as if nothing had been.
        const Content& any = contents_[random_() % contents_.size()];
        ASSERT_TRUE(rig.Put(any.bytes));
        EXPECT_TRUE(rig.Get(any.key, {0, any.bytes.size()}).value() == any.bytes);
    }

    // Whole, or not there at all; and not there only if it may be.
    static bool CheckOne(EngineRig& rig, const Content& content) {
        const auto got = rig.Get(content.key, {0, content.bytes.size()});
        if (got) {
            EXPECT_TRUE(got.value() == content.bytes) << "wrong bytes";
            EXPECT_NE(content.fate, Fate::kAbsent) << "a copy from nowhere";
            return true;
        }
        EXPECT_EQ(got.error().kind(), ErrorKind::kNotFound) << got.error().ToString();
        EXPECT_NE(content.fate, Fate::kPresent) << "an acknowledged copy is lost";
        return false;
    }

    void Put(Content& content) {
        if (content.fate == Fate::kAbsent) content.fate = Fate::kEither;
        WithPowerLosses([&] { EXPECT_EQ(rig_.Put(content.bytes).value(), content.key); });
        content.there = true;
        content.fate = Fate::kPresent;
    }

    // A commit that gets no further than some call, in a process that dies of it or lives on.
    void PutHalf(Content& content) {
        constexpr os::Operation kLast[] = {os::Operation::kMakeDirectory, os::Operation::kLink,
                                           os::Operation::kRename, os::Operation::kSyncDirectory};
        if (content.fate == Fate::kAbsent) content.fate = Fate::kEither;
        fault_.Inject({kLast[random_() % 4], 1 + random_() % 2, EMFILE, true});
        const auto put = rig_.Put(content.bytes);
        fault_.Clear();
        if (put) content.fate = Fate::kPresent;
        if (random_() % 2 == 0) ASSERT_TRUE(rig_.Open());
        content.there = CheckOne(rig_, content);
    }

    void Remove(Content& content) {
        const bool there = content.there;
        if (there) content.fate = Fate::kEither;
        WithPowerLosses([&] { EXPECT_EQ(rig_.Remove(content.key).has_value(), there); });
        content.there = false;
    }

    void StageOnly(const Content& content) {
        WithPowerLosses([&] { EXPECT_TRUE(rig_.Stage(content.bytes)); });
    }

    void Read(const Content& content) {
        const auto got = rig_.Get(content.key, {0, content.bytes.size()});
        ASSERT_EQ(got.has_value(), content.there);
        if (got) EXPECT_TRUE(got.value() == content.bytes);
    }

    void List() {
        std::set<std::string> expected;
        for (const Content& content : contents_) {
            if (content.there) expected.insert(content.key);
        }
        std::set<std::string> listed;
        const store::ListPage page = rig_.List().value();
        for (const auto& copy : page.copies)
            listed.insert(copy.key);
        EXPECT_EQ(listed, expected);
    }

    void LosePower() {
        memory_.Crash(random_());
        ASSERT_TRUE(rig_.Open());
        for (Content& content : contents_) {
            content.there = CheckOne(rig_, content);
            content.fate = content.there ? Fate::kPresent : Fate::kAbsent;
        }
    }

    const uint64_t seed_ = TestSeed();
    std::mt19937_64 random_{seed_};
    os::MemoryFileSystem memory_;
    os::FaultFileSystem fault_{memory_};
    EngineRig rig_{fault_, EngineRig::FilesOnly()};
    std::vector<Content> contents_;
    size_t power_losses_ = 0;
};

TEST_F(PowerLossTest, AnyHistoryKeepsWhatWasAcknowledged) {
    for (int step = 0; step < 250 && !HasFailure(); ++step) {
        Content& content = contents_[random_() % contents_.size()];
        switch (random_() % 11) {
            case 0:
            case 1:
            case 2:
                Put(content);
                break;
            case 3:
            case 4:
                Remove(content);
                break;
            case 5:
                StageOnly(content);
                break;
            case 6:
                Read(content);
                break;
            case 7:
                List();
                break;
            case 8:
                ASSERT_TRUE(rig_.Open());
                break;  // the process ended, the power did not
            case 9:
                PutHalf(content);
                break;
            default:
                LosePower();
                break;
        }
    }
    EXPECT_GT(power_losses_, 200u);
}

}  // namespace
}  // namespace coffer::testing
