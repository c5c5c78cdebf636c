#include "coffer/store/engine/packs.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "coffer/base/log.h"
#include "coffer/codec/hex.h"
#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"
#include "coffer/store/engine/blob_hasher.h"

#include "tests/support/random_bytes.h"
#include "tests/support/run_task.h"
#include "tests/support/seed.h"

namespace coffer::store::engine {
namespace {

using os::Operation;
using testing::RandomText;
using testing::RunTask;
using testing::TestSeed;

// A record with its digests.
struct Content {
    explicit Content(std::string text) : bytes(std::move(text)) {
        BlobHasher hasher({});
        hasher.Update(AsBytes(bytes));
        sha256 = hasher.Finish().sha256;
        table = hasher.TakeTable();
    }
    NewRecord record() const { return {sha256, AsBytes(bytes), table}; }

    std::string bytes;
    codec::Sha256Digest sha256;
    Bytes table;
};

Task<void> AppendInto(Packs& packs, const Content& content, Result<PackKey>* result) {
    *result = co_await packs.Append(content.record());
}

class PacksTest : public ::testing::Test {
  protected:
    PacksTest() {
        ConfigureLog(LogFormat::kText, LogLevel::kError);
        EXPECT_TRUE(memory_.MakeDirectory("/data"));
        EXPECT_TRUE(memory_.SyncDirectory("/"));
        Open();
    }

    static std::unique_ptr<Packs> OpenOver(os::FileSystem& files) {
        return Packs::Open(files, "/data", {.segment_bytes = 256_KiB, .ahead = false}).value();
    }
    void Open() {
        packs_.reset();
        packs_ = OpenOver(fault_);
    }

    Result<PackKey> Append(const Content& content) {
        return RunTask(packs_->Append(content.record()));
    }
    PackKey Put(const std::string& text) { return Append(Content(text)).value(); }

    static Result<std::string> Get(Packs& packs, const PackKey& key, ByteRange range) {
        Bytes buffer(256_KiB);
        TRY(const ByteView got, packs.Read(key, range, buffer, Access::kBlocking));
        return std::string(AsText(got));
    }
    Result<std::string> Get(const PackKey& key) { return Get(*packs_, key, {0, key.size_bytes}); }
    ErrorKind GetError(const PackKey& key) {
        const auto got = Get(key);
        EXPECT_FALSE(got);
        return got ? ErrorKind::kInternal : got.error().kind();
    }

