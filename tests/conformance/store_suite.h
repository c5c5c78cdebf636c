// What every Store promises. An implementation runs it with a factory and one line:
//
//     INSTANTIATE_TEST_SUITE_P(Engine, StoreSuite, ::testing::Values(StoreCase{"Engine",
//     MakeEngine}), StoreCaseName);
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/codec/digest.h"
#include "coffer/store/store.h"

#include "tests/support/random_bytes.h"
#include "tests/support/run_task.h"

namespace coffer::testing {

// An empty store. `keep` goes last: what it stands on.
struct StoreFixture {
    std::shared_ptr<void> keep;
    std::unique_ptr<store::Store> store;

    // Opens it again as a new process would. `store` is null when it is called.
    std::function<std::unique_ptr<store::Store>()> reopen;
};

struct StoreCase {
    std::string name;
    std::function<StoreFixture()> make;
};

inline std::string StoreCaseName(const ::testing::TestParamInfo<StoreCase>& info) {
    return info.param.name;
}

inline void PrintTo(const StoreCase& test_case, std::ostream* out) {
    *out << test_case.name;
}

// Gives `data` in pieces of at most `step` bytes, and then fails if an error is given.
class PiecewiseSource final : public ByteSource {
  public:
    PiecewiseSource(std::string data, size_t step, std::optional<Error> error = std::nullopt)
        : data_(std::move(data)), step_(step), error_(std::move(error)) {}

    Task<Result<size_t>> Read(ByteSpan out) override {
        const size_t length = std::min({out.size(), step_, data_.size() - offset_});
        if (length == 0 && error_) co_return *error_;
        std::copy_n(AsBytes(data_).begin() + static_cast<ptrdiff_t>(offset_), length, out.begin());
        offset_ += length;
        co_return length;
    }

  private:
    const std::string data_;
    const size_t step_;
    const std::optional<Error> error_;
    size_t offset_ = 0;
};

class StoreSuite : public ::testing::TestWithParam<StoreCase> {
  protected:
    // Around the sizes at which an implementation may change its ways: chunks of 64 KiB, buffers of
    // 256 KiB, small blobs that are kept in another way than large ones.
    static std::vector<size_t> Sizes() {
        return {0,           1,          59,          60,          61,       124,
                4_KiB,       64_KiB - 1, 64_KiB,      64_KiB + 1,  128_KiB,  128_KiB + 1,
                200_KiB,     255_KiB,    255_KiB + 1, 256_KiB - 1, 256_KiB,  256_KiB + 1,
                512_KiB - 1, 512_KiB,    512_KiB + 1, 1_MiB + 17,  5_MiB + 1};
    }

    void SetUp() override { fixture_ = GetParam().make(); }

    store::Store& store() { return *fixture_.store; }

    void Reopen() {
        fixture_.store.reset();
        fixture_.store = fixture_.reopen();
    }

    std::unique_ptr<store::Staged> Stage(const std::string& content, store::StageHints hints = {},
                                         size_t step = 1_MiB) {
        PiecewiseSource source(content, step);
        auto staged = RunTask(store().Stage(source, hints));
        EXPECT_TRUE(staged.has_value()) << staged.error().ToString();
        return std::move(staged.value());
    }

    std::string Put(const std::string& content) {
        const auto key = RunTask(store().Commit(Stage(content)));
        EXPECT_TRUE(key.has_value()) << key.error().ToString();
        return key.value();
    }

    Result<std::string> Get(const std::string& key, store::ByteRange range, size_t step = 1_MiB) {
        return RunTask(ReadRange(store(), key, range, step));
    }

    // Coroutine: what `step` bytes at a time yield.
    static Task<Result<std::string>> ReadRange(store::Store& store, std::string key,
                                               store::ByteRange range, size_t step) {
        CO_TRY(auto source, co_await store.Read(key, range));
        std::string text;
        Bytes buffer(step);
        for (;;) {
            CO_TRY(const size_t got, co_await source->Read(buffer));
            if (got == 0) co_return text;
            text += AsText(ByteView(buffer).first(got));
        }
    }

