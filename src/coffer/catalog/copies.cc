#include "coffer/catalog/copies.h"

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/columns.h"
#include "coffer/catalog/rows.h"
#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

Result<std::vector<Copy>> ReadCopies(db::Transaction& tx, std::string_view select,
                                     std::initializer_list<db::Value> values) {
    std::vector<Copy> copies;
    TRY(kCopies.Query(tx, select, values, [&](const db::Row& row) {
        copies.push_back(ReadCopy(row));
        return true;
    }));
    return copies;
}

// The row of a copy as it is now, if it still has the key that was read, and is to be kept.
Result<std::optional<Copy>> FindSame(db::Transaction& tx, const Copy& copy) {
    TRY(std::optional<Copy> now, FindCopy(tx, copy.blob, copy.store));
    if (now && (now->key != copy.key || now->state == CopyState::kDeleting)) now.reset();
    return now;
}

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

Result<std::optional<Copy>> FindCopy(db::Transaction& tx, BlobId blob, StoreId store) {
    static const std::string kFind = kCopies.Select("WHERE blob_id = $1 AND store_id = $2");
    std::optional<Copy> copy;
    TRY(kCopies.Query(tx, kFind, {blob.value(), store.value()}, [&](const db::Row& row) {
        copy = ReadCopy(row);
        return false;
    }));
    return copy;
}

Result<std::optional<Copy>> FindCopyOf(db::Transaction& tx, const codec::Sha256Digest& sha256,
                                       StoreId store) {
    TRY(const std::optional<Blob> blob, FindBlob(tx, sha256));
    if (!blob) return std::optional<Copy>();
    return FindCopy(tx, blob->id, store);
}

Result<std::vector<Copy>> FindCopies(db::Transaction& tx, BlobId blob) {
    static const std::string kFind = kCopies.Select("WHERE blob_id = $1 ORDER BY store_id");
    return ReadCopies(tx, kFind, {blob.value()});
}

Result<> AddCopy(db::Transaction& tx, const Copy& copy) {
    return kCopies.Insert(tx, {copy.blob.value(), copy.store.value(), AsBytes(copy.key),
                               static_cast<int64_t>(copy.state), TimeOrNull(copy.verified)});
}

Result<> PutCopy(db::Transaction& tx, const Copy& copy) {
    return kCopies.Put(tx, {copy.blob.value(), copy.store.value(), AsBytes(copy.key),
                            static_cast<int64_t>(copy.state), TimeOrNull(copy.verified)});
}

Result<std::vector<Copy>> ListDeletingCopies(db::Transaction& tx, StoreId store, BlobId blob,
                                             size_t limit) {
    static const std::string kList = kCopies.Select(
        "WHERE state <> 0 AND state = 1 AND store_id = $1 AND blob_id > $2 ORDER BY blob_id LIMIT "
        "$3");
    return ReadCopies(tx, kList, {store.value(), blob.value(), static_cast<int64_t>(limit)});
}

Result<Marked> MarkDamaged(db::Transaction& tx, const Copy& copy) {
    TRY(std::optional<Copy> now, FindSame(tx, copy));
    if (!now) return Marked::kChanged;
    if (now->state == CopyState::kDamaged) return Marked::kBefore;
    now->state = CopyState::kDamaged;
    TRY(PutCopy(tx, *now));
    return Marked::kNow;
}

Result<> NoteVerified(db::Transaction& tx, const Copy& copy, Timestamp verified) {
    TRY(std::optional<Copy> now, FindSame(tx, copy));
    if (!now || now->state != copy.state) return Ok();
    now->state = CopyState::kLive;
    now->verified = verified;
    return PutCopy(tx, *now);
}

Result<bool> ReplaceCopy(db::Transaction& tx, const Copy& copy, const std::string& key,
                         Timestamp verified) {
    TRY(std::optional<Copy> now, FindSame(tx, copy));
    if (!now) return false;
    now->key = key;
    now->state = CopyState::kLive;
    now->verified = verified;
    TRY(PutCopy(tx, *now));
    return true;
}

Result<bool> MoveCopy(db::Transaction& tx, const Copy& copy, const std::string& key) {
    TRY(std::optional<Copy> now, FindSame(tx, copy));
    if (!now) return false;
    now->key = key;
    TRY(PutCopy(tx, *now));
    return true;
}

Result<std::vector<StoredCopy>> ScanCopies(db::Transaction& tx, BlobId blob, StoreId store,
                                           size_t limit) {
    static const std::string kFrom =
        kCopies.Select("WHERE (blob_id, store_id) > ($1, $2) ORDER BY blob_id, store_id");
    std::vector<Copy> copies;
    TRY(kCopies.Query(tx, kFrom, {blob.value(), store.value()}, [&](const db::Row& row) {
        Copy copy = ReadCopy(row);
        if (copy.state != CopyState::kDeleting) copies.push_back(std::move(copy));
        return copies.size() < limit;
    }));
    return WithBlobs(tx, std::move(copies));
}

Result<std::vector<StoredCopy>> ListDamagedCopies(db::Transaction& tx, StoreId store, BlobId blob,
                                                  size_t limit) {
    static const std::string kList = kCopies.Select(
        "WHERE state <> 0 AND state = 2 AND store_id = $1 AND blob_id > $2 ORDER BY blob_id LIMIT "
        "$3");
    TRY(std::vector<Copy> copies,
        ReadCopies(tx, kList, {store.value(), blob.value(), static_cast<int64_t>(limit)}));
    return WithBlobs(tx, std::move(copies));
}

Result<int64_t> CountDamagedCopies(db::Transaction& tx) {
    int64_t count = 0;
    TRY(tx.Query("SELECT COUNT(*) FROM copies WHERE state <> 0 AND state = 2", {},
                 [&](const db::Row& row) {
                     count = row.Int(0);
                     return false;
                 }));
    return count;
}

Result<bool> IsNamed(db::Transaction& tx, const codec::Sha256Digest& sha256, StoreId store,
                     const std::string& key) {
    TRY(const std::optional<Copy> copy, FindCopyOf(tx, sha256, store));
    return copy && copy->key == key;
}

}  // namespace coffer::catalog