    static std::set<std::string> KeysOf(const ListPage& page) {
        std::set<std::string> keys;
        for (const ListedCopy& copy : page.copies)
            keys.insert(copy.key);
        return keys;
    }
    std::set<std::string> Listed() { return KeysOf(packs_->List("", 100'000).value()); }

    // Segments 1 to `count`, of each of which one record of several is left; more come after them.
    std::vector<PackKey> MakeFragmented(uint32_t count) {
        std::vector<PackKey> left;
        std::vector<PackKey> rest;
        for (PackKey key = Put(RandomText(50'000, 0)); key.segment <= count;
             key = Put(RandomText(50'000, key.offset + key.segment))) {
            (left.size() < key.segment ? left : rest).push_back(key);
        }
        for (const PackKey& key : rest)
            EXPECT_TRUE(packs_->Remove(key));
        return left;
    }

    // Until nothing is worth moving.
    void CompactAll() {
        Bytes buffer(2_MiB);
        for (bool more = true; more;) {
            const auto found = packs_->ListFragmented(100);
            ASSERT_TRUE(found) << found.error().ToString();
            more = found.value().more;
            std::vector<std::string> keys;
            for (const ListedCopy& copy : found.value().copies)
                keys.push_back(copy.key);
            std::vector<Packs::Loaded> loaded;
            const auto next = packs_->Load(keys, 0, buffer, loaded);
            ASSERT_TRUE(next) << next.error().ToString();
            ASSERT_EQ(next.value(), keys.size());
            ASSERT_TRUE(RunTask(packs_->AppendAll(loaded)));
            for (const Packs::Loaded& one : loaded)
                (void)packs_->Remove(*ParsePackKey(one.key));
        }
    }
    bool Has(uint32_t segment) {
        return memory_.Stat("/data/packs/" + SegmentName(segment)).has_value();
    }

    std::unique_ptr<os::File> SegmentFile(uint32_t number) {
        return memory_.Open("/data/packs/" + SegmentName(number), os::OpenMode::kReadWrite).value();
    }
    size_t SegmentCount() { return memory_.List("/data/packs").value().size(); }

    os::MemoryFileSystem memory_;
    os::FaultFileSystem fault_{memory_};
    std::unique_ptr<Packs> packs_;
};

TEST_F(PacksTest, ARecordIsAsTheDocumentSays) {
    const PackKey key = Put("abc");
    EXPECT_EQ(key, (PackKey{1, 64, 3, 0xba7816bf}));
    Bytes bytes(256);
    ASSERT_TRUE(SegmentFile(1)->ReadAt(0, bytes));
    const SegmentHeader header = DecodeSegmentHeader(ByteView(bytes).first(64)).value();
    EXPECT_EQ(header.number, 1u);
    const auto expected = EncodeRecordHeader({header.id, 64, 3, codec::Sha256(AsBytes("abc"))});
    EXPECT_EQ(codec::ToHex(ByteView(bytes).subspan(64, 64)), codec::ToHex(expected));
    EXPECT_EQ(codec::ToHex(ByteView(bytes).subspan(128, 7)), "b73f4b36616263");
    EXPECT_TRUE(std::all_of(bytes.begin() + 135, bytes.end(),
                            [](std::byte byte) { return byte == std::byte{0}; }));
    EXPECT_EQ(Put("abc").offset, 192u);
}

// The first one holds up the disk until all others wait.
TEST_F(PacksTest, OneSyncServesAllThatWait) {
    Put("makes the segment");
    constexpr size_t kOthers = 63;
    std::vector<Content> contents;
    for (size_t i = 0; i <= kOthers; ++i)
        contents.emplace_back(RandomText(1000 + i, i));
    std::vector<Result<PackKey>> results(contents.size(), PackKey());
    boost::asio::io_context context(1);
    std::mutex mutex;
    std::condition_variable all_wait;
    size_t waiting = 0;
    fault_.SetObserver([&](Operation operation) {
        if (operation != Operation::kSync) return;
        std::unique_lock lock(mutex);
        all_wait.wait(lock, [&] { return waiting == contents.size(); });
    });
    fault_.Clear();
    for (size_t i = 0; i < contents.size(); ++i) {
        boost::asio::co_spawn(context, AppendInto(*packs_, contents[i], &results[i]),
                              boost::asio::detached);
    }
    boost::asio::post(context, [&] {  // after all of them have handed over what they have
        const std::lock_guard lock(mutex);
        waiting = contents.size();
        all_wait.notify_all();
    });
    context.run();
    fault_.SetObserver(nullptr);
    EXPECT_LE(fault_.calls(Operation::kSync), 2u);
    EXPECT_LE(fault_.calls(Operation::kWriteAt), 2u);
    for (size_t i = 0; i < contents.size(); ++i)
        EXPECT_TRUE(Get(results[i].value()).value() == contents[i].bytes);
}

TEST_F(PacksTest, AWriteThatFailsFailsItsBatchAndNothingElse) {
    const PackKey before = Put("before");
    for (const int errno_value : {EIO, ENOSPC}) {
        fault_.Inject({.operation = Operation::kWriteAt, .call = 1, .errno_value = errno_value});
        const auto failed = Append(Content(RandomText(3000, 1)));
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().kind(), errno_value == EIO ? ErrorKind::kIo : ErrorKind::kNoSpace);
        fault_.Clear();
        const PackKey after = Put("after");
        EXPECT_EQ(Get(before).value(), "before");
        EXPECT_EQ(Get(after).value(), "after");
        EXPECT_TRUE(Listed().contains(ToString(after)));
    }
}

void AppendWithFailingSync(uint64_t call) {
    os::MemoryFileSystem memory;
    EXPECT_TRUE(memory.MakeDirectory("/data"));
    os::FaultFileSystem fault(memory);
    const auto packs = Packs::Open(fault, "/data", {.ahead = false}).value();
    fault.Inject({.operation = Operation::kSync, .call = call, .errno_value = EIO});
    (void)RunTask(packs->Append(Content("x").record()));
}

// Of the zeros, of the segment's header, of the record.
TEST(PacksDeathTest, ASyncThatFailsEndsTheProcess) {
    for (const uint64_t call : {1, 2, 3})
        EXPECT_DEATH(AppendWithFailingSync(call), "durable");
}

TEST_F(PacksTest, ReadsOfSmallRecordsCostOneCall) {
    const std::string text = RandomText(100'000, 3);
    const PackKey key = Put(text);
    fault_.Clear();
    EXPECT_TRUE(Get(key).value() == text);
    EXPECT_EQ(Get(*packs_, key, {70'000, 10}).value(), text.substr(70'000, 10));
    EXPECT_EQ(fault_.calls(), 2u);
    EXPECT_EQ(fault_.calls(Operation::kReadAt), 2u);
}

TEST_F(PacksTest, WhatIsNotOpenIsNotReadInPlace) {
    const PackKey key = Put("abc");
    Open();
    Bytes buffer(256_KiB);
    EXPECT_EQ(packs_->Read(key, {0, 3}, buffer, Access::kCached).error().kind(), ErrorKind::kBusy);
    EXPECT_EQ(Get(key).value(), "abc");
    EXPECT_TRUE(packs_->Read(key, {0, 3}, buffer, Access::kCached));
}

// Linux 5.9 and 5.10 do that.
TEST_F(PacksTest, TooFewBytesFromTheCacheAreBusyAndNotDamage) {
    const std::string text = RandomText(70'000, 1);
    const PackKey key = Put(text);
    Bytes buffer(256_KiB);
    for (const size_t bytes : {0, 10, 1000}) {
        fault_.Inject(
            {.operation = Operation::kReadCachedAt, .for_ever = true, .short_read_bytes = bytes});
        const auto got = packs_->Read(key, {0, key.size_bytes}, buffer, Access::kCached);
        EXPECT_EQ(got.error().kind(), ErrorKind::kBusy) << bytes;
        EXPECT_EQ(packs_->Stat(key, Access::kCached).has_value(), bytes == 1000);
        EXPECT_TRUE(Get(key).value() == text);
        EXPECT_EQ(packs_->Stat(key, Access::kBlocking).value().size_bytes, text.size());
    }
    // Where the file does end there, the read that may wait says so.
    fault_.Clear();
    ASSERT_TRUE(SegmentFile(1)->Truncate(key.offset + 1000));
    const auto got = packs_->Read(key, {0, key.size_bytes}, buffer, Access::kCached);
    EXPECT_EQ(got.error().kind(), ErrorKind::kBusy);
    EXPECT_EQ(GetError(key), ErrorKind::kCorrupt);
}

TEST_F(PacksTest, ASegmentGoesWithItsLastRecord) {
    std::vector<PackKey> first;
    PackKey key = Put(RandomText(50'000, 0));
    for (size_t i = 1; key.segment == 1; ++i) {
        first.push_back(key);
        key = Put(RandomText(50'000, i));
    }
    ASSERT_EQ(SegmentCount(), 2u);
    for (const PackKey& record : first) {
        EXPECT_EQ(SegmentCount(), 2u);
        ASSERT_TRUE(packs_->Remove(record));
    }
    EXPECT_EQ(SegmentCount(), 1u);
    EXPECT_EQ(GetError(first[0]), ErrorKind::kNotFound);
    EXPECT_EQ(packs_->Remove(first[0]).error().kind(), ErrorKind::kNotFound);
    EXPECT_TRUE(Get(key));
    // Its number is not given again.
    while (key.segment == 2)
        key = Put(RandomText(50'000, 99));
    EXPECT_EQ(key.segment, 3u);
}

TEST_F(PacksTest, TheNextProcessGoesOnWhereThisOneEnded) {
    const PackKey first = Put("first");
    for (int times = 0; times < 3; ++times) {
        Open();
        const PackKey next = Put(std::string(300, '\0'));  // ends in zeros, as what is free does
        EXPECT_EQ(next.segment, first.segment);
        EXPECT_EQ(Get(next).value(), std::string(300, '\0'));
    }
    EXPECT_EQ(Get(first).value(), "first");
    EXPECT_EQ(Listed().size(), 4u);
}

TEST_F(PacksTest, WhatACrashLeftHalfIsNotServedNotListedAndNotWrittenOver) {
    const PackKey sound = Put(RandomText(1000, 1));
    const PackKey torn = Put(RandomText(1000, 2));
    const PackKey headless = Put(RandomText(1000, 3));
    const auto file = SegmentFile(1);
    const Bytes zeros(512);
    ASSERT_TRUE(file->WriteAt(torn.offset + 200, zeros));
    ASSERT_TRUE(file->WriteAt(headless.offset, ByteView(zeros).first(64)));
    Open();
    EXPECT_EQ(GetError(torn), ErrorKind::kCorrupt);
    EXPECT_EQ(GetError(headless), ErrorKind::kCorrupt);
    const PackKey next = Put(RandomText(5000, 4));
    EXPECT_GE(next.offset, headless.offset + 1000);
    EXPECT_TRUE(Get(next).value() == RandomText(5000, 4));
    EXPECT_TRUE(Get(sound));
    EXPECT_EQ(Listed(), (std::set{ToString(sound), ToString(torn), ToString(next)}));
}

TEST_F(PacksTest, ContentThatLooksLikeARecordIsNotListed) {
    const PackKey key = Put("abc");
    Bytes segment(4096);
    ASSERT_TRUE(SegmentFile(1)->ReadAt(0, segment));
    // Whatever its position: inside a content, and where a header is damaged before it.
    const PackKey copy = Put(std::string(AsText(segment)));
    ASSERT_TRUE(SegmentFile(1)->WriteAt(copy.offset, AsBytes("damaged")));
    EXPECT_EQ(Listed(), std::set{ToString(key)});
}

TEST_F(PacksTest, AnotherRecordInItsPlaceIsCorrupt) {
    const PackKey one = Put("one");
    const PackKey two = Put("two");
    for (PackKey wrong : {PackKey{1, two.offset, 3, one.tag}, PackKey{1, one.offset, 4, one.tag},
                          PackKey{1, 65'536, 3, one.tag}, PackKey{1, 1_GiB, 3, one.tag}}) {
        EXPECT_EQ(GetError(wrong), ErrorKind::kCorrupt) << ToString(wrong);
        EXPECT_EQ(packs_->Remove(wrong).error().kind(), ErrorKind::kCorrupt);
    }
    EXPECT_EQ(GetError({7, one.offset, 3, one.tag}), ErrorKind::kNotFound);
    // A segment under another's name, or a record of another's segment.
    Bytes record(128);
    ASSERT_TRUE(SegmentFile(1)->ReadAt(one.offset, record));
    Open();
    packs_.reset();
    ASSERT_TRUE(memory_.Rename("/data/packs/00000001.pack", "/data/packs/00000005.pack"));
    packs_ = OpenOver(fault_);
    EXPECT_EQ(GetError({5, one.offset, 3, one.tag}), ErrorKind::kCorrupt);
    const PackKey other = Put("other");
    ASSERT_NE(other.segment, 5u);
    ASSERT_TRUE(SegmentFile(other.segment)->WriteAt(one.offset, record));
    EXPECT_EQ(GetError({other.segment, one.offset, 3, one.tag}), ErrorKind::kCorrupt);
}

TEST_F(PacksTest, AFlippedBitOrACutIsNeverServed) {
    const uint64_t seed = TestSeed();
    std::mt19937_64 random(seed);
    std::map<uint32_t, std::pair<PackKey, std::string>> records;  // by where they end
    for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, size_t{4096}, size_t{70'000}}) {
        const std::string text = RandomText(size, size);
        const PackKey key = Put(text);
        records[key.offset + static_cast<uint32_t>(RecordBytes(size))] = {key, text};
    }
    const uint32_t end = records.rbegin()->first;
    const auto file = SegmentFile(1);
    for (int i = 0; i < 5000; ++i) {
        // The small ones as often as the large one.
        const uint32_t limit = i % 2 == 0 ? 5000 : end;
        const auto offset =
            static_cast<uint32_t>(kSegmentHeaderBytes + random() % (limit - kSegmentHeaderBytes));
        std::byte before{};
        ASSERT_TRUE(file->ReadAt(offset, ByteSpan(&before, 1)));
        const std::byte after = before ^ std::byte{1} << random() % 8;
        ASSERT_TRUE(file->WriteAt(offset, ByteView(&after, 1)));
        ASSERT_TRUE(file->Sync());  // or the memory of what was written grows
        const auto& [key, text] = records.upper_bound(offset)->second;
        const auto got = Get(key);
        const bool padding = offset >= key.offset + ContentOffset(text.size()) + text.size();
        ASSERT_EQ(got.has_value(), padding) << offset;
        if (got) ASSERT_TRUE(got.value() == text);
        ASSERT_TRUE(file->WriteAt(offset, ByteView(&before, 1)));
    }
    for (uint32_t length = end / 512 * 512; length >= 512; length -= 512) {
        ASSERT_TRUE(file->Truncate(length));
        for (const auto& [record_end, record] : records) {
            const auto got = Get(record.first);
            if (got) {
                EXPECT_TRUE(got.value() == record.second);
            } else {
                EXPECT_EQ(got.error().kind(), ErrorKind::kCorrupt);
            }
            const uint64_t used =
                record.first.offset + ContentOffset(record.second.size()) + record.second.size();
            EXPECT_EQ(got.has_value(), used <= length) << length;
        }
    }
}

// The power goes off before any call to the file system, with any part of what was not synced.
TEST_F(PacksTest, APowerLossAnywhereLosesNothingThatWasAcknowledged) {
    const uint64_t seed = TestSeed();
    std::mt19937_64 random(seed);
    std::map<std::string, std::string> acknowledged;
    std::set<std::string> removed;  // may be there, or not
    size_t power_losses = 0;
    const auto check = [&](std::optional<uint64_t> crash_seed) {
        ++power_losses;
        const auto after = memory_.AfterCrash(crash_seed);
        const auto packs = OpenOver(*after);
        const Content more(RandomText(2000, random()));
        const PackKey next = RunTask(packs->Append(more.record())).value();
        const std::set<std::string> listed = KeysOf(packs->List("", 100'000).value());
        for (const auto& [key, text] : acknowledged) {
            const auto got = Get(*packs, *ParsePackKey(key), {0, text.size()});
            ASSERT_TRUE(got) << key << ": " << got.error().ToString();
            ASSERT_TRUE(got.value() == text);
            ASSERT_TRUE(listed.contains(key)) << key;
        }
        ASSERT_TRUE(Get(*packs, next, {0, more.bytes.size()}).value() == more.bytes);
    };
    fault_.SetObserver([&](Operation) {
        check(std::nullopt);
        check(random());
    });
    for (int step = 0; step < 60 && !HasFatalFailure(); ++step) {
        if (random() % 3 == 0 && !acknowledged.empty()) {
            auto victim = acknowledged.begin();
            std::advance(victim, random() % acknowledged.size());
            const PackKey key = *ParsePackKey(victim->first);
            acknowledged.erase(victim);
            ASSERT_TRUE(packs_->Remove(key));
        } else if (random() % 12 == 0) {
            fault_.SetObserver(nullptr);
            memory_.Crash(random());
            Open();
            fault_.SetObserver([&](Operation) { check(random()); });
        } else {
            const std::string text = RandomText(random() % 30'000, random());
            acknowledged[ToString(Put(text))] = text;
        }
    }
    fault_.SetObserver(nullptr);
    EXPECT_GT(power_losses, 60u);
}

// The process before was killed after a segment got its name, and before that was durable.
TEST_F(PacksTest, ASegmentsNameIsDurableBeforeItIsAppendedTo) {
    std::unique_ptr<os::MemoryFileSystem> killed;
    fault_.SetObserver([&](Operation operation) {
        if (operation == Operation::kSyncDirectory) killed = memory_.AfterKill();
    });
    Put("makes the segment");
    fault_.SetObserver(nullptr);
    ASSERT_TRUE(killed->Stat("/data/packs/00000001.pack"));
    const Content content("abc");
    const PackKey key = RunTask(OpenOver(*killed)->Append(content.record())).value();
    EXPECT_EQ(key.segment, 1u);
    killed->Crash();
    EXPECT_EQ(Get(*OpenOver(*killed), key, {0, 3}).value(), "abc");
}

// So is a removal, after an end in good order.
TEST_F(PacksTest, ARemovalOfTheProcessBeforeIsSyncedToo) {
    const PackKey key = Put("abc");
    ASSERT_TRUE(packs_->Remove(key));
    Open();  // without a word
    ASSERT_TRUE(packs_->SyncRemovals());
    memory_.Crash();
    Open();
    EXPECT_EQ(GetError(key), ErrorKind::kNotFound);
}

TEST_F(PacksTest, ASegmentThatIsLostKeepsNoOtherFromBeingEmptied) {
    MakeFragmented(3);
    Open();
    ASSERT_TRUE(memory_.Remove("/data/packs/" + SegmentName(1)));
    CompactAll();
    EXPECT_FALSE(Has(2));
    EXPECT_FALSE(Has(3));
    EXPECT_TRUE(Has(4));
}

TEST_F(PacksTest, ASegmentThatIsLostHidesNoOtherFromWhoLists) {
    const std::vector<PackKey> left = MakeFragmented(3);
    Open();
    ASSERT_TRUE(memory_.Remove("/data/packs/" + SegmentName(2)));
    ::testing::internal::CaptureStderr();
    std::set<std::string> listed;
    std::string cursor;
    bool left_out = false;
    do {
        const auto page = packs_->List(cursor, 1);
        ASSERT_TRUE(page) << page.error().ToString();
        left_out = left_out || !page.value().left_out.empty();
        listed.merge(KeysOf(page.value()));
        cursor = page.value().next_cursor;
    } while (!cursor.empty());
    Listed();
    const std::string log = ::testing::internal::GetCapturedStderr();
    EXPECT_TRUE(listed.contains(ToString(left[0])));
    EXPECT_FALSE(listed.contains(ToString(left[1])));
    EXPECT_TRUE(listed.contains(ToString(left[2])));
    EXPECT_TRUE(left_out);
    EXPECT_EQ(packs_->stats().unreadable, 1u);
    // Once, however often it is asked for.
    EXPECT_NE(log.find(SegmentName(2)), std::string::npos) << log;
    EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
}

TEST_F(PacksTest, ASegmentThatReadsAgainIsNotCountedAnyMore) {
    const std::string key = ToString(Put("abc"));
    Open();
    fault_.Inject({.operation = Operation::kReadAt, .call = 1, .errno_value = EIO});
    const ListPage page = packs_->List("", 10).value();
    ASSERT_EQ(page.left_out.size(), 1u);
    EXPECT_TRUE(key.starts_with(page.left_out[0].part)) << page.left_out[0].part;
    EXPECT_EQ(packs_->stats().unreadable, 1u);
    fault_.Clear();
    EXPECT_EQ(Listed(), std::set{key});
    EXPECT_EQ(packs_->stats().unreadable, 0u);
}

// It is there, and the next call would find it.
TEST_F(PacksTest, ASegmentThatFindsNoDescriptorIsNotPassedOver) {
    const std::string key = ToString(Put("abc"));
    Open();
    fault_.Inject({.operation = Operation::kOpen, .call = 1, .errno_value = EMFILE});
    EXPECT_EQ(packs_->List("", 10).error().kind(), ErrorKind::kBusy);
    EXPECT_EQ(Listed(), std::set{key});
}

// At any of the reads of a compaction: where it counts, lists and loads.
TEST_F(PacksTest, AReadThatFailsKeepsNoOtherSegmentFromBeingEmptied) {
    size_t left = 0;
    for (uint64_t call = 1;; ++call) {
        packs_.reset();
        const auto entries = memory_.List("/data/packs").value();
        for (const os::DirectoryEntry& entry : entries)
            ASSERT_TRUE(memory_.Remove("/data/packs/" + entry.name));
        Open();
        const std::vector<PackKey> records = MakeFragmented(3);
        Open();
        Put("the last segment is read");
        fault_.Inject({.operation = Operation::kReadAt, .call = call, .errno_value = EIO});
        CompactAll();
        if (HasFatalFailure() || !fault_.struck()) break;
        fault_.Clear();
        const size_t stay = std::ranges::count_if(
            records, [&](const PackKey& record) { return Has(record.segment); });
        EXPECT_LE(stay, 1u) << call;
        left += stay;
    }
    fault_.Clear();
    EXPECT_GT(left, 5u);
}

TEST_F(PacksTest, ASegmentThatFindsNoDescriptorIsEmptiedLater) {
    MakeFragmented(1);
    Open();
    fault_.Inject({.operation = Operation::kOpen, .call = 1, .errno_value = EMFILE});
    EXPECT_EQ(packs_->ListFragmented(100).error().kind(), ErrorKind::kBusy);
    CompactAll();
    EXPECT_FALSE(Has(1));
}

// At any of the reads of the call that is to take it away.
TEST_F(PacksTest, AnEmptySegmentThatCanNotBeCountedNowGoesLater) {
    uint64_t call = 1;
    PackKey key = Put(RandomText(50'000, 0));
    for (bool struck = true; struck; ++call) {
        // While it is the last one it stays, though nothing is left of it.
        const uint32_t emptied = key.segment;
        while (key.segment == emptied) {
            ASSERT_TRUE(packs_->Remove(key));
            key = Put(RandomText(50'000, key.offset));
        }
        ASSERT_TRUE(Has(emptied));
        fault_.Inject({.operation = Operation::kReadAt, .call = call, .errno_value = EMFILE});
        const auto listed = packs_->ListFragmented(100);
        struck = fault_.struck().has_value();
        fault_.Clear();
        EXPECT_EQ(listed.has_value(), !struck) << call;
        if (struck) {
            EXPECT_EQ(listed.error().kind(), ErrorKind::kBusy) << call;
            EXPECT_TRUE(packs_->ListFragmented(100));
        }
        EXPECT_FALSE(Has(emptied)) << call;
    }
    EXPECT_GT(call, 3u);  // it lists, and it counts
}

TEST_F(PacksTest, ADeferredSegmentComesAfterTheOthersOrOnceItHasChanged) {
    std::map<uint32_t, std::vector<PackKey>> records;
    for (PackKey key = Put(RandomText(20'000, 0)); key.segment <= 2;
         key = Put(RandomText(20'000, key.offset + key.segment))) {
        records[key.segment].push_back(key);
    }
    for (const auto& [number, keys] : records) {
        for (size_t i = 4 - number; i < keys.size(); ++i)
            ASSERT_TRUE(packs_->Remove(keys[i]));
    }
    // From which segment, and how many of it.
    const auto listed = [&]() -> std::pair<uint32_t, size_t> {
        const Fragmented found = packs_->ListFragmented(100).value();
        EXPECT_EQ(found.copies.empty(), !found.more);
        if (found.copies.empty()) return {0, 0};
        return {ParsePackKey(found.copies[0].key)->segment, found.copies.size()};
    };
    EXPECT_EQ(listed(), (std::pair<uint32_t, size_t>(2, 2)));
    packs_->Defer(2);
    EXPECT_EQ(listed(), (std::pair<uint32_t, size_t>(1, 3)));
    ASSERT_TRUE(packs_->Remove(records[2][0]));
    EXPECT_EQ(listed(), (std::pair<uint32_t, size_t>(2, 1)));
    packs_->Defer(2);
    packs_->Defer(1);
    EXPECT_EQ(listed(), (std::pair<uint32_t, size_t>(0, 0)));
    EXPECT_EQ(listed(), (std::pair<uint32_t, size_t>(2, 1)));
}

TEST_F(PacksTest, ADiskThatIsFullRefusesAndLivesOn) {
    const PackKey before = Put("before");
    // No segment can be made; the one that is there has room.
    fault_.Inject({.operation = Operation::kCreateTemporary,
                   .call = 1,
                   .errno_value = ENOSPC,
                   .for_ever = true});
    PackKey last = before;
    Result<PackKey> next = last;
    while ((next = Append(Content(RandomText(20'000, 5)))))
        last = next.value();
    EXPECT_EQ(next.error().kind(), ErrorKind::kNoSpace);
    EXPECT_EQ(Append(Content("x")).error().kind(), ErrorKind::kNoSpace);
    EXPECT_EQ(Get(before).value(), "before");
    EXPECT_TRUE(packs_->Remove(last));
    fault_.Clear();
    EXPECT_EQ(Get(Put("after")).value(), "after");
}

}  // namespace
}  // namespace coffer::store::engine
