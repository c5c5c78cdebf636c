// The catalogue's files as a failing disk leaves or shows them, and what a start makes of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "coffer/db/sqlite/sqlite.h"
#include "coffer/os/fault_file_system.h"
#include "coffer/os/memory_file_system.h"

#include "tests/support/file_system_vfs.h"

namespace coffer::testing {
namespace {

using ::testing::ElementsAre;

constexpr char kPath[] = "/catalogue.db";
constexpr char kLogPath[] = "/catalogue.db-wal";

Result<std::unique_ptr<db::Database>> Open(const FileSystemVfs& vfs) {
    TRY(auto database, db::OpenSqlite(kPath, {.files = vfs.sqlite_files()}));
    TRY(database->WriteBlocking([](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("CREATE TABLE IF NOT EXISTS items (id BIGINT PRIMARY KEY)", {}));
        return Ok();
    }));
    return database;
}

Result<> Insert(db::Database& database, int64_t id) {
    return database.WriteBlocking([id](db::Transaction& tx) -> Result<> {
        TRY(tx.Execute("INSERT INTO items (id) VALUES ($1)", {id}));
        return Ok();
    });
}

std::vector<int64_t> Ids(db::Database& database) {
    std::vector<int64_t> ids;
    EXPECT_TRUE(database.ReadBlocking([&](db::Transaction& tx) {
        return tx.Query("SELECT id FROM items ORDER BY id", {},
                        [&](const db::Row& row) { return ids.push_back(row.Int(0)), true; });
    }));
    return ids;
}

// The process ended with the sync of transaction 2. The next one finds it in the system's cache,
// and commits transaction 3 behind it.
TEST(CatalogueLog, ASyncThatFailedTakesNothingAwayThatIsAcknowledgedLater) {
    os::MemoryFileSystem memory;
    os::FaultFileSystem calls(memory);
    std::unique_ptr<os::MemoryFileSystem> left;
    {
        const FileSystemVfs vfs(calls);
        const auto database = Open(vfs).value();
        ASSERT_TRUE(Insert(*database, 1));
        calls.SetObserver([&](os::Operation operation) {
            if (operation == os::Operation::kSync && left == nullptr)
                left = memory.AfterFailedSync(kLogPath);
        });
        ASSERT_TRUE(Insert(*database, 2));
        calls.SetObserver(nullptr);
    }
    ASSERT_NE(left, nullptr);
    const FileSystemVfs vfs(*left);
    const auto database = Open(vfs).value();
    ASSERT_TRUE(Insert(*database, 3));
    const auto after = left->AfterCrash(std::nullopt);
    const FileSystemVfs vfs_after(*after);
    EXPECT_THAT(Ids(*Open(vfs_after).value()), ElementsAre(1, 2, 3));
}

std::string Content(os::FileSystem& files, const std::string& path) {
    const auto file = files.Open(path, os::OpenMode::kRead).value();
    std::string content(file->Size().value(), '\0');
    EXPECT_TRUE(file->ReadAt(0, std::as_writable_bytes(std::span(content))));
    return content;
}

// Whether there is one can't be told, for the file (the first look at it) and for its log.
TEST(CatalogueFile, IsNotMadeAnewWhereItCanNotBeLookedAt) {
    for (const bool file_is_there : {true, false}) {
        os::MemoryFileSystem memory;
        std::unique_ptr<os::MemoryFileSystem> left;
        {
            const FileSystemVfs vfs(memory);
            const auto database = Open(vfs).value();
            ASSERT_TRUE(Insert(*database, 1));
            if (!file_is_there) left = memory.AfterKill();  // with something in the log
        }
        if (file_is_there) left = memory.AfterKill();
        ASSERT_TRUE(left->Remove("/catalogue.db-commits"));
        if (!file_is_there) ASSERT_TRUE(left->Remove(kPath));
        const std::string kept = file_is_there ? kPath : kLogPath;
        const std::string before = Content(*left, kept);
        os::FaultFileSystem calls(*left);
        const FileSystemVfs vfs(calls);
        calls.Inject({.operation = os::Operation::kStat,
                      .call = file_is_there ? uint64_t{1} : uint64_t{2},
                      .errno_value = EIO});
        const auto opened = Open(vfs);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind(), ErrorKind::kIo);
        EXPECT_EQ(left->Stat(kPath).has_value(), file_is_there);
        EXPECT_TRUE(Content(*left, kept) == before);
    }
}

}  // namespace
}  // namespace coffer::testing
