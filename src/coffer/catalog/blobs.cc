#include "coffer/catalog/blobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "coffer/catalog/rows.h"
#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

Result<> PutBlob(db::Transaction& tx, const Blob& blob) {
    return kBlobs.Put(tx, {blob.id.value(), ByteView(blob.sha256),
                           static_cast<int64_t>(blob.size_bytes), blob.references});
}

Error Missing(BlobId id) {
    return Error(
        ErrorKind::kCorrupt,
        fmt::format("the catalogue refers to blob {}, which it does not have", id.value()));
}

// Makes `key` the blob's copy, unless that has a live one; returns the key that lost, if one did.
Result<std::optional<std::string>> SetCopy(db::Transaction& tx, BlobId blob, StoreId store,
                                           const std::string& key) {
    TRY(const std::optional<Copy> copy, FindCopy(tx, blob, store));
    if (copy && copy->state == CopyState::kLive && copy->key != key) return std::optional(key);
    TRY(PutCopy(tx, {blob, store, key, CopyState::kLive}));
    // The bytes of one that is to be removed may be gone; if not, nobody else looks for them.
    return copy && copy->key != key ? std::optional(copy->key) : std::optional<std::string>();
}

// The one blob of a query, if there is one.
Result<std::optional<Blob>> OneBlob(db::Transaction& tx, std::string_view select, db::Value key) {
    std::optional<Blob> blob;
    TRY(kBlobs.Query(tx, select, {key}, [&](const db::Row& row) {
        blob = ReadBlob(row);
        return false;
    }));
    return blob;
}

}  // namespace

Result<std::optional<Blob>> FindBlob(db::Transaction& tx, const codec::Sha256Digest& sha256) {
    static const std::string kFind = kBlobs.Select("WHERE sha256 = $1");
    return OneBlob(tx, kFind, ByteView(sha256));
}

Result<Blob> GetBlob(db::Transaction& tx, BlobId id) {
    static const std::string kGet = kBlobs.Select("WHERE id = $1");
    TRY(const std::optional<Blob> blob, OneBlob(tx, kGet, id.value()));
    if (!blob) return Missing(id);
    return *blob;
}

Result<std::vector<Blob>> ListBlobs(db::Transaction& tx, BlobId after, size_t limit) {
    static const std::string kList = kBlobs.Select("WHERE id > $1 ORDER BY id LIMIT $2");
    std::vector<Blob> blobs;
    TRY(kBlobs.Query(tx, kList, {after.value(), static_cast<int64_t>(limit)},
                     [&](const db::Row& row) {
                         blobs.push_back(ReadBlob(row));
                         return true;
                     }));
    return blobs;
}

Result<AddedBlob> AddBlob(db::Transaction& tx, const Blob& blob, StoreId store,
                          const std::optional<std::string>& copy_key) {
    TRY(std::optional<Blob> row, FindBlob(tx, blob.sha256));
    if (!row && copy_key) {
        const BlobId id(tx.NextNumber());
        TRY(kBlobs.Insert(tx, {id.value(), ByteView(blob.sha256),
                               static_cast<int64_t>(blob.size_bytes), int64_t{1}}));
        TRY(AddCopy(tx, {id, store, *copy_key}));
        return AddedBlob{id, std::nullopt};
    }
    if (!row) return Error(ErrorKind::kBusy, "the bytes that were there have just been given up");
    ++row->references;
    TRY(PutBlob(tx, *row));
    if (copy_key) {
        TRY(std::optional<std::string> spare, SetCopy(tx, row->id, store, *copy_key));
        return AddedBlob{row->id, std::move(spare)};
    }
    TRY(std::optional<Copy> copy, FindCopy(tx, row->id, store));
    if (!copy) return Missing(row->id);
    if (copy->state == CopyState::kDamaged)
        return Error(ErrorKind::kBusy, "the bytes that were there have just been found damaged");
    if (copy->state == CopyState::kDeleting) {
        copy->state = CopyState::kLive;
        TRY(PutCopy(tx, *copy));
    }
    return AddedBlob{row->id, std::nullopt};
}

Result<> AddReferences(db::Transaction& tx, BlobId id, int64_t count) {
    TRY(Blob blob, GetBlob(tx, id));
    blob.references += count;
    return PutBlob(tx, blob);
}

Result<> DropReference(db::Transaction& tx, BlobId id) {
    TRY(Blob blob, GetBlob(tx, id));
    if (--blob.references < 0)
        return Error(ErrorKind::kCorrupt,
                     fmt::format("blob {} has fewer references than rows name it", id.value()));
    TRY(PutBlob(tx, blob));
    if (blob.references > 0) return Ok();
    TRY(std::vector<Copy> copies, FindCopies(tx, id));
    for (Copy& copy : copies) {
        copy.state = CopyState::kDeleting;
        TRY(PutCopy(tx, copy));
    }
    return Ok();
}

Result<> ForgetDeletingCopy(db::Transaction& tx, BlobId blob, StoreId store) {
    TRY(std::vector<Copy> copies, FindCopies(tx, blob));
    const auto gone = std::ranges::find_if(copies, [&](const Copy& copy) {
        return copy.store == store && copy.state == CopyState::kDeleting;
    });
    if (gone == copies.end()) return Ok();
    TRY(tx.Execute("DELETE FROM copies WHERE blob_id = $1 AND store_id = $2",
                   {blob.value(), store.value()}));
    if (copies.size() > 1) return Ok();
    TRY(const Blob row, GetBlob(tx, blob));
    if (row.references > 0) return Ok();
    TRY(tx.Execute("DELETE FROM blobs WHERE id = $1", {blob.value()}));
    return Ok();
}

Result<LocatedExtent> Locate(db::Transaction& tx, const Extent& extent) {
    TRY(const Blob blob, GetBlob(tx, extent.blob));
    TRY(std::vector<Copy> copies, FindCopies(tx, extent.blob));
    return Locate(extent, blob, std::move(copies));
}

Result<LocatedExtent> Locate(const Extent& extent, const std::optional<Blob>& blob,
                             std::vector<Copy> copies) {
    if (!blob) return Missing(extent.blob);
    if (copies.empty())
        return Error(ErrorKind::kCorrupt,
                     fmt::format("blob {} has no copy to read", extent.blob.value()));
    std::ranges::sort(copies, {}, [](const Copy& copy) {
        return std::pair(copy.state == CopyState::kDamaged, copy.store.value());
    });
    return LocatedExtent{extent, *blob, std::move(copies)};
}

}  // namespace coffer::catalog
