#include "coffer/catalog/copies.h"

#include <utility>

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

// Adds copies with what GetBlob reads of their blobs.
Result<> AddWithBlobs(db::Transaction& tx, std::vector<Copy> copies, CopyPage& page) {
    page.copies.reserve(copies.size());
    for (Copy& copy : copies) {
        const Result<Blob> blob = GetBlob(tx, copy.blob);
        if (blob) {
            page.copies.push_back({std::move(copy), blob.value()});
        } else if (blob.error().kind() == ErrorKind::kCorrupt) {
            page.left_out.push_back({copy.blob, blob.error().message()});
        } else {
            return blob.error();
        }
    }
    return Ok();
}

// The next rows of `select`, which has no limit of its own.
Result<CopyPage> ReadPage(db::Transaction& tx, std::string_view select,
                          std::initializer_list<db::Value> values, size_t limit) {
    CopyPage page;
    std::vector<Copy> copies;
    std::vector<LeftOutCopy> damaged;  // since the last whole row
    size_t rows = 0;
    bool whole = false;
    // The next page begins after a whole row, as a damaged key may lead anywhere: damaged rows
    // behind it are met again, and told then.
    TRY(tx.Query(select, values, [&](const db::Row& row) {
        ++rows;
        const Result<> verified = kCopies.Verify(row);
        if (verified) {
            whole = true;
            for (LeftOutCopy& left_out : std::exchange(damaged, {}))
                page.left_out.push_back(std::move(left_out));
            Copy copy = ReadCopy(row);
            page.last_blob = copy.blob;
            page.last_store = copy.store;
            if (copy.state != CopyState::kDeleting) copies.push_back(std::move(copy));
        } else if (damaged.size() < limit) {
            damaged.push_back({BlobId(row.Int(0)), verified.error().message()});
        }
        return rows < limit || !whole;
    }));
    page.end = rows < limit || !whole;
    if (page.end) {
        for (LeftOutCopy& left_out : damaged)
            page.left_out.push_back(std::move(left_out));
    }
    TRY(AddWithBlobs(tx, std::move(copies), page));
    return page;
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
        "WHERE state <> 0 AND state = 1 AND store_id = $1 AND blob_id > $2 ORDER BY blob_id");
    std::vector<Copy> copies;
    TRY(tx.Query(kList, {store.value(), blob.value()}, [&](const db::Row& row) {
        if (kCopies.Verify(row)) copies.push_back(ReadCopy(row));
        return copies.size() < limit;
    }));
    return copies;
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

Result<CopyPage> ScanCopies(db::Transaction& tx, BlobId blob, StoreId store, size_t limit) {
    static const std::string kFrom =
        kCopies.Select("WHERE (blob_id, store_id) > ($1, $2) ORDER BY blob_id, store_id");
    return ReadPage(tx, kFrom, {blob.value(), store.value()}, limit);
}

Result<CopyPage> ListDamagedCopies(db::Transaction& tx, StoreId store, BlobId blob, size_t limit) {
    static const std::string kList = kCopies.Select(
        "WHERE state <> 0 AND state = 2 AND store_id = $1 AND blob_id > $2 ORDER BY blob_id");
    return ReadPage(tx, kList, {store.value(), blob.value()}, limit);
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
