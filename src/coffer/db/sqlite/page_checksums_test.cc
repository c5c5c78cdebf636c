#include "coffer/db/sqlite/page_checksums.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/seed.h"
#include "tests/support/temporary_directory.h"

namespace coffer::db {
namespace {

constexpr int64_t kRows = 2000;
constexpr uint64_t kPageBytes = 4096;

// A table whose rows are found by a tree of several levels, and by an index.
class PageChecksums : public ::testing::Test {
  protected:
    PageChecksums() {
        auto database = OpenSqlite(path_, {}).value();
        EXPECT_TRUE(database->WriteBlocking([](Transaction& tx) -> Result<> {
            TRY(
                tx.Execute("CREATE TABLE items (id INTEGER NOT NULL, name TEXT NOT NULL, "
                           "PRIMARY KEY (id)) WITHOUT ROWID",
                           {}));
            TRY(tx.Execute("CREATE INDEX items_by_name ON items (name)", {}));
            for (int64_t id = 0; id < kRows; ++id) {
                TRY(tx.Execute("INSERT INTO items (id, name) VALUES ($1, $2)", {id, NameOf(id)}));
            }
            return Ok();
        }));
        database.reset();
        whole_ = Load();
    }

    static std::string NameOf(int64_t id) {
        return "a name that takes some space, of " + std::to_string(id * 7919 % kRows);
    }

    std::string Load() {
        std::ifstream in(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void Save(const std::string& bytes) {
        std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    }

    // How many rows it does not find, though nothing fails; by either tree.
    Result<int64_t> CountMissing() {
        TRY(const auto database, OpenSqlite(path_, {}));
        int64_t found = 0;
        TRY(database->ReadBlocking([&](Transaction& tx) -> Result<> {
            found = 0;
            const auto count = [&](const Row&) { return ++found, true; };
            for (int64_t id = 0; id < kRows; id += 5) {
                TRY(tx.Query("SELECT 1 FROM items WHERE id = $1", {id}, count));
                TRY(tx.Query("SELECT 1 FROM items WHERE name = $1", {NameOf(id)}, count));
            }
            return Ok();
        }));
        return kRows / 5 * 2 - found;
    }

    testing::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/catalogue.db";
    std::string whole_;
};

TEST_F(PageChecksums, OfAWholeFileMatch) {
    EXPECT_EQ(CountMissing().value(), 0);
    EXPECT_GT(whole_.size(), 50 * kPageBytes);
}

TEST_F(PageChecksums, NoFlippedBitHidesARow) {
    std::mt19937_64 random(testing::TestSeed());
    int noticed = 0;
    for (int i = 0; i < 60; ++i) {
        std::string bytes = whole_;
        const size_t at = random() % bytes.size();
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
        Save(bytes);
        const auto missing = CountMissing();
        if (missing) {
            EXPECT_EQ(missing.value(), 0) << "byte " << at;
        } else {
            ++noticed;
            // What is in the first page may make it look like another program's.
            if (at >= kPageBytes) EXPECT_EQ(missing.error().kind(), ErrorKind::kCorrupt);
        }
    }
    EXPECT_GT(noticed, 0);
}

TEST_F(PageChecksums, NoticeAPageInThePlaceOfAnother) {
    // Of the same tree: each is whole.
    std::string bytes = whole_;
    const std::string page = bytes.substr(20 * kPageBytes, kPageBytes);
    bytes.replace(21 * kPageBytes, kPageBytes, page);
    Save(bytes);
    const auto missing = CountMissing();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind(), ErrorKind::kCorrupt);
}

TEST_F(PageChecksums, AreNotLeftOut) {
    std::string bytes = whole_;
    bytes[20] = 0;  // "no bytes are reserved"
    Save(bytes);
    const auto missing = CountMissing();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace coffer::db
