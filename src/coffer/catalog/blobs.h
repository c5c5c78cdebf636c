// Blobs and their copies in the catalogue. Every function runs inside the caller's transaction.
//
// A blob's reference count is the number of versions and extents that name it, and changes in the
// transaction that changes those. At 0 its copies become kDeleting: their bytes are to be removed,
// and the rows after that.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coffer/catalog/copies.h"
#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

Result<std::optional<Blob>> FindBlob(db::Transaction& tx, const codec::Sha256Digest& sha256);

// The encrypted blob that has a content, by Blob::content.
Result<std::optional<Blob>> FindBlobOf(db::Transaction& tx, const codec::Sha256Digest& content);

// kCorrupt where there is no such blob: a row referred to it.
Result<Blob> GetBlob(db::Transaction& tx, BlobId id);

// Blobs by id, from after `after`; at most `limit`.
Result<std::vector<Blob>> ListBlobs(db::Transaction& tx, BlobId after, size_t limit);

struct SpareCopy {
    codec::Sha256Digest sha256{};
    std::string key;
};

struct AddedBlob {
    BlobId id;
    // A copy that no row names now: the caller's own, where the content has a live one already, or
    // one that was damaged or to be removed, and has been replaced.
    std::optional<SpareCopy> spare = std::nullopt;
};

// Makes the blob known with one more reference, and its copy live: a new row, or the one that the
// content has already. `copy_key` must be durable on `store`; nothing where the caller found the
// copy there before (it must be still known). kBusy where that one was found damaged since: the
// caller can do it all again, and will write the bytes then.
//
// The same content encrypted again is other bytes under another key. So where the row that it has
// no longer has a live copy on `store`, and none elsewhere, the row becomes that of the new bytes,
// for all who refer to it; where it has one elsewhere, the new bytes get a row of their own.
Result<AddedBlob> AddBlob(db::Transaction& tx, const Blob& blob, StoreId store,
                          const std::optional<std::string>& copy_key);

Result<> AddReferences(db::Transaction& tx, BlobId id, int64_t count);

// One reference less. At 0 the copies become kDeleting.
Result<> DropReference(db::Transaction& tx, BlobId id);

// Puts another seal around the key of a blob, if its row is still there and has `blob.sha256`; else
// does nothing.
Result<> Reseal(db::Transaction& tx, const Blob& blob, const BlobSeal& seal);

// Takes the row of a removed copy away, and the blob's with the last one. Does nothing when the
// copy is live again, or its row has another key by now.
Result<> ForgetDeletingCopy(db::Transaction& tx, const Copy& removed);

// Where to read an extent from: live copies in the order of their stores, then damaged ones, of
// which a part may be whole. kCorrupt where there is none.
Result<LocatedExtent> Locate(db::Transaction& tx, const Extent& extent);

// The same of a blob and copies that have been read: nothing for a row that is not there.
Result<LocatedExtent> Locate(const Extent& extent, const std::optional<Blob>& blob,
                             std::vector<Copy> copies);

}  // namespace coffer::catalog
