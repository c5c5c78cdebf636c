#include "coffer/store/engine/hash_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "coffer/store/engine/blob_format.h"

#include "tests/support/random_bytes.h"

namespace coffer::store::engine {
namespace {

// Hashes `text` in pieces of `step` bytes, and compares with what one pass over all of it gives.
// `meanwhile`: what is done while a piece is on offer. Returns how many were hashed by then.
size_t ExpectDigests(
    HashPairs& pairs, const std::string& text, size_t step,
    const std::function<void()>& meanwhile = [] {}) {
    size_t done = 0;
    const ByteView bytes = AsBytes(text);
    BlobHasher hasher({.checksum = codec::ChecksumAlgorithm::kCrc32c});
    for (size_t at = 0; at < bytes.size(); at += step) {
        HashPairs::Piece piece(pairs, hasher, bytes.subspan(at, std::min(step, bytes.size() - at)));
        meanwhile();
        if (piece.is_done()) ++done;
        piece.Finish();
    }
    const Digests digests = hasher.Finish();
    BlobHasher alone({.checksum = codec::ChecksumAlgorithm::kCrc32c});
    alone.Update(bytes);
    const Digests expected = alone.Finish();
    EXPECT_EQ(digests.size_bytes, bytes.size());
    EXPECT_EQ(digests.sha256, expected.sha256);
    EXPECT_EQ(digests.md5, expected.md5);
    EXPECT_EQ(digests.checksum, expected.checksum);
    EXPECT_EQ(hasher.TakeTable(), alone.TakeTable());
    return done;
}

TEST(HashPairs, HashesOneByItself) {
    HashPairs pairs;
    for (const size_t size : {size_t{0}, size_t{1}, kChunkBytes, 3 * kChunkBytes + 5})
        ExpectDigests(pairs, testing::RandomText(size, size), 2 * kChunkBytes);
}

// What is on offer is hashed by whoever hashes meanwhile.
TEST(HashPairs, LeavesWhatIsOfferedToAnother) {
    if (!codec::HasSha256Instructions())
        GTEST_SKIP() << "this processor has no instructions for SHA-256";
    HashPairs pairs;
    const std::string text = testing::RandomText(20 * kChunkBytes, 1);
    const std::string longer = testing::RandomText(15 * kChunkBytes, 2);
    const size_t done = ExpectDigests(pairs, text, 10 * kChunkBytes,
                                      [&] { ExpectDigests(pairs, longer, longer.size()); });
    EXPECT_EQ(done, 2u);
    // The rest of the piece is offered again.
    const std::string shorter = testing::RandomText(3 * kChunkBytes + 7, 3);
    const size_t done_by_shorter = ExpectDigests(
        pairs, text, 10 * kChunkBytes, [&] { ExpectDigests(pairs, shorter, shorter.size()); });
    EXPECT_EQ(done_by_shorter, 0u);
}

TEST(HashPairs, TakesAnOfferBack) {
    HashPairs pairs;
    const std::string text = testing::RandomText(5 * kChunkBytes, 1);
    BlobHasher hasher({});
    {
        const HashPairs::Piece given_up(pairs, hasher, AsBytes(text));
    }
    ExpectDigests(pairs, text, kChunkBytes);
}

// Threads offer, take and hand over to each other at any moment; each finds its own digests.
TEST(HashPairs, GivesEachThreadItsOwnDigests) {
    constexpr size_t kThreads = 5;
    HashPairs pairs;
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&pairs, i] {
            std::mt19937_64 random(i);
            for (int round = 0; round < 12; ++round) {
                const std::string text = testing::RandomText(random() % 600'000, i * 100);
                // Whole chunks, as uploads come, and pieces that end inside a block.
                const size_t step = round % 2 == 0 ? 4 * kChunkBytes : 1 + random() % 200'000;
                ExpectDigests(pairs, text, step, [&] {
                    std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
                });
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
}

TEST(HashPairs, HashesWhatCannotBePairedBesideOthers) {
    HashPairs pairs;
    const std::string text = testing::RandomText(2'000'000, 1);
    std::thread other([&] { ExpectDigests(pairs, text, kChunkBytes * 16); });
    const codec::Sha256Digest known{};
    BlobHasher of_source({.sha256_of_source = [&known] { return known; }});
    EXPECT_FALSE(of_source.can_pair());
    HashPairs::Piece(pairs, of_source, AsBytes(text)).Finish();
    EXPECT_EQ(of_source.Finish().size_bytes, text.size());
    other.join();
}

}  // namespace
}  // namespace coffer::store::engine
