#include "coffer/catalog/blobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "coffer/catalog/columns.h"
#include "coffer/catalog/rows.h"
#include "coffer/catalog/tables.h"

namespace coffer::catalog {
namespace {

// db::Table::Insert or Put.
using WriteRow = Result<> (db::Table::*)(db::Transaction& tx,
                                         std::initializer_list<db::Value> values) const;

Result<> Write(db::Transaction& tx, const Blob& blob, WriteRow write) {
    const std::string seal = blob.seal ? EncodeSeal(*blob.seal) : std::string();
    return (kBlobs.*write)(
        tx, {blob.id.value(), ByteView(blob.sha256), static_cast<int64_t>(blob.size_bytes),
             blob.references, BytesOrNull(blob.content), BytesOrNull(seal)});
}

Result<> PutBlob(db::Transaction& tx, const Blob& blob) {
    return Write(tx, blob, &db::Table::Put);
}

Error Missing(BlobId id) {
    return Error(
        ErrorKind::kCorrupt,
        fmt::format("the catalogue refers to blob {}, which it does not have", id.value()));
}

// The one blob of a query, if there is one.
Result<std::optional<Blob>> OneBlob(db::Transaction& tx, std::string_view select, db::Value key) {
    std::optional<Blob> blob;
    TRY(kBlobs.Query(tx, select, {key}, [&](const db::Row& row) -> Result<bool> {
        TRY(blob, ReadBlob(row));
        return false;
    }));
    return blob;
}

Result<std::optional<Blob>> FindBlobById(db::Transaction& tx, BlobId id) {
    static const std::string kFind = kBlobs.Select("WHERE id = $1");
    return OneBlob(tx, kFind, id.value());
}

Result<AddedBlob> InsertBlob(db::Transaction& tx, Blob blob, StoreId store,
                             const std::string& copy_key) {
    blob.id = BlobId(tx.NextNumber());
    blob.references = 1;
    TRY(Write(tx, blob, &db::Table::Insert));
    TRY(AddCopy(tx, {blob.id, store, copy_key}));
    return AddedBlob{blob.id};
}

// Whether a blob with the content of new bytes can't become theirs: it has no live copy on `store`
// that serves in their place, and copies elsewhere, which are of the bytes that it has.
Result<bool> StaysBeside(db::Transaction& tx, const Blob& blob, StoreId store) {
    TRY(const std::vector<Copy> copies, FindCopies(tx, blob.id));
    const auto here = std::ranges::find(copies, store, &Copy::store);
    if (here != copies.end() && here->state == CopyState::kLive) return false;
    return copies.size() > (here == copies.end() ? 0U : 1U);
}

}  // namespace

Result<std::optional<Blob>> FindBlob(db::Transaction& tx, const codec::Sha256Digest& sha256) {
    static const std::string kFind = kBlobs.Select("WHERE sha256 = $1");
    return OneBlob(tx, kFind, ByteView(sha256));
}

Result<std::optional<Blob>> FindBlobOf(db::Transaction& tx, const codec::Sha256Digest& content) {
    static const std::string kFind = kBlobs.Select("WHERE content = $1");
    return OneBlob(tx, kFind, ByteView(content));
}

Result<Blob> GetBlob(db::Transaction& tx, BlobId id) {
    TRY(const std::optional<Blob> blob, FindBlobById(tx, id));
    if (!blob) return Missing(id);
    return *blob;
}

Result<std::vector<Blob>> ListBlobs(db::Transaction& tx, BlobId after, size_t limit) {
    static const std::string kList = kBlobs.Select("WHERE id > $1 ORDER BY id LIMIT $2");
    std::vector<Blob> blobs;
    TRY(kBlobs.Query(tx, kList, {after.value(), static_cast<int64_t>(limit)},
                     [&](const db::Row& row) -> Result<bool> {
                         TRY(Blob blob, ReadBlob(row));
                         blobs.push_back(std::move(blob));
                         return true;
                     }));
    return blobs;
}

Result<AddedBlob> AddBlob(db::Transaction& tx, const Blob& blob, StoreId store,
                          const std::optional<std::string>& copy_key) {
    TRY(std::optional<Blob> row,
        blob.content ? FindBlobOf(tx, *blob.content) : FindBlob(tx, blob.sha256));
    if (row && copy_key && row->sha256 != blob.sha256) {
        TRY(const bool stays, StaysBeside(tx, *row, store));
        if (stays) {
            row->content.reset();
            TRY(PutBlob(tx, *row));
            row.reset();
        }
    }
    if (!row && copy_key) return InsertBlob(tx, blob, store, *copy_key);
    const bool is_the_one = row && (copy_key || row->sha256 == blob.sha256);
    if (!is_the_one)
        return Error(ErrorKind::kBusy, "the bytes that were there have just been given up");
    TRY(std::optional<Copy> copy, FindCopy(tx, row->id, store));
    ++row->references;
    AddedBlob result{row->id};
    if (!copy_key) {
        if (!copy) return Missing(row->id);
        if (copy->state == CopyState::kDamaged)
            return Error(ErrorKind::kBusy,
                         "the bytes that were there have just been found damaged");
        if (copy->state == CopyState::kDeleting) {
            copy->state = CopyState::kLive;
            TRY(PutCopy(tx, *copy));
        }
    } else if (copy && copy->state == CopyState::kLive && copy->key != *copy_key) {
        result.spare = SpareCopy{blob.sha256, *copy_key};
    } else {
        // The bytes of one that is to be removed may be gone; if not, nobody else looks for them.
        if (copy && copy->key != *copy_key) result.spare = SpareCopy{row->sha256, copy->key};
        TRY(PutCopy(tx, {row->id, store, *copy_key, CopyState::kLive}));
        row->sha256 = blob.sha256;
        row->size_bytes = blob.size_bytes;
        row->seal = blob.seal;
    }
    TRY(PutBlob(tx, *row));
    return result;
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

Result<> Reseal(db::Transaction& tx, const Blob& blob, const BlobSeal& seal) {
    TRY(std::optional<Blob> row, FindBlobById(tx, blob.id));
    if (!row || row->sha256 != blob.sha256) return Ok();
    row->seal = seal;
    return PutBlob(tx, *row);
}

Result<> ForgetDeletingCopy(db::Transaction& tx, const Copy& removed) {
    TRY(std::vector<Copy> copies, FindCopies(tx, removed.blob));
    const auto gone = std::ranges::find_if(copies, [&](const Copy& copy) {
        return copy.store == removed.store && copy.key == removed.key &&
               copy.state == CopyState::kDeleting;
    });
    if (gone == copies.end()) return Ok();
    TRY(tx.Execute("DELETE FROM copies WHERE blob_id = $1 AND store_id = $2",
                   {removed.blob.value(), removed.store.value()}));
    if (copies.size() > 1) return Ok();
    TRY(const Blob row, GetBlob(tx, removed.blob));
    if (row.references > 0) return Ok();
    TRY(tx.Execute("DELETE FROM blobs WHERE id = $1", {removed.blob.value()}));
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
