// Uploads: list, list parts.

#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/key_range.h"
#include "coffer/catalog/uploads.h"
#include "coffer/service/core.h"
#include "coffer/service/open_upload.h"
#include "coffer/service/roll_up.h"
#include "coffer/service/uploads.h"

namespace coffer::service {
namespace {

Result<ListUploadsResult> ListUploadsPage(const Core& core, db::Transaction& tx,
                                          const ListUploadsRequest& request) {
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
    ListUploadsResult result;
    result.bucket_owner = bucket.owner;
    TRY(const AclRules::Rules rules, core.acls->Read(tx, bucket));
    std::optional<std::string> from =
        FirstKey(request.prefix, request.delimiter, request.key_marker);
    if (!from || request.limit == 0) return result;
    catalog::UploadScan scan{.bucket = bucket.id,
                             .key = *std::move(from),
                             .id = catalog::ContentId(-1),
                             .end = catalog::PrefixEnd(request.prefix),
                             .limit = request.limit + 1};
    if (!request.upload_id_marker.empty() && request.key_marker >= request.prefix) {
        TRY(const auto marker,
            catalog::FindUpload(tx, bucket.id, request.key_marker, request.upload_id_marker));
        // It may be gone since the page before: then all that its key has now comes again, since
        // what that page did not show must not be passed over.
        scan.key = request.key_marker;
        if (marker) scan.id = marker->id;
    }
    for (;;) {
        catalog::UploadScan next = scan;
        size_t rows = 0;
        bool passed = false;
        TRY(catalog::ScanUploads(tx, scan, [&](const catalog::Upload& upload) {
            ++rows;
            if (result.uploads.size() + result.common_prefixes.size() == request.limit) {
                result.truncated = true;
                return false;
            }
            next.key = upload.key;
            next.id = upload.id;
            if (const auto prefix = CommonPrefix(upload.key, request.prefix, request.delimiter)) {
                passed = true;
                result.common_prefixes.emplace_back(*prefix);
                result.next_key_marker = *prefix;
                result.next_upload_id_marker.clear();
                return false;
            }
            result.uploads.push_back(ToInfo(upload));
            if (!rules.has_acls()) result.uploads.back().owner.clear();
            result.next_key_marker = upload.key;
            result.next_upload_id_marker = upload.upload_id;
            return true;
        }));
        if (result.truncated) return result;
        if (passed) {
            std::optional<std::string> beyond = catalog::PrefixEnd(result.common_prefixes.back());
            if (!beyond) return result;
            next.key = *std::move(beyond);
            next.id = catalog::ContentId(-1);
        } else if (rows < scan.limit) {
            return result;
        }
        scan = std::move(next);
    }
}

}  // namespace

Task<Result<ListPartsResult>> Uploads::ListParts(UploadId id, int after_part, size_t limit) {
    co_return co_await core_.database.Read(
        db::Cost::kScan, [&](db::Transaction& tx) -> Result<ListPartsResult> {
            TRY(const catalog::Upload upload, FindOpenUpload(tx, id));
            TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, id.bucket.text()));
            TRY(const std::vector<catalog::Part> parts,
                catalog::ListParts(tx, upload.id, after_part, limit + 1));
            ListPartsResult result;
            result.upload = ToInfo(upload);
            result.bucket_owner = bucket.owner;
            TRY(const AclRules::Rules rules, core_.acls->Read(tx, bucket));
            if (!rules.has_acls()) result.upload.owner.clear();
            TRY(result.upload.abort, core_.lifecycle->AbortOf(tx, bucket, upload));
            for (const catalog::Part& part : parts) {
                if (result.parts.size() == limit) {
                    result.truncated = limit > 0;
                    break;
                }
                result.parts.push_back(ToInfo(part, upload.checksum));
            }
            return result;
        });
}

Task<Result<ListUploadsResult>> Uploads::List(ListUploadsRequest request) {
    co_return co_await core_.database.Read(
        db::Cost::kScan, [&](db::Transaction& tx) { return ListUploadsPage(core_, tx, request); });
}

}  // namespace coffer::service
