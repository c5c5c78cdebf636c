#include "coffer/catalog/copies.h"

#include "coffer/catalog/blobs.h"

namespace coffer::catalog {
namespace {

// A row of copies with what FindBlob reads of its blob.
Result<std::vector<StoredCopy>> WithBlobs(db::Transaction& tx, std::vector<Copy> copies) {
    std::vector<StoredCopy> stored;
    stored.reserve(copies.size());
    for (Copy& copy : copies) {
        TRY(Blob blob, GetBlob(tx, copy.blob));
        stored.push_back({std::move(copy), blob});
    }
    return stored;
}

}  // namespace

Result<> AddCopy(db::Transaction& tx, const Copy& copy) {
    TRY(tx.Execute("INSERT INTO copies (blob_id, store_id, key, state) VALUES ($1, $2, $3, $4)",
                   {copy.blob.value(), copy.store.value(), AsBytes(copy.key),
                    static_cast<int64_t>(copy.state)}));
    return Ok();
}

Result<Marked> MarkDamaged(db::Transaction& tx, const Copy& copy) {
    TRY(const std::optional<Copy> now, FindCopy(tx, copy.blob, copy.store));
    if (!now || now->key != copy.key || now->state == CopyState::kDeleting) return Marked::kChanged;
    if (now->state == CopyState::kDamaged) return Marked::kBefore;
    TRY(tx.Execute("UPDATE copies SET state = 2 WHERE blob_id = $1 AND store_id = $2",
                   {copy.blob.value(), copy.store.value()}));
    return Marked::kNow;
}

Result<> NoteVerified(db::Transaction& tx, const Copy& copy, Timestamp verified) {
    TRY(
        tx.Execute("UPDATE copies SET state = 0, verified_us = $1 "
                   "WHERE blob_id = $2 AND store_id = $3 AND key = $4 AND state <> 1",
                   {ToMicros(verified), copy.blob.value(), copy.store.value(), AsBytes(copy.key)}));
    return Ok();
}

Result<bool> ReplaceCopy(db::Transaction& tx, const Copy& copy, const std::string& key,
                         Timestamp verified) {
    TRY(const int64_t changed,
        tx.Execute("UPDATE copies SET key = $1, state = 0, verified_us = $2 "
                   "WHERE blob_id = $3 AND store_id = $4 AND key = $5 AND state <> 1",
                   {AsBytes(key), ToMicros(verified), copy.blob.value(), copy.store.value(),
                    AsBytes(copy.key)}));
    return changed > 0;
}

Result<std::vector<StoredCopy>> ScanCopies(db::Transaction& tx, BlobId blob, StoreId store,
                                           size_t limit) {
    std::vector<Copy> copies;
    TRY(tx.Query(
        "SELECT blob_id, store_id, key, state FROM copies "
        "WHERE (blob_id, store_id) > ($1, $2) AND state <> 1 "
        "ORDER BY blob_id, store_id LIMIT $3",
        {blob.value(), store.value(), static_cast<int64_t>(limit)}, [&](const db::Row& row) {
            copies.push_back(Copy{BlobId(row.Int(0)), StoreId(row.Int(1)), row.BlobString(2),
                                  static_cast<CopyState>(row.Int(3))});
            return true;
        }));
    return WithBlobs(tx, std::move(copies));
}

Result<std::vector<StoredCopy>> ListDamagedCopies(db::Transaction& tx, StoreId store, BlobId blob,
                                                  size_t limit) {
    std::vector<Copy> copies;
    TRY(tx.Query(
        "SELECT blob_id, key FROM copies "
        "WHERE state = 2 AND store_id = $1 AND blob_id > $2 ORDER BY blob_id LIMIT $3",
        {store.value(), blob.value(), static_cast<int64_t>(limit)}, [&](const db::Row& row) {
            copies.push_back(
                Copy{BlobId(row.Int(0)), store, row.BlobString(1), CopyState::kDamaged});
            return true;
        }));
    return WithBlobs(tx, std::move(copies));
}

Result<int64_t> CountDamagedCopies(db::Transaction& tx) {
    int64_t count = 0;
    TRY(tx.Query("SELECT COUNT(*) FROM copies WHERE state = 2", {}, [&](const db::Row& row) {
        count = row.Int(0);
        return false;
    }));
    return count;
}

Result<bool> IsNamed(db::Transaction& tx, const codec::Sha256Digest& sha256, StoreId store,
                     const std::string& key) {
    TRY(const std::optional<Blob> blob, FindBlob(tx, sha256));
    if (!blob) return false;
    TRY(const std::optional<Copy> copy, FindCopy(tx, blob->id, store));
    return copy && copy->key == key;
}

}  // namespace coffer::catalog
