#include "coffer/catalog/verify.h"

#include <utility>

#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

constexpr size_t kRowsPerRead = 10'000;

}  // namespace

Task<Result<Verified>> Verify(db::Database& database) {
    Verified verified;
    for (const db::Table* table : AllTables()) {
        db::Table::Progress progress;
        while (!progress.done) {
            CO_TRY(progress,
                   co_await database.Read(db::Cost::kScan,
                                          [&](db::Transaction& tx) -> Result<db::Table::Progress> {
                                              db::Table::Progress next = progress;
                                              TRY(table->Check(tx, kRowsPerRead, next));
                                              return next;
                                          }));
        }
        verified.rows += progress.rows;
        verified.damaged_rows += progress.damaged;
    }
    CO_TRY(verified.structure, co_await database.Read(db::Cost::kScan, [](db::Transaction& tx) {
        return tx.CheckStructure();
    }));
    co_return std::move(verified);
}

}  // namespace coffer::catalog
