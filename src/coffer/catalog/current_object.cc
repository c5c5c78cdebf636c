#include "coffer/catalog/current_object.h"

#include <utility>
#include <vector>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/rows.h"
#include "coffer/catalog/tables.h"
#include "coffer/db/join.h"

namespace coffer::catalog {
namespace {

enum : size_t { kBucket, kVersion, kBlob, kCopy };

// Unique keys and orders of primary keys throughout, so that SQLite walks along them and sorts
// nothing.
const db::Join& Named() {
    static const db::Join join(
        {{kBuckets, "b"}, {kVersions, "v"}},
        "buckets b LEFT JOIN versions v ON v.bucket_id = b.id AND v.key = $2 "
        "WHERE b.name = $1 ORDER BY v.recency LIMIT 1");
    return join;
}

const db::Join& Located() {
    static const db::Join join(
        {{kBuckets, "b"}, {kVersions, "v"}, {kBlobs, "l"}, {kCopies, "c"}},
        "buckets b LEFT JOIN versions v ON v.bucket_id = b.id AND v.key = $2 "
        "LEFT JOIN blobs l ON l.id = v.blob_id LEFT JOIN copies c ON c.blob_id = v.blob_id "
        "WHERE b.name = $1 ORDER BY v.recency, c.store_id");
    return join;
}

}  // namespace

Result<CurrentObject> FindCurrentObject(db::Transaction& tx, std::string_view bucket,
                                        std::string_view key, bool with_copies) {
    std::optional<CurrentObject> found;
    std::optional<Blob> blob;
    std::vector<Copy> copies;
    const db::Join& join = with_copies ? Located() : Named();
    TRY(join.Query(tx, {bucket, AsBytes(key)}, [&](db::Join::Rows rows) -> Result<bool> {
        const db::Row* const version = rows[kVersion];
        if (!found) {
            found.emplace(CurrentObject{ReadBucket(*rows[kBucket]), {}, {}});
            if (version == nullptr) return false;
            TRY(found->version, ReadVersion(*version));
            if (!with_copies) return false;
            if (rows[kBlob] != nullptr) {
                TRY(blob, ReadBlob(*rows[kBlob]));
            }
        } else if (ReadSequence(*version) != found->version->sequence) {
            return false;  // an older one
        }
        if (rows[kCopy] != nullptr) copies.push_back(ReadCopy(*rows[kCopy]));
        return true;
    }));
    if (!found) return NoSuchBucket(bucket);
    if (with_copies && found->version && found->version->blob) {
        const Version& version = *found->version;
        TRY(found->whole,
            Locate(Extent{*version.blob, 0, version.size_bytes}, blob, std::move(copies)));
    }
    return *std::move(found);
}

}  // namespace coffer::catalog
