#include "coffer/db/sqlite/sqlite.h"

#include "tests/conformance/database_suite.h"

namespace coffer::db {
namespace {

Result<std::unique_ptr<Database>> OpenInDirectory(const std::string& directory) {
    return OpenSqlite(directory + "/catalog.db", {});
}

INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseSuite, ::testing::Values(&OpenInDirectory));

}  // namespace
}  // namespace coffer::db
