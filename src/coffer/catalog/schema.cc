#include "coffer/catalog/schema.h"

namespace coffer::catalog {
namespace {

// A released step never changes: what comes later is another step. docs/formats/catalogue.md
// explains each column.
constexpr db::Migration kMigrations[] = {
    {1, "buckets, versions, blobs and copies, uploads", R"sql(
CREATE TABLE stores (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    kind   TEXT NOT NULL,
    layout TEXT NOT NULL
);
INSERT INTO stores (id, name, kind, layout) VALUES (1, 'engine', 'engine', 'digest');

CREATE TABLE placements (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO placements (id, name) VALUES (1, 'engine');

CREATE TABLE placement_stores (
    placement_id INTEGER NOT NULL REFERENCES placements (id),
    position     INTEGER NOT NULL,
    store_id     INTEGER NOT NULL REFERENCES stores (id),
    PRIMARY KEY (placement_id, position)
);
INSERT INTO placement_stores (placement_id, position, store_id) VALUES (1, 0, 1);

CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);
INSERT INTO counters (name, value) VALUES ('sequence', 0);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE buckets (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    created_us   INTEGER NOT NULL,
    versioning   INTEGER NOT NULL DEFAULT 0,
    placement_id INTEGER NOT NULL REFERENCES placements (id)
);

CREATE TABLE blobs (
    id         INTEGER PRIMARY KEY,
    sha256     BLOB NOT NULL,
    md5        BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    reference_count INTEGER NOT NULL
);
CREATE UNIQUE INDEX blobs_by_digest ON blobs (sha256);

CREATE TABLE copies (
    blob_id     INTEGER NOT NULL,
    store_id    INTEGER NOT NULL,
    key         BLOB NOT NULL,
    state       INTEGER NOT NULL,
    encoding    INTEGER NOT NULL DEFAULT 0,
    verified_us INTEGER,
    PRIMARY KEY (blob_id, store_id)
) WITHOUT ROWID;
CREATE INDEX copies_deleting ON copies (store_id, blob_id) WHERE state = 1;
CREATE INDEX copies_damaged ON copies (store_id, blob_id) WHERE state = 2;

CREATE TABLE versions (
    bucket_id     INTEGER NOT NULL,
    key           BLOB NOT NULL,
    recency       INTEGER NOT NULL,
    version_id    TEXT NOT NULL,
    delete_marker INTEGER NOT NULL,
    size_bytes    INTEGER NOT NULL,
    etag          TEXT NOT NULL,
    modified_us   INTEGER NOT NULL,
    headers       BLOB,
    checksum_algorithm INTEGER,
    checksum_type      INTEGER,
    checksum           BLOB,
    parts_count   INTEGER NOT NULL,
    blob_id       INTEGER,
    content_id    INTEGER,
    PRIMARY KEY (bucket_id, key, recency)
) WITHOUT ROWID;

CREATE TABLE uploads (
    id           INTEGER PRIMARY KEY,
    upload_id    TEXT NOT NULL UNIQUE,
    bucket_id    INTEGER NOT NULL,
    key          BLOB NOT NULL,
    initiated_us INTEGER NOT NULL,
    completed    INTEGER NOT NULL,
    headers      BLOB,
    checksum_algorithm INTEGER,
    checksum_type      INTEGER NOT NULL
);
CREATE INDEX uploads_open ON uploads (bucket_id, key, id) WHERE completed = 0;

CREATE TABLE parts (
    content_id  INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    etag        TEXT NOT NULL,
    modified_us INTEGER NOT NULL,
    checksum    BLOB,
    PRIMARY KEY (content_id, number)
) WITHOUT ROWID;

CREATE TABLE extents (
    content_id   INTEGER NOT NULL,
    part_number  INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    blob_id      INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL,
    length_bytes INTEGER NOT NULL,
    PRIMARY KEY (content_id, part_number, position)
) WITHOUT ROWID;

CREATE TABLE usage (
    bucket_id     INTEGER NOT NULL,
    size_class    INTEGER NOT NULL,
    version_count INTEGER NOT NULL,
    marker_count  INTEGER NOT NULL,
    total_bytes   INTEGER NOT NULL,
    PRIMARY KEY (bucket_id, size_class)
) WITHOUT ROWID;
)sql"},
};

}  // namespace

Result<> Prepare(db::Database& database) {
    return db::Migrate(database, kMigrations);
}

}  // namespace coffer::catalog
