#include "coffer/catalog/schema.h"

namespace coffer::catalog {
namespace {

// A released step never changes: what comes later is another step. docs/formats/catalogue.md
// explains each column.
constexpr db::Migration kMigrations[] = {
    {1, "buckets, versions, blobs and copies, uploads", R"sql(
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    crc   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE buckets (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    created_us  INTEGER NOT NULL,
    versioning  INTEGER NOT NULL,
    revision    INTEGER NOT NULL,
    quota_bytes INTEGER NOT NULL,
    owner       TEXT NOT NULL,
    crc         INTEGER NOT NULL
);
CREATE INDEX buckets_by_owner ON buckets (owner, name);

CREATE TABLE bucket_settings (
    bucket_id  INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    document   BLOB NOT NULL,
    changed_us INTEGER NOT NULL,
    crc        INTEGER NOT NULL,
    PRIMARY KEY (bucket_id, kind)
) WITHOUT ROWID;

CREATE TABLE blobs (
    id              INTEGER PRIMARY KEY,
    sha256          BLOB NOT NULL,
    size_bytes      INTEGER NOT NULL,
    reference_count INTEGER NOT NULL,
    content         BLOB,
    seal            BLOB,
    crc             INTEGER NOT NULL
);
CREATE UNIQUE INDEX blobs_by_digest ON blobs (sha256);
CREATE UNIQUE INDEX blobs_by_content ON blobs (content) WHERE content IS NOT NULL;

CREATE TABLE keys (
    name   TEXT NOT NULL,
    key_id TEXT NOT NULL,
    crc    INTEGER NOT NULL,
    PRIMARY KEY (name, key_id)
) WITHOUT ROWID;

CREATE TABLE copies (
    blob_id     INTEGER NOT NULL,
    store_id    INTEGER NOT NULL,
    key         BLOB NOT NULL,
    state       INTEGER NOT NULL,
    verified_us INTEGER,
    crc         INTEGER NOT NULL,
    PRIMARY KEY (blob_id, store_id)
) WITHOUT ROWID;
-- For conditions that say "state <> 0" word for word, beside the state that they want.
CREATE INDEX copies_by_state ON copies (state, store_id, blob_id) WHERE state <> 0;

CREATE TABLE versions (
    bucket_id     INTEGER NOT NULL,
    key           BLOB NOT NULL,
    recency       INTEGER NOT NULL,
    version_id    TEXT NOT NULL,
    delete_marker INTEGER NOT NULL,
    size_bytes    INTEGER NOT NULL,
    etag          BLOB NOT NULL,
    modified_us   INTEGER NOT NULL,
    headers       BLOB,
    checksum      BLOB,
    parts_count   INTEGER NOT NULL,
    blob_id       INTEGER,
    content_id    INTEGER,
    encryption    BLOB,
    crc           INTEGER NOT NULL,
    PRIMARY KEY (bucket_id, key, recency)
) WITHOUT ROWID;
-- For the condition "version_id = 'null'", word for word.
CREATE UNIQUE INDEX versions_null ON versions (bucket_id, key) WHERE version_id = 'null';

CREATE TABLE uploads (
    id           INTEGER PRIMARY KEY,
    upload_id    TEXT NOT NULL UNIQUE,
    bucket_id    INTEGER NOT NULL,
    key          BLOB NOT NULL,
    initiated_us INTEGER NOT NULL,
    completed    INTEGER NOT NULL,
    headers      BLOB,
    checksum_algorithm INTEGER,
    checksum_type      INTEGER NOT NULL,
    encryption   BLOB,
    initiator    TEXT NOT NULL,
    crc          INTEGER NOT NULL
);
CREATE INDEX uploads_open ON uploads (bucket_id, key, id) WHERE completed = 0;

CREATE TABLE parts (
    content_id  INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    etag        BLOB NOT NULL,
    modified_us INTEGER NOT NULL,
    checksum    BLOB,
    crc         INTEGER NOT NULL,
    PRIMARY KEY (content_id, number)
) WITHOUT ROWID;

CREATE TABLE extents (
    content_id   INTEGER NOT NULL,
    part_number  INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    blob_id      INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL,
    length_bytes INTEGER NOT NULL,
    crc          INTEGER NOT NULL,
    PRIMARY KEY (content_id, part_number, position)
) WITHOUT ROWID;

CREATE TABLE usage (
    bucket_id     INTEGER NOT NULL,
    size_class    INTEGER NOT NULL,
    version_count INTEGER NOT NULL,
    marker_count  INTEGER NOT NULL,
    total_bytes   INTEGER NOT NULL,
    crc           INTEGER NOT NULL,
    PRIMARY KEY (bucket_id, size_class)
) WITHOUT ROWID;

CREATE TABLE lifecycle_due (
    bucket_id INTEGER NOT NULL,
    key       BLOB NOT NULL,
    due_us    INTEGER NOT NULL,
    crc       INTEGER NOT NULL,
    PRIMARY KEY (bucket_id, key)
) WITHOUT ROWID;
CREATE INDEX lifecycle_due_by_time ON lifecycle_due (due_us);

CREATE TABLE lifecycle_walks (
    bucket_id INTEGER PRIMARY KEY,
    done_key  BLOB NOT NULL,
    crc       INTEGER NOT NULL
);

CREATE TABLE holders (
    kind       INTEGER NOT NULL,
    name       TEXT NOT NULL,
    id         TEXT NOT NULL,
    path       TEXT NOT NULL,
    enabled    INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    crc        INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;

CREATE TABLE memberships (
    user_name  TEXT NOT NULL,
    group_name TEXT NOT NULL,
    crc        INTEGER NOT NULL,
    PRIMARY KEY (user_name, group_name)
) WITHOUT ROWID;
CREATE INDEX memberships_by_group ON memberships (group_name, user_name);

CREATE TABLE policies (
    name       TEXT PRIMARY KEY,
    id         TEXT NOT NULL,
    path       TEXT NOT NULL,
    document   BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    crc        INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE holder_policies (
    kind     INTEGER NOT NULL,
    holder   TEXT NOT NULL,
    attached INTEGER NOT NULL,
    policy   TEXT NOT NULL,
    document BLOB,
    crc      INTEGER NOT NULL,
    PRIMARY KEY (kind, holder, attached, policy)
) WITHOUT ROWID;
-- For the condition "attached = 1", word for word.
CREATE INDEX holder_policies_by_policy ON holder_policies (policy, kind, holder)
    WHERE attached = 1;

CREATE TABLE access_keys (
    access_key  TEXT PRIMARY KEY,
    user_name   TEXT NOT NULL,
    service     INTEGER NOT NULL,
    secret      BLOB NOT NULL,
    enabled     INTEGER NOT NULL,
    created_us  INTEGER NOT NULL,
    expires_us  INTEGER,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    policy      BLOB,
    crc         INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX access_keys_by_user ON access_keys (user_name, access_key);

CREATE TABLE accounts (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    access_key TEXT NOT NULL UNIQUE,
    secret     BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    crc        INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE events (
    target     TEXT NOT NULL,
    id         INTEGER NOT NULL,
    bucket     TEXT NOT NULL,
    key        BLOB NOT NULL,
    name       TEXT NOT NULL,
    queued_us  INTEGER NOT NULL,
    document   BLOB NOT NULL,
    crc        INTEGER NOT NULL,
    PRIMARY KEY (target, id)
) WITHOUT ROWID;
CREATE INDEX events_by_key ON events (target, bucket, key, id);

CREATE TABLE dead_events (
    id         INTEGER PRIMARY KEY,
    target     TEXT NOT NULL,
    bucket     TEXT NOT NULL,
    key        BLOB NOT NULL,
    name       TEXT NOT NULL,
    queued_us  INTEGER NOT NULL,
    document   BLOB NOT NULL,
    attempts   INTEGER NOT NULL,
    died_us    INTEGER NOT NULL,
    error      TEXT NOT NULL,
    crc        INTEGER NOT NULL
);
)sql"},
};

}  // namespace

Result<> Prepare(db::Database& database) {
    return db::Migrate(database, kMigrations);
}

}  // namespace coffer::catalog
