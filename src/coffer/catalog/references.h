// Whether the catalogue's counts are right: the references of blobs, and the usage of buckets,
// which are changed one by one and never counted otherwise. Every function runs inside the caller's
// transaction.
//
// Counts only ever change by differences. So what a count is wrong by stays the same, whatever
// happens meanwhile, and can be corrected later than it was found.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/catalog/usage.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

struct WrongReferences {
    BlobId blob;
    int64_t stored = 0;
    int64_t counted = 0;
};

struct ReferenceCheck {
    std::vector<WrongReferences> wrong;
    std::vector<BlobId> unknown;  // named by a version or an extent, and not in the catalogue
    std::vector<BlobId> without_copy;
    BlobId last;  // where the next check goes on
    bool end = false;
};

// Counts what names the `limit` blobs that come after `after`: one walk over all versions and
// extents, 24 bytes of memory for each blob. Every row that it reads is checked against its
// checksum.
Result<ReferenceCheck> CheckReferences(db::Transaction& tx, BlobId after, size_t limit);

// Adds what a count is short of. A blob that nothing names has its copies marked to be removed; one
// that is named again has them live.
Result<> CorrectReferences(db::Transaction& tx, const WrongReferences& wrong);

// What is to be added to the counts of usage so that they are right. One walk over all versions.
Result<std::vector<UsageRow>> CheckUsage(db::Transaction& tx);

// An object, or an upload that is not finished, that names one of `blobs`.
struct Referrer {
    BlobId blob;
    std::string bucket;
    std::string key;
};

// At most `limit` of them; one walk over all versions and extents.
Result<std::vector<Referrer>> FindReferrers(db::Transaction& tx, const std::set<int64_t>& blobs,
                                            size_t limit);

// How much there is to scrub: a walk over all blobs.
struct BlobTotals {
    int64_t blobs = 0;
    int64_t bytes = 0;
};
Result<BlobTotals> CountBlobs(db::Transaction& tx);

}  // namespace coffer::catalog
