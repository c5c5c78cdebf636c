#include <fmt/format.h>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/db/database.h"
#include "coffer/db/table.h"

namespace coffer::db {
namespace {

using enum ColumnKind;

const Table kSchemaVersion("schema_version", 1, {{"version", kInt}, {"what", kText}});

// 0 for a database that has just been made.
Result<int64_t> ReadVersion(Transaction& tx) {
    TRY(
        tx.Execute("CREATE TABLE IF NOT EXISTS schema_version ("
                   "version INTEGER PRIMARY KEY, what TEXT NOT NULL, crc INTEGER NOT NULL)",
                   {}));
    static const std::string kNewest = kSchemaVersion.Select("ORDER BY version DESC LIMIT 1");
    int64_t version = 0;
    TRY(kSchemaVersion.Query(tx, kNewest, {}, [&](const Row& row) {
        version = row.Int(0);
        return false;
    }));
    return version;
}

Result<> Refuse(int64_t found, size_t known) {
    return Error(ErrorKind::kUnsupported,
                 fmt::format("the database has schema version {}, and this program knows versions "
                             "up to {}: start a newer program, or restore a backup made before "
                             "the upgrade",
                             found, known));
}

}  // namespace

Result<> Migrate(Database& database, std::span<const Migration> migrations) {
    for (size_t i = 0; i < migrations.size(); ++i)
        COFFER_CHECK(migrations[i].version == static_cast<int>(i) + 1);

    // Each round is one step, or finds that there is none left.
    for (bool done = false; !done;) {
        TRY(database.WriteBlocking([&](Transaction& tx) -> Result<> {
            TRY(const int64_t version, ReadVersion(tx));
            const auto applied = static_cast<size_t>(version);
            if (applied > migrations.size()) return Refuse(version, migrations.size());
            done = applied == migrations.size();
            if (done) return Ok();
            const Migration& step = migrations[applied];
            Result<int64_t> changed = tx.Execute(step.sql, {});
            if (!changed)
                return changed.error().Wrap(
                    fmt::format("schema version {} ({})", step.version, step.what));
            return kSchemaVersion.Insert(tx, {int64_t{step.version}, step.what});
        }));
    }
    return Ok();
}

}  // namespace coffer::db
