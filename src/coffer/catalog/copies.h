// The condition of copies, as reads and the scrub find it. Every function runs inside the caller's
// transaction.
//
// A copy is live, or damaged: then its store has lost the bytes, or holds others. A damaged copy
// becomes live again when the same content is uploaded, when its bytes are written anew from
// another copy, or when they turn out to be whole after all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

// The copy of a blob on a store, in whatever state.
Result<std::optional<Copy>> FindCopy(db::Transaction& tx, BlobId blob, StoreId store);

// The copy of a content on a store, in whatever state.
Result<std::optional<Copy>> FindCopyOf(db::Transaction& tx, const codec::Sha256Digest& sha256,
                                       StoreId store);

// The copies of a blob, by store, in whatever state.
Result<std::vector<Copy>> FindCopies(db::Transaction& tx, BlobId blob);

// Makes a further copy of a blob known. kAlreadyExists where its store has one.
Result<> AddCopy(db::Transaction& tx, const Copy& copy);

// Adds the row of a copy, or gives it a new key, state or time. Whoever changes one has read it in
// this transaction, and made sure that it is still what they think it is.
Result<> PutCopy(db::Transaction& tx, const Copy& copy);

// Copies on `store` that are to be removed, by blob, from after `blob`; but for damaged rows, of
// which nobody knows what is to be removed.
Result<std::vector<Copy>> ListDeletingCopies(db::Transaction& tx, StoreId store, BlobId blob,
                                             size_t limit);

enum class Marked : uint8_t {
    kNow,      // it was live
    kBefore,   // it was damaged already
    kChanged,  // the row is another one by now: a new key, to be removed, or gone
};

// Marks a copy as damaged, if its row still has the key that was read.
Result<Marked> MarkDamaged(db::Transaction& tx, const Copy& copy);

// Notes that a copy's bytes were read back and are right, and makes it live. Does nothing where the
// row has changed since, or somebody has found it damaged: what was right when it was read may not
// be any more.
Result<> NoteVerified(db::Transaction& tx, const Copy& copy, Timestamp verified);

// Puts `key`, which is durable on the copy's store, in the place of the copy's, and makes it live.
// False, and nothing is changed, where the row has changed since.
Result<bool> ReplaceCopy(db::Transaction& tx, const Copy& copy, const std::string& key,
                         Timestamp verified);

// Notes that a copy's bytes, as they were, now lie at `key` on its store. False, and nothing is
// changed, where the row has changed since.
Result<bool> MoveCopy(db::Transaction& tx, const Copy& copy, const std::string& key);

// A copy, and the blob that it is of.
struct StoredCopy {
    Copy copy;
    Blob blob;
};

// A row of a copy that says nothing.
struct LeftOutCopy {
    BlobId blob;  // as the row has it
    std::string why;
};

struct CopyPage {
    std::vector<StoredCopy> copies;

    // Rows that do not match their checksums, or whose blobs can't be read. Where more than `limit`
    // follow each other, the first ones.
    std::vector<LeftOutCopy> left_out;

    // The last row that was read and is whole: where the next page goes on.
    BlobId last_blob;
    StoreId last_store;
    bool end = false;
};

// Copies that are not to be removed, by blob and store, from after (`blob`, `store`): those of the
// next `limit` rows, or more where these are all damaged.
Result<CopyPage> ScanCopies(db::Transaction& tx, BlobId blob, StoreId store, size_t limit);

// Damaged copies on `store`, by blob, from after `blob`; else as ScanCopies.
Result<CopyPage> ListDamagedCopies(db::Transaction& tx, StoreId store, BlobId blob, size_t limit);

// On all stores.
Result<int64_t> CountDamagedCopies(db::Transaction& tx);

// Whether some row names the copy of that key on `store`, whatever its state.
Result<bool> IsNamed(db::Transaction& tx, const codec::Sha256Digest& sha256, StoreId store,
                     const std::string& key);

}  // namespace coffer::catalog
