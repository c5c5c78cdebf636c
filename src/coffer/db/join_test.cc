// Rows that one statement finds in several tables.
#include "coffer/db/join.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/temporary_directory.h"

namespace coffer::db {
namespace {

using enum ColumnKind;
using ::testing::ElementsAre;

const Table kShelves("shelves", 1, {{"id", kInt}, {"label", kText}});
const Table kBooks("books", 1, {{"id", kInt}, {"shelf", kIntOrNull}, {"title", kText}});

const Join kBooksByShelf({{kShelves, "s"}, {kBooks, "b"}},
                         "shelves s LEFT JOIN books b ON b.shelf = s.id WHERE s.id >= $1 "
                         "ORDER BY s.id, b.id");

class JoinTest : public ::testing::Test {
  protected:
    JoinTest() {
        database_ = OpenSqlite(directory_.path() + "/books.db", {}).value();
        Write([](Transaction& tx) -> Result<> {
            TRY(
                tx.Execute("CREATE TABLE shelves (id BIGINT PRIMARY KEY, label TEXT, crc BIGINT);"
                           "CREATE TABLE books (id BIGINT PRIMARY KEY, shelf BIGINT, title TEXT, "
                           "crc BIGINT)",
                           {}));
            TRY(kShelves.Insert(tx, {int64_t{1}, "oak"}));
            TRY(kShelves.Insert(tx, {int64_t{2}, "elm"}));
            TRY(kBooks.Insert(tx, {int64_t{10}, int64_t{1}, "A"}));
            return kBooks.Insert(tx, {int64_t{11}, int64_t{1}, "B"});
        });
    }

    void Write(const std::function<Result<>(Transaction&)>& fn) {
        const Result<> done = database_->WriteBlocking(fn);
        ASSERT_TRUE(done) << done.error().ToString();
    }

    void Run(std::string_view sql) {
        Write([&](Transaction& tx) -> Result<> {
            TRY(tx.Execute(sql, {}));
            return Ok();
        });
    }

    // "shelf: title" of all rows from shelf `from` on.
    Result<std::vector<std::string>> Titles(int64_t from) {
        std::vector<std::string> titles;
        TRY(database_->ReadBlocking([&](Transaction& tx) {
            return kBooksByShelf.Query(tx, {from}, [&](Join::Rows rows) {
                titles.push_back(std::string(rows[0]->Text(1)) + ": " +
                                 (rows[1] ? std::string(rows[1]->Text(2)) : "nothing"));
                return true;
            });
        }));
        return titles;
    }

    testing::TemporaryDirectory directory_;
    std::unique_ptr<Database> database_;
};

TEST_F(JoinTest, GivesTheRowsThatBelongTogether) {
    EXPECT_THAT(Titles(1).value(), ElementsAre("oak: A", "oak: B", "elm: nothing"));
    EXPECT_THAT(Titles(2).value(), ElementsAre("elm: nothing"));
    EXPECT_THAT(Titles(3).value(), ElementsAre());
}

TEST_F(JoinTest, ARowOfAnyMemberWithAnyColumnChangedIsCorrupt) {
    for (const std::string_view change :
         {"shelves SET label = 'oah' WHERE id = 1", "shelves SET crc = NULL WHERE id = 1",
          "books SET title = 'C' WHERE id = 10", "books SET title = NULL WHERE id = 10",
          "books SET crc = NULL WHERE id = 10", "books SET shelf = 2 WHERE id = 10"}) {
        ASSERT_TRUE(Titles(1));
        Run("CREATE TABLE kept_shelves AS SELECT * FROM shelves;"
            "CREATE TABLE kept_books AS SELECT * FROM books");
        Run("UPDATE " + std::string(change));
        const uint64_t before = DamagedRows();
        const auto titles = Titles(1);
        ASSERT_FALSE(titles) << change;
        EXPECT_EQ(titles.error().kind(), ErrorKind::kCorrupt);
        EXPECT_EQ(DamagedRows(), before + 1);
        Run("DELETE FROM shelves; INSERT INTO shelves SELECT * FROM kept_shelves;"
            "DELETE FROM books; INSERT INTO books SELECT * FROM kept_books;"
            "DROP TABLE kept_shelves; DROP TABLE kept_books");
    }
}

TEST_F(JoinTest, EndsWhereItIsToldTo) {
    int rows = 0;
    const Result<> failed = database_->ReadBlocking([&](Transaction& tx) {
        return kBooksByShelf.Query(tx, {int64_t{1}}, [&](Join::Rows) -> Result<bool> {
            if (++rows == 2) return Error(ErrorKind::kConflict, "enough");
            return true;
        });
    });
    EXPECT_EQ(failed.error().kind(), ErrorKind::kConflict);
    EXPECT_EQ(rows, 2);
}

}  // namespace
}  // namespace coffer::db
