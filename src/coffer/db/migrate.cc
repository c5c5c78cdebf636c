#include <fmt/format.h>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/db/database.h"

namespace coffer::db {
namespace {

// 0 for a database that has just been made.
Result<int64_t> ReadVersion(Transaction& tx) {
    TRY(
        tx.Execute("CREATE TABLE IF NOT EXISTS schema_version ("
                   "version BIGINT NOT NULL PRIMARY KEY, what TEXT NOT NULL)",
                   {}));
    int64_t version = 0;
    TRY(tx.Query("SELECT coalesce(max(version), 0) FROM schema_version", {}, [&](const Row& row) {
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
            TRY(tx.Execute("INSERT INTO schema_version (version, what) VALUES ($1, $2)",
                           {int64_t{step.version}, step.what}));
            return Ok();
        }));
    }
    return Ok();
}

}  // namespace coffer::db
