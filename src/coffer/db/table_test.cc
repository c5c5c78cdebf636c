// Rows that changed behind the back of their checksum are found, whatever changed in them.
#include "coffer/db/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/codec/digest.h"
#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/temporary_directory.h"

namespace coffer::db {
namespace {

using enum ColumnKind;

const Table kThings("things", 2,
                    {{"id", kInt},
                     {"name", kBytes},
                     {"label", kText, true},
                     {"size", kIntOrNull, true},
                     {"extra", kBytesOrNull}});

class TableTest : public ::testing::Test {
  protected:
    TableTest() {
        database_ = OpenSqlite(directory_.path() + "/things.db", {}).value();
        Run("CREATE TABLE things (id BIGINT, name BLOB, label TEXT, size BIGINT, extra BLOB, "
            "crc BIGINT, PRIMARY KEY (id, name))");
    }

    void Run(std::string_view sql) {
        const Result<> done = Write([&](Transaction& tx) -> Result<> {
            TRY(tx.Execute(sql, {}));
            return Ok();
        });
        ASSERT_TRUE(done) << done.error().ToString();
    }

    Result<> Write(const std::function<Result<>(Transaction&)>& fn) {
        return database_->WriteBlocking(fn);
    }

    // The labels of all rows.
    Result<std::vector<std::string>> Labels() {
        static const std::string kAll = kThings.Select("ORDER BY id, name");
        std::vector<std::string> labels;
        TRY(database_->ReadBlocking([&](Transaction& tx) {
            return kThings.Query(tx, kAll, {}, [&](const Row& row) {
                labels.emplace_back(row.Text(2));
                return true;
            });
        }));
        return labels;
    }

    void InsertTwo() {
        ASSERT_TRUE(Write([](Transaction& tx) -> Result<> {
            TRY(kThings.Insert(tx, {int64_t{1}, AsBytes("a\xff"), "one", int64_t{-7},
                                    AsBytes(std::string(2000, 'x'))}));
            return kThings.Insert(tx, {int64_t{2}, AsBytes(""), "", nullptr, nullptr});
        }));
    }

