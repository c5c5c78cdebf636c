// Multipart uploads, their parts, and the contents of the objects that they become. Every function
// runs inside the caller's transaction.
//
// A content is a list of parts, each a list of extents, named by a ContentId. It belongs to an
// upload until that is completed, and to one version from then on: completing moves no row.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

// `upload.id` is not read; the upload is returned with its own.
Result<Upload> InsertUpload(db::Transaction& tx, Upload upload);

// The upload of that id in that bucket and of that key, completed or not.
Result<std::optional<Upload>> FindUpload(db::Transaction& tx, BucketId bucket, std::string_view key,
                                         std::string_view upload_id);

// Marks an upload as what its version is made of.
Result<> CompleteUpload(db::Transaction& tx, ContentId id);

// Unfinished uploads of a bucket by key, then by age, from after (`key`, `id`), keys below `end`.
struct UploadScan {
    BucketId bucket;
    std::string key;
    ContentId id;  // ContentId(-1): from the first of `key` on
    std::optional<std::string> end = std::nullopt;
    size_t limit = 1000;
};
Result<> ScanUploads(db::Transaction& tx, const UploadScan& scan,
                     const std::function<bool(Upload)>& each);

// Sets part `part.number` and its extents, in place of what it was. The extents' blobs must have
// been given a reference for each extent; those of the replaced part lose theirs.
Result<> PutPart(db::Transaction& tx, ContentId content, const Part& part,
                 const std::vector<Extent>& extents);

// Parts by number, from after `after`.
Result<std::vector<Part>> ListParts(db::Transaction& tx, ContentId content, int after,
                                    size_t limit);

// Takes a part and its references away.
Result<> DeletePart(db::Transaction& tx, ContentId content, int number);

Result<std::vector<Extent>> ReadContentExtents(db::Transaction& tx, ContentId content,
                                               std::optional<int> part_number);

// Gives `from` a second life under a new id, which is returned: the same parts, one more reference
// for every extent.
enum class PartChecksums : uint8_t { kKeep, kDrop };
Result<ContentId> CopyContent(db::Transaction& tx, ContentId from, PartChecksums checksums);

// Takes a content away: parts, extents with their references, and its upload if it has one. Returns
// how many extents it had.
Result<size_t> DeleteContent(db::Transaction& tx, ContentId content);

// Calls `each` for every extent of every content. A walk over the whole table, for the scrub.
Result<> WalkExtents(db::Transaction& tx, const std::function<void(ContentId, BlobId)>& each);

// Calls `each` for every upload that is not finished, likewise.
Result<> WalkOpenUploads(db::Transaction& tx, const std::function<void(const Upload&)>& each);

}  // namespace coffer::catalog
