#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <random>

#include "bench/probes/probe.h"

namespace coffer::bench {
namespace {

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

Error Failure(sqlite3* database, std::string_view what) {
    return {ErrorKind::kIo, fmt::format("{}: {}", what, sqlite3_errmsg(database))};
}

Result<> Run(sqlite3* database, const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return Failure(database, sql);
    return Ok();
}

Result<Statement> Prepare(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK)
        return Failure(database, sql);
    return Statement(statement, &sqlite3_finalize);
}

// A blob's row and an object's row under a random key, each about as wide as the catalogue's.
class Rows {
  public:
    static Result<Rows> Open(sqlite3* database) {
        TRY(Statement begin, Prepare(database, "BEGIN IMMEDIATE"));
        TRY(Statement blob, Prepare(database, "INSERT INTO blobs VALUES (NULL, ?, 4096, 1)"));
        TRY(Statement object,
            Prepare(database, "INSERT INTO objects VALUES (1, ?, 1, 4096, ?, 1767323045678000)"));
        TRY(Statement commit, Prepare(database, "COMMIT"));
        return Rows(database, std::move(begin), std::move(blob), std::move(object),
                    std::move(commit));
    }

    Result<> InsertOne() {
        char digest[32];
        for (size_t at = 0; at < sizeof(digest); at += sizeof(uint64_t)) {
            const uint64_t word = random_();
            std::memcpy(digest + at, &word, sizeof(word));
        }
        const std::string key = fmt::format("{:016x}", random_());
        const std::string etag = fmt::format("{:016x}{:016x}", random_(), random_());
        sqlite3_bind_blob(blob_.get(), 1, digest, sizeof(digest), SQLITE_STATIC);
        sqlite3_bind_blob(object_.get(), 1, key.data(), static_cast<int>(key.size()),
                          SQLITE_STATIC);
        sqlite3_bind_text(object_.get(), 2, etag.data(), static_cast<int>(etag.size()),
                          SQLITE_STATIC);
        for (sqlite3_stmt* statement : {begin_.get(), blob_.get(), object_.get(), commit_.get()}) {
            const int status = sqlite3_step(statement);
            sqlite3_reset(statement);
            if (status != SQLITE_DONE) return Failure(database_, "insert");
        }
        return Ok();
    }

  private:
    Rows(sqlite3* database, Statement begin, Statement blob, Statement object, Statement commit)
        : database_(database),
          begin_(std::move(begin)),
          blob_(std::move(blob)),
          object_(std::move(object)),
          commit_(std::move(commit)) {}

    sqlite3* database_;
    Statement begin_;
    Statement blob_;
    Statement object_;
    Statement commit_;
    std::mt19937_64 random_{1};
};

Result<ProbeReport> CommitRows(const std::string& path, const ProbeOptions& options) {
    sqlite3* opened = nullptr;
    const int status = sqlite3_open(path.c_str(), &opened);
    const Database database(opened, &sqlite3_close);
    if (status != SQLITE_OK) return Failure(opened, "open " + path);
    TRY(Run(opened,
            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE blobs (id INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE,"
            " size INTEGER, reference_count INTEGER);"
            "CREATE TABLE objects (bucket INTEGER, key BLOB, blob INTEGER, size INTEGER,"
            " etag TEXT, modified INTEGER, PRIMARY KEY (bucket, key)) WITHOUT ROWID;"));
    TRY(Rows rows, Rows::Open(opened));
    return Repeat(options, 0, [&] { return rows.InsertOne(); });
}

}  // namespace

Result<ProbeReport> ProbeSqliteCommit(const ProbeOptions& options) {
    const std::string path = options.directory + "/probe.db";
    auto report = CommitRows(path, options);
    for (const char* suffix : {"", "-wal", "-shm"})
        ::unlink((path + suffix).c_str());
    return report;
}

}  // namespace coffer::bench