    testing::TemporaryDirectory directory_;
    std::unique_ptr<Database> database_;
};

TEST_F(TableTest, GivesBackWhatWasWritten) {
    InsertTwo();
    EXPECT_THAT(Labels().value(), ::testing::ElementsAre("one", ""));
    ASSERT_TRUE(Write([](Transaction& tx) {
        return kThings.Put(tx, {int64_t{2}, AsBytes(""), "two", int64_t{9}, nullptr});
    }));
    ASSERT_TRUE(Write([](Transaction& tx) {
        return kThings.Put(tx, {int64_t{3}, AsBytes(""), "three", int64_t{0}, AsBytes("")});
    }));
    EXPECT_THAT(Labels().value(), ::testing::ElementsAre("one", "two", "three"));
}

TEST_F(TableTest, ARowWithAnyColumnChangedIsCorrupt) {
    for (const std::string_view change :
         {"id = 3", "name = x'61fe'", "name = x''", "label = 'onf'", "label = ''", "size = -6",
          "size = NULL", "extra = NULL", "extra = zeroblob(2000)", "crc = crc + 1"}) {
        InsertTwo();
        ASSERT_TRUE(Labels());
        Run("UPDATE things SET " + std::string(change) + " WHERE id = 1");
        const uint64_t before = DamagedRows();
        const auto labels = Labels();
        ASSERT_FALSE(labels) << change;
        EXPECT_EQ(labels.error().kind(), ErrorKind::kCorrupt);
        EXPECT_THAT(labels.error().message(), ::testing::HasSubstr("table things"));
        EXPECT_EQ(DamagedRows(), before + 1);
        Run("DELETE FROM things");
    }
}

TEST_F(TableTest, EmptyIsNotNull) {
    InsertTwo();
    Run("UPDATE things SET extra = x'' WHERE id = 2");
    EXPECT_FALSE(Labels());
    Run("UPDATE things SET extra = NULL, size = 0 WHERE id = 2");
    EXPECT_FALSE(Labels());
}

TEST_F(TableTest, ComputesTheChecksumOfTheExampleInTheDocumentation) {
    const Table copies("copies", 2,
                       {{"blob_id", kInt},
                        {"store_id", kInt},
                        {"key", kBytes},
                        {"state", kInt},
                        {"verified_us", kIntOrNull}});
    const Value row[] = {int64_t{7}, int64_t{1}, AsBytes("ba/ba78"), int64_t{0}, nullptr};
    EXPECT_EQ(copies.Checksum(row), 0x42b89ed4);
}

// The bytes that the documentation lists, put together here one by one; long rows and short ones.
TEST_F(TableTest, ComputesTheChecksumOfWhatTheDocumentationSays) {
    const auto head = [](char kind, uint64_t number) {
        std::string bytes(1, kind);
        for (int i = 0; i < 8; ++i, number >>= 8)
            bytes += static_cast<char>(number);
        return bytes;
    };
    std::string text;
    for (size_t size = 0; size < 1200; ++size, text += static_cast<char>('a' + size % 26)) {
        const std::string name = text.substr(0, size % 60);
        const auto number = -static_cast<int64_t>(size) * 0x123456789ab;
        const Value row[] = {int64_t{7}, AsBytes(name), text, nullptr, AsBytes(text)};
        const Value ends_in_null[] = {number, AsBytes(text), name, number, nullptr};
        const std::string table = head(2, 6) + "things";
        const std::string bytes = table + head(1, 7) + head(2, name.size()) + name + head(2, size) +
                                  text + '\0' + head(2, size) + text;
        const std::string shorter = table + head(1, static_cast<uint64_t>(number)) + head(2, size) +
                                    text + head(2, name.size()) + name +
                                    head(1, static_cast<uint64_t>(number));
        ASSERT_EQ(static_cast<uint32_t>(kThings.Checksum(row)), codec::Crc32c(0, AsBytes(bytes)));
        ASSERT_EQ(static_cast<uint32_t>(kThings.Checksum(ends_in_null)),
                  codec::Crc32c(0, AsBytes(shorter)));
    }
}

TEST_F(TableTest, BytesDoNotMoveFromOneColumnToTheNext) {
    const Value one[] = {int64_t{1}, AsBytes("ab"), "c", nullptr, nullptr};
    const Value other[] = {int64_t{1}, AsBytes("a"), "bc", nullptr, nullptr};
    const Value nulls[] = {int64_t{1}, AsBytes("ab"), "c", nullptr, AsBytes("x")};
    const Value shifted[] = {int64_t{1}, AsBytes("ab"), "c", AsBytes("x"), nullptr};
    EXPECT_NE(kThings.Checksum(one), kThings.Checksum(other));
    EXPECT_NE(kThings.Checksum(nulls), kThings.Checksum(shifted));
}

TEST_F(TableTest, ARowOfAnotherTableIsNotTakenForOneOfThis) {
    const Table others("others", 1, {{"id", kInt}});
    const Table things("things", 1, {{"id", kInt}});
    const Value row[] = {int64_t{1}};
    EXPECT_NE(others.Checksum(row), things.Checksum(row));
}

TEST_F(TableTest, AColumnAddedLaterLeavesTheChecksumsOfRowsThatLackIt) {
    const Table longer("things", 2,
                       {{"id", kInt},
                        {"name", kBytes},
                        {"label", kText},
                        {"size", kIntOrNull},
                        {"extra", kBytesOrNull},
                        {"later", kIntOrNull}});
    const Value before[] = {int64_t{1}, AsBytes("a"), "", nullptr, nullptr};
    const Value after[] = {int64_t{1}, AsBytes("a"), "", nullptr, nullptr, nullptr};
    EXPECT_EQ(kThings.Checksum(before), longer.Checksum(after));
}

TEST_F(TableTest, StopsWhereItsCallerSaysSoOrFails) {
    InsertTwo();
    static const std::string kAll = kThings.Select("ORDER BY id");
    int rows = 0;
    const Result<> failed = database_->ReadBlocking([&](Transaction& tx) -> Result<> {
        TRY(kThings.Query(tx, kAll, {}, [&](const Row&) { return ++rows, false; }));
        EXPECT_EQ(rows, 1);
        return kThings.Query(tx, kAll, {}, [](const Row&) -> Result<bool> {
            return Error(ErrorKind::kUnsupported, "of another kind");
        });
    });
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind(), ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace coffer::db
