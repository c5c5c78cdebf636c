// Uploads::Complete: parts become an object in one transaction.

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/version_id.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/hex.h"
#include "coffer/service/core.h"
#include "coffer/service/multipart_digest.h"
#include "coffer/service/open_upload.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/uploads.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

Error InvalidPart(int number) {
    return Error(ErrorKind::kInvalid, "InvalidPart",
                 fmt::format("one or more of the specified parts could not be found: part {} may "
                             "not have been uploaded, or its entity tag or checksum may not match",
                             number));
}

Result<> CheckOrder(const std::vector<CompletePart>& parts) {
    if (parts.empty()) {
        return Error(ErrorKind::kInvalid, "MalformedXML",
                     "you must specify at least one part to complete a multipart upload");
    }
    for (size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].number <= parts[i - 1].number) {
            return Error(ErrorKind::kInvalid, "InvalidPartOrder",
                         "the list of parts was not in ascending order; the parts list must be "
                         "specified in order by part number");
        }
    }
    return Ok();
}

// The uploaded parts that the client lists, each as the client describes it.
Result<std::vector<catalog::Part>> SelectParts(const std::vector<CompletePart>& wanted,
                                               const std::vector<catalog::Part>& uploaded,
                                               const catalog::Upload& upload) {
    std::vector<catalog::Part> selected;
    selected.reserve(wanted.size());
    auto next = uploaded.begin();
    for (const CompletePart& want : wanted) {
        while (next != uploaded.end() && next->number < want.number)
            ++next;
        if (next == uploaded.end() || next->number != want.number || next->etag != want.etag)
            return InvalidPart(want.number);
        // An upload without an algorithm keeps none of its parts' to compare with.
        if (want.checksum && upload.checksum &&
            (upload.checksum != want.checksum->algorithm || next->checksum != want.checksum->raw)) {
            return InvalidPart(want.number);
        }
        selected.push_back(*next);
    }
    for (size_t i = 0; i + 1 < selected.size(); ++i) {
        if (selected[i].size_bytes < kMinPartBytes) {
            return Error(ErrorKind::kInvalid, "EntityTooSmall",
                         fmt::format("your proposed upload is smaller than the minimum allowed "
                                     "object size: part {} has {} bytes",
                                     selected[i].number, selected[i].size_bytes));
        }
    }
    return selected;
}

// The whole against what the client expects of it.
Result<> CheckWhole(const CompleteUploadRequest& request, const catalog::Upload& upload,
                    uint64_t size_bytes, const std::optional<Checksum>& checksum) {
    if (size_bytes > kMaxObjectBytes) {
        return Error(ErrorKind::kTooLarge, "EntityTooLarge",
                     fmt::format("your proposed upload of {} bytes exceeds the maximum allowed "
                                 "object size of 5 TiB",
                                 size_bytes));
    }
    if (request.size_bytes && *request.size_bytes != size_bytes) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     fmt::format("the provided 'x-amz-mp-object-size' header value {} does not "
                                 "match what was computed: {}",
                                 *request.size_bytes, size_bytes));
    }
    if (request.checksum_type && upload.checksum &&
        *request.checksum_type != upload.checksum_type) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "the checksum type is another than the one that the upload was created with");
    }
    if (request.checksum && request.checksum->algorithm != upload.checksum) {
        return Error(
            ErrorKind::kInvalid, "InvalidRequest",
            "the object's checksum is of another algorithm than the upload was created with");
    }
    if (request.checksum && request.checksum->raw != checksum->raw) {
        return Error(ErrorKind::kInvalid, "BadDigest",
                     fmt::format("the {} you specified did not match what we received.",
                                 codec::ChecksumName(request.checksum->algorithm)));
    }
    return Ok();
}

// The client's key may be missing where there is no checksum of the whole to make: S3 asks for it
// "only when the object was created using a checksum algorithm" (CompleteMultipartUpload).
Result<> CheckCompletionKey(const catalog::Upload& upload, const CompleteUploadRequest& request) {
    if (!request.customer_key && !upload.checksum && !request.always_with_key) return Ok();
    return CheckUploadKey(upload.encryption, request.customer_key);
}