    std::vector<store::ListedCopy> ListAll(size_t limit) {
        std::vector<store::ListedCopy> all;
        std::string cursor;
        do {
            const store::ListPage page = RunTask(store().List(cursor, limit)).value();
            EXPECT_LE(page.copies.size(), limit);
            all.insert(all.end(), page.copies.begin(), page.copies.end());
            cursor = page.next_cursor;
        } while (!cursor.empty());
        return all;
    }

    static ErrorKind KindOf(const auto& result) {
        EXPECT_FALSE(result.has_value());
        return result.has_value() ? ErrorKind::kInternal : result.error().kind();
    }

  private:
    StoreFixture fixture_;
};

TEST_P(StoreSuite, GivesBackWhatWasCommitted) {
    for (const size_t size : Sizes()) {
        const std::string content = RandomText(size, size);
        const std::string key = Put(content);
        EXPECT_TRUE(Get(key, {0, size}).value() == content) << size;
        EXPECT_EQ(RunTask(store().Stat(key)).value().size_bytes, size);
        EXPECT_EQ(RunTask(store().Stat(key)).value().sha256, codec::Sha256(AsBytes(content)));
    }
}

TEST_P(StoreSuite, KnowsTheDigestsOnceStaged) {
    for (const size_t size : Sizes()) {
        const std::string content = RandomText(size, size);
        const auto staged = Stage(content, {size, codec::ChecksumAlgorithm::kCrc64Nvme});
        const store::Digests& digests = staged->digests();
        EXPECT_EQ(digests.size_bytes, size);
        EXPECT_EQ(digests.sha256, codec::Sha256(AsBytes(content)));
        EXPECT_EQ(digests.md5, codec::Md5(AsBytes(content)));
        const auto hasher = codec::NewHasher(codec::ChecksumAlgorithm::kCrc64Nvme);
        hasher->Update(AsBytes(content));
        EXPECT_EQ(digests.checksum, hasher->Finish());
    }
    EXPECT_EQ(Stage("x")->digests().checksum, "");
}

TEST_P(StoreSuite, TakesPiecesOfAnySizeWhateverTheHint) {
    const std::string content = RandomText(600'000, 1);
    for (const size_t step : {size_t{7919}, size_t{65536}, size_t{262144}}) {
        for (const auto hint : {std::optional<uint64_t>(), std::optional<uint64_t>(1),
                                std::optional<uint64_t>(1_GiB)}) {
            const auto staged = Stage(content, {hint, std::nullopt}, step);
            EXPECT_EQ(staged->digests().sha256, codec::Sha256(AsBytes(content)));
        }
    }
}

TEST_P(StoreSuite, TakesTheDigestOfASourceThatKnowsIt) {
    for (const size_t size : {size_t{0}, size_t{1000}, size_t{600'000}}) {
        const std::string content = RandomText(size, 1);
        const codec::Sha256Digest known = codec::Sha256(AsBytes(content));
        int asked = 0;
        auto staged = Stage(content, {.sha256_of_source = [&] { return ++asked, known; }});
        EXPECT_EQ(asked, 1);
        EXPECT_EQ(staged->digests().size_bytes, size);
        EXPECT_EQ(staged->digests().sha256, known);
        const auto key = RunTask(store().Commit(std::move(staged)));
        EXPECT_EQ(RunTask(store().Stat(key.value())).value().sha256, known);
        EXPECT_EQ(Get(key.value(), {0, size}).value(), content);
    }
}

TEST_P(StoreSuite, GivesEveryRangeByStepsOfAnySize) {
    const std::string content = RandomText(700'000, 2);
    const std::string key = Put(content);
    for (const size_t begin : {size_t{0}, size_t{1}, size_t{65535}, size_t{65536}, size_t{400'000},
                               size_t{699'999}, size_t{700'000}}) {
        for (const size_t length :
             {size_t{0}, size_t{1}, size_t{65536}, size_t{300'000}, size_t{700'000}}) {
            const size_t within = std::min(length, content.size() - begin);
            for (const size_t step : {size_t{1000}, size_t{65536}, size_t{100'000}, 1_MiB}) {
                EXPECT_TRUE(Get(key, {begin, within}, step).value() ==
                            content.substr(begin, within))
                    << begin << "+" << within << " by " << step;
            }
        }
    }
}

TEST_P(StoreSuite, WhatWasNotCommittedIsNotThere) {
    for (const size_t size : {size_t{10}, size_t{600'000}}) {
        auto staged = Stage(RandomText(size, 3));
        staged.reset();
    }
    EXPECT_TRUE(ListAll(10).empty());
    Reopen();
    EXPECT_TRUE(ListAll(10).empty());
}

TEST_P(StoreSuite, ASourceThatFailsLeavesNothing) {
    for (const size_t size : {size_t{0}, size_t{10}, size_t{262144}, size_t{600'000}}) {
        PiecewiseSource source(RandomText(size, 4), 10'000, Error(ErrorKind::kClosed, "gone"));
        const auto staged = RunTask(store().Stage(source, {}));
        EXPECT_EQ(KindOf(staged), ErrorKind::kClosed);
    }
    EXPECT_TRUE(ListAll(10).empty());
}

TEST_P(StoreSuite, TheSameContentTwiceIsThere) {
    for (const size_t size : {size_t{10}, size_t{100'000}, size_t{600'000}}) {
        const std::string content = RandomText(size, 5);
        const std::string first = Put(content);
        const std::string second = Put(content);
        EXPECT_TRUE(Get(first, {0, size}).value() == content);
        EXPECT_TRUE(Get(second, {0, size}).value() == content);
    }
}

TEST_P(StoreSuite, SurvivesBeingOpenedAgain) {
    const std::string content = RandomText(600'000, 6);
    const std::string key = Put(content);
    const std::string small = RandomText(600, 6);
    const std::string small_key = Put(small);
    for (size_t times = 1; times <= 3; ++times) {
        Reopen();
        EXPECT_TRUE(Get(key, {0, content.size()}).value() == content);
        EXPECT_TRUE(Get(small_key, {0, small.size()}).value() == small);
        EXPECT_EQ(ListAll(10).size(), 1 + times);
        Put(RandomText(700, times));  // does not fall upon what is there
    }
}

TEST_P(StoreSuite, RemovesForGood) {
    const std::string key = Put("one");
    const std::string other = Put("two");
    ASSERT_TRUE(RunTask(store().Remove(key)));
    EXPECT_EQ(KindOf(Get(key, {0, 3})), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(RunTask(store().Stat(key))), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(RunTask(store().Remove(key))), ErrorKind::kNotFound);
    EXPECT_EQ(Get(other, {0, 3}).value(), "two");
    EXPECT_EQ(Get(Put("one"), {0, 3}).value(), "one");
}

TEST_P(StoreSuite, WhatIsQuarantinedIsOutOfTheWayAndNothingElseIs) {
    for (const size_t size : {size_t{0}, size_t{10}, size_t{600'000}}) {
        const std::string content = RandomText(size, 8);
        const std::string key = Put(content);
        const std::string other = Put(RandomText(size, 9) + "other");
        const auto where = RunTask(store().Quarantine(key, "why"));
        ASSERT_TRUE(where) << where.error().ToString();
        EXPECT_FALSE(where.value().empty());
        EXPECT_EQ(KindOf(Get(key, {0, size})), ErrorKind::kNotFound);
        EXPECT_EQ(KindOf(RunTask(store().Stat(key))), ErrorKind::kNotFound);
        EXPECT_EQ(KindOf(RunTask(store().Quarantine(key, "why"))), ErrorKind::kNotFound);
        EXPECT_TRUE(Get(other, {0, size}));
        Reopen();
        EXPECT_EQ(KindOf(Get(key, {0, size})), ErrorKind::kNotFound);
        EXPECT_EQ(ListAll(100).size(), 1u);
        // The same content can come again.
        EXPECT_TRUE(Get(Put(content), {0, size}).value() == content);
        for (const store::ListedCopy& copy : ListAll(100))
            ASSERT_TRUE(RunTask(store().Remove(copy.key)));
    }
}

TEST_P(StoreSuite, GivesEveryRangeOfASmallBlob) {
    for (const size_t size : {size_t{10}, size_t{5'000}, size_t{65'536}, size_t{150'000}}) {
        const std::string content = RandomText(size, size);
        const std::string key = Put(content);
        for (const size_t begin : {size_t{0}, size_t{1}, size / 2, size - 1, size}) {
            for (const size_t length : {size_t{0}, size_t{1}, size / 3, size}) {
                const size_t within = std::min(length, size - begin);
                EXPECT_TRUE(Get(key, {begin, within}).value() == content.substr(begin, within));
            }
        }
        EXPECT_EQ(KindOf(Get(key, {size, 1})), ErrorKind::kInvalid);
        EXPECT_EQ(KindOf(Get(key, {0, size + 1})), ErrorKind::kInvalid);
        EXPECT_EQ(KindOf(Get(key, {1, UINT64_MAX})), ErrorKind::kInvalid);
    }
}

// A download goes on while its object is deleted.
TEST_P(StoreSuite, AReadThatBeganOutlivesItsCopy) {
    for (const size_t size : {size_t{5'000}, size_t{2'000'000}}) {
        const std::string content = RandomText(size, 7);
        const std::string key = Put(content);
        auto source = RunTask(store().Read(key, {0, content.size()})).value();
        ASSERT_TRUE(RunTask(store().Remove(key)));
        EXPECT_TRUE(RunTask(runtime::ReadAll(*source, content.size())).value() == content);
    }
}

TEST_P(StoreSuite, AKeyThatItNeverGaveIsNotFound) {
    const std::string key = Put("one");
    for (const std::string& wrong :
         {std::string(), std::string("x"), std::string("../../etc/passwd"), key + "x", "/" + key,
          key.substr(0, key.size() - 1), std::string(1000, 'a'), std::string(67, '/')}) {
        EXPECT_EQ(KindOf(Get(wrong, {0, 0})), ErrorKind::kNotFound) << wrong;
        EXPECT_EQ(KindOf(RunTask(store().Stat(wrong))), ErrorKind::kNotFound) << wrong;
        EXPECT_EQ(KindOf(RunTask(store().Remove(wrong))), ErrorKind::kNotFound) << wrong;
        EXPECT_EQ(KindOf(RunTask(store().Quarantine(wrong, ""))), ErrorKind::kNotFound) << wrong;
    }
}

// Some contents are every thread's, so that commits of the same one meet; the others come and go.
TEST_P(StoreSuite, ServesManyThreadsAtOnce) {
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::set<std::string> left;  // equal contents may share a copy, or have their own
    for (size_t number = 0; number < 4; ++number) {
        threads.emplace_back([&, number] {
            for (size_t turn = 0; turn < 30; ++turn) {
                const std::string shared = RandomText(turn % 2 == 0 ? 5'000 : 300'000, turn);
                const std::string shared_key = Put(shared);
                const std::string own = RandomText(20'000, 1000 * (number + 1) + turn);
                const std::string own_key = Put(own);
                EXPECT_TRUE(Get(shared_key, {0, shared.size()}).value() == shared);
                EXPECT_TRUE(Get(own_key, {0, own.size()}).value() == own);
                EXPECT_TRUE(RunTask(store().Remove(own_key)));
                const std::lock_guard lock(mutex);
                left.insert(shared_key);
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(ListAll(1000).size(), left.size());
}

TEST_P(StoreSuite, ListsEveryCopyOnceInTheOrderOfKeys) {
    std::set<std::string> keys;
    for (size_t i = 0; i < 100; ++i)
        keys.insert(Put(RandomText(i % 4 == 0 ? 300'000 : 50 * i, i)));
    for (const size_t limit : {size_t{1}, size_t{7}, size_t{100}, size_t{1000}}) {
        std::vector<std::string> listed;
        for (const store::ListedCopy& copy : ListAll(limit)) {
            const store::CopyStat stat = RunTask(store().Stat(copy.key)).value();
            EXPECT_EQ(copy.stat.size_bytes, stat.size_bytes);
            EXPECT_EQ(copy.stat.sha256, stat.sha256);
            listed.push_back(copy.key);
        }
        EXPECT_EQ(listed, std::vector<std::string>(keys.begin(), keys.end()));
    }
}

TEST_P(StoreSuite, AListingGoesOnAfterACursorThatWasRemoved) {
    for (size_t i = 0; i < 10; ++i)
        Put(RandomText(i % 2 == 0 ? 300'000 : 50, i));
    const store::ListPage first = RunTask(store().List("", 5)).value();
    for (const store::ListedCopy& copy : first.copies) {
        ASSERT_TRUE(RunTask(store().Remove(copy.key)));
    }
    EXPECT_EQ(RunTask(store().List(first.next_cursor, 100)).value().copies.size(), 5u);
}

}  // namespace coffer::testing
