#include "coffer/catalog/blobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "coffer/base/check.h"

namespace coffer::catalog {
namespace {

template <size_t N>
void CopyDigest(ByteView from, std::array<std::byte, N>& to) {
    std::copy_n(from.begin(), std::min(from.size(), N), to.begin());
}

Blob ReadBlob(const db::Row& row) {
    Blob blob;
    blob.id = BlobId(row.Int(0));
    CopyDigest(row.Blob(1), blob.sha256);
    CopyDigest(row.Blob(2), blob.md5);
    blob.size_bytes = static_cast<uint64_t>(row.Int(3));
    blob.references = row.Int(4);
    return blob;
}

constexpr std::string_view kFindByDigest =
    "SELECT id, sha256, md5, size_bytes, reference_count FROM blobs WHERE sha256 = $1";
constexpr std::string_view kFindById =
    "SELECT id, sha256, md5, size_bytes, reference_count FROM blobs WHERE id = $1";

Error Missing(BlobId id) {
    return Error(
        ErrorKind::kCorrupt,
        fmt::format("the catalogue refers to blob {}, which it does not have", id.value()));
}

}  // namespace

Result<std::optional<Blob>> FindBlob(db::Transaction& tx, const codec::Sha256Digest& sha256) {
    std::optional<Blob> blob;
    TRY(tx.Query(kFindByDigest, {ByteView(sha256)}, [&](const db::Row& row) {
        blob = ReadBlob(row);
        return false;
    }));
    return blob;
}

Result<Blob> GetBlob(db::Transaction& tx, BlobId id) {
    std::optional<Blob> blob;
    TRY(tx.Query(kFindById, {id.value()}, [&](const db::Row& row) {
        blob = ReadBlob(row);
        return false;
    }));
    if (!blob) return Missing(id);
    return *blob;
}

Result<std::optional<Copy>> FindCopy(db::Transaction& tx, BlobId blob, StoreId store) {
    std::optional<Copy> copy;
    TRY(tx.Query("SELECT key, state FROM copies WHERE blob_id = $1 AND store_id = $2",
                 {blob.value(), store.value()}, [&](const db::Row& row) {
                     copy =
                         Copy{blob, store, row.BlobString(0), static_cast<CopyState>(row.Int(1))};
                     return false;
                 }));
    return copy;
}

Result<BlobId> AddBlob(db::Transaction& tx, const Blob& blob, StoreId store,
                       const std::optional<std::string>& copy_key) {
    BlobId id;
    TRY(const std::optional<Blob> known, FindBlob(tx, blob.sha256));
    if (known) {
        id = known->id;
        TRY(AddReferences(tx, id, 1));
    } else {
        TRY(tx.Query(
            "INSERT INTO blobs (sha256, md5, size_bytes, reference_count) "
            "VALUES ($1, $2, $3, 1) RETURNING id",
            {ByteView(blob.sha256), ByteView(blob.md5), static_cast<int64_t>(blob.size_bytes)},
            [&](const db::Row& row) {
                id = BlobId(row.Int(0));
                return true;
            }));
    }
    if (copy_key) {
        TRY(tx.Execute(
            "INSERT INTO copies (blob_id, store_id, key, state) VALUES ($1, $2, $3, 0) "
            "ON CONFLICT (blob_id, store_id) DO UPDATE SET key = excluded.key, state = 0",
            {id.value(), store.value(), AsBytes(*copy_key)}));
        return id;
    }
    TRY(const std::optional<Copy> copy, FindCopy(tx, id, store));
    if (!copy) return Missing(id);
    if (copy->state == CopyState::kDamaged)
        return Error(ErrorKind::kBusy, "the bytes that were there have just been found damaged");
    if (copy->state == CopyState::kDeleting) {
        TRY(tx.Execute("UPDATE copies SET state = 0 WHERE blob_id = $1 AND store_id = $2",
                       {id.value(), store.value()}));
    }
    return id;
}

Result<> AddReferences(db::Transaction& tx, BlobId id, int64_t count) {
    TRY(const int64_t changed,
        tx.Execute("UPDATE blobs SET reference_count = reference_count + $1 WHERE id = $2",
                   {count, id.value()}));
    if (changed == 0) return Missing(id);
    return Ok();
}

Result<> DropReference(db::Transaction& tx, BlobId id) {
    std::optional<int64_t> left;
    TRY(
        tx.Query("UPDATE blobs SET reference_count = reference_count - 1 WHERE id = $1 "
                 "RETURNING reference_count",
                 {id.value()}, [&](const db::Row& row) {
                     left = row.Int(0);
                     return true;
                 }));
    if (!left) return Missing(id);
    if (*left < 0)
        return Error(ErrorKind::kCorrupt,
                     fmt::format("blob {} has fewer references than rows name it", id.value()));
    if (*left == 0) {
        TRY(tx.Execute("UPDATE copies SET state = 1 WHERE blob_id = $1", {id.value()}));
    }
    return Ok();
}

Result<std::vector<Copy>> ListDeletingCopies(db::Transaction& tx, StoreId store, BlobId after,
                                             size_t limit) {
    std::vector<Copy> copies;
    TRY(tx.Query(
        "SELECT blob_id, key FROM copies "
        "WHERE state = 1 AND store_id = $1 AND blob_id > $2 ORDER BY blob_id LIMIT $3",
        {store.value(), after.value(), static_cast<int64_t>(limit)}, [&](const db::Row& row) {
            copies.push_back(
                Copy{BlobId(row.Int(0)), store, row.BlobString(1), CopyState::kDeleting});
            return true;
        }));
    return copies;
}

Result<> ForgetDeletingCopy(db::Transaction& tx, BlobId blob, StoreId store) {
    TRY(tx.Execute("DELETE FROM copies WHERE blob_id = $1 AND store_id = $2 AND state = 1",
                   {blob.value(), store.value()}));
    TRY(
        tx.Execute("DELETE FROM blobs WHERE id = $1 AND reference_count = 0 "
                   "AND NOT EXISTS (SELECT 1 FROM copies WHERE blob_id = $1)",
                   {blob.value()}));
    return Ok();
}

Result<LocatedExtent> Locate(db::Transaction& tx, const Extent& extent) {
    LocatedExtent located{extent, {}, {}};
    TRY(located.blob, GetBlob(tx, extent.blob));
    TRY(tx.Query("SELECT store_id, key, state FROM copies WHERE blob_id = $1",
                 {extent.blob.value()}, [&](const db::Row& row) {
                     located.copies.push_back(Copy{extent.blob, StoreId(row.Int(0)),
                                                   row.BlobString(1),
                                                   static_cast<CopyState>(row.Int(2))});
                     return true;
                 }));
    if (located.copies.empty())
        return Error(ErrorKind::kCorrupt,
                     fmt::format("blob {} has no copy to read", extent.blob.value()));
    std::ranges::sort(located.copies, {}, [](const Copy& copy) {
        return std::pair(copy.state == CopyState::kDamaged, copy.store.value());
    });
    return located;
}

}  // namespace coffer::catalog