// A completion whose answer was lost may be repeated while its object is the current one.
Result<Published> FindCompleted(const Core& core, db::Transaction& tx,
                                const CompleteUploadRequest& request) {
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.upload.bucket.text()));
    const std::string& key = request.upload.key.bytes();
    TRY(const auto upload, catalog::FindUpload(tx, bucket.id, key, request.upload.upload_id));
    if (!upload || !upload->completed) return NoSuchUpload();
    TRY(CheckCompletionKey(*upload, request));
    TRY(std::optional<catalog::Version> current, catalog::FindCurrent(tx, bucket.id, key));
    if (!current || current->content != upload->id) return NoSuchUpload();
    TRY(const std::vector<catalog::Part> parts,
        catalog::ListParts(tx, upload->id, 0, kMaxPartNumber));
    TRY(const auto selected, SelectParts(request.parts, parts, *upload));
    if (selected.size() != parts.size()) return NoSuchUpload();
    TRY(std::string expiration, core.lifecycle->ExpirationForWrite(tx, bucket, *current));
    std::string told = catalog::IsNull(current->version_id) ? "" : current->version_id;
    return Published{*std::move(current), std::move(told), false, std::move(expiration)};
}

Result<Published> CompleteInTransaction(const Core& core, db::Transaction& tx,
                                        const CompleteUploadRequest& request, Timestamp now) {
    Result<catalog::Upload> found = FindOpenUpload(tx, request.upload);
    if (!found) {
        if (found.error().code() != NoSuchUpload().code()) return found.error();
        return FindCompleted(core, tx, request);
    }
    const catalog::Upload upload = std::move(found).value();
    TRY(CheckCompletionKey(upload, request));
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.upload.bucket.text()));
    TRY(const std::vector<catalog::Part> uploaded,
        catalog::ListParts(tx, upload.id, 0, kMaxPartNumber));
    TRY(const std::vector<catalog::Part> parts, SelectParts(request.parts, uploaded, upload));

    catalog::Version version;
    version.key = upload.key;
    for (const catalog::Part& part : parts)
        version.size_bytes += part.size_bytes;
    version.etag = MultipartEtag(parts);
    version.modified = now;
    version.headers = upload.headers;
    version.encryption = upload.encryption;
    if (upload.checksum)
        version.checksum = MultipartChecksum(parts, *upload.checksum, upload.checksum_type);
    version.parts_count = static_cast<int>(parts.size());
    version.content = upload.id;
    TRY(CheckWhole(request, upload, version.size_bytes, version.checksum));

    auto keep = parts.begin();
    for (const catalog::Part& part : uploaded) {
        if (keep != parts.end() && keep->number == part.number) {
            ++keep;
            continue;
        }
        TRY(catalog::DeletePart(tx, upload.id, part.number));
    }
    TRY(catalog::CompleteUpload(tx, upload.id));
    TRY(Published published, Publish(core, tx, bucket, std::move(version), request.conditions));
    TRY(core.notifications->Note(tx, bucket, codec::ObjectEvent::kCompleteMultipartUpload,
                                 published.version, now, request.origin));
    return published;
}

}  // namespace

Task<Result<PutResult>> Uploads::Complete(CompleteUploadRequest request) {
    CO_TRY(CheckOrder(request.parts));
    const Timestamp now = core_.clock.Now();
    CO_TRY(const Published published, co_await core_.database.Write([&](db::Transaction& tx) {
        return CompleteInTransaction(core_, tx, request, now);
    }));
    core_.reclaimer.Wake();
    const catalog::Version& version = published.version;
    co_return PutResult{.etag = version.etag,
                        .version_id = published.version_id,
                        .checksum = version.checksum,
                        .size_bytes = version.size_bytes,
                        .expiration = published.expiration,
                        .encryption = version.encryption};
}

}  // namespace coffer::service
