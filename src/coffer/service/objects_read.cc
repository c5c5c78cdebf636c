// Objects::Get and FindDeleteMarker.

#include <utility>

#include "coffer/base/log.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/current_object.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/conditions.h"
#include "coffer/service/content_source.h"
#include "coffer/service/core.h"
#include "coffer/service/objects.h"
#include "coffer/service/uploads.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

// How often a read begins again because the object was replaced, and its bytes removed, under it.
constexpr int kMaxAttempts = 8;

struct Found {
    catalog::Version version;
    bool versioned = false;
    ReadVerdict verdict = ReadVerdict::kProceed;
    ReadableContent content;
    store::ByteRange range;
    bool partial = false;
    std::optional<Checksum> part_checksum;
    std::vector<PartInfo> parts;
    std::string expiration;
    bool told = false;  // somebody asks for events of reads like this one
};

std::optional<Checksum> ChecksumOf(const catalog::Part& part, const catalog::Version& version) {
    if (part.checksum.empty() || !version.checksum) return std::nullopt;
    return Checksum{version.checksum->algorithm, ChecksumType::kFullObject, part.checksum};
}

Result<> SelectPart(db::Transaction& tx, int part_number, Found& found) {
    const Error no_part(ErrorKind::kInvalid, "InvalidPartNumber",
                        "the requested partnumber is not satisfiable");
    found.partial = true;
    if (!found.version.content) {
        if (part_number != 1) return no_part;
        return Ok();
    }
    TRY(const std::vector<catalog::Part> parts,
        catalog::ListParts(tx, *found.version.content, 0, kMaxPartNumber));
    uint64_t offset = 0;
    for (const catalog::Part& part : parts) {
        if (part.number == part_number) {
            found.range = {offset, part.size_bytes};
            found.part_checksum = ChecksumOf(part, found.version);
            return Ok();
        }
        offset += part.size_bytes;
    }
    return no_part;
}

Result<> SelectRange(db::Transaction& tx, const GetRequest& request, Found& found) {
    found.range = {0, found.version.size_bytes};
    if (request.part_number) return SelectPart(tx, *request.part_number, found);
    const catalog::Version& version = found.version;
    if (!request.range || !HoldsForRange(request.conditions, version.etag, version.modified))
        return Ok();
    const auto resolved = codec::ResolveRange(*request.range, found.version.size_bytes);
    if (!resolved) {
        return Error(ErrorKind::kInvalid, "InvalidRange", "the requested range is not satisfiable");
    }
    found.range = {resolved->offset, resolved->length};
    found.partial = true;
    return Ok();
}

Result<> ReadParts(db::Transaction& tx, const PartsPage& page, Found& found) {
    if (!found.version.content) return Ok();
    TRY(const std::vector<catalog::Part> parts,
        catalog::ListParts(tx, *found.version.content, page.after, page.limit));
    found.parts.reserve(parts.size());
    for (const catalog::Part& part : parts)
        found.parts.push_back({part.number,
                               part.size_bytes,
                               part.etag,
                               part.modified,
                               ChecksumOf(part, found.version),
                               {}});
    return Ok();
}

// Rules that are damaged are no reason not to read.
Result<bool> IsTold(const Core& core, db::Transaction& tx, const GetRequest& request,
                    const catalog::Bucket& bucket) {
    if (!request.event) return false;
    auto wanted = core.notifications->AreWanted(tx, bucket, *request.event, request.key.bytes());
    if (!wanted && wanted.error().kind() == ErrorKind::kCorrupt) return false;
    return wanted;
}

// What was read is served also where its event can't be written: a full disk is no reason not to.
Task<void> NoteRead(Core& core, const GetRequest& request, const catalog::Version& version) {
    const Timestamp now = core.clock.Now();
    const Result<> noted = co_await core.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
        return core.notifications->Note(tx, bucket, *request.event, version, now, request.origin);
    });
    if (!noted)
        Log(LogLevel::kWarning, "an object was read, and the event that tells it is lost",
            {{"bucket", request.bucket.text()}, {"error", noted.error().ToString()}});
}

Result<Found> Find(const Core& core, db::Transaction& tx, const GetRequest& request) {
    Found found;
    std::optional<catalog::LocatedExtent> whole;
    if (request.version_id) {
        TRY(FoundVersion named,
            ResolveVersion(tx, request.bucket, request.key, request.version_id, request.grounds));
        found.version = std::move(named.version);
        found.versioned = named.bucket.versioning != Versioning::kUnversioned;
        TRY(found.told, IsTold(core, tx, request, named.bucket));
    } else {
        TRY(auto current, catalog::FindCurrentObject(tx, request.bucket.text(), request.key.bytes(),
                                                     request.with_body));
        TRY(found.version, ExistingObject(std::move(current.version)));
        TRY(Expect(request.grounds, current.bucket, found.version));
        found.versioned = current.bucket.versioning != Versioning::kUnversioned;
        TRY(found.told, IsTold(core, tx, request, current.bucket));
        TRY(found.expiration, core.lifecycle->Expiration(tx, current.bucket, found.version));
        whole = std::move(current.whole);
    }
    const Result<> selected = SelectRange(tx, request, found);
    if (request.with_key) {
        const Result<> opens = CheckCustomerKey(found.version.encryption, request.customer_key);
        // No key opens a part that is not there.
        if (!opens) return request.part_number && !selected ? selected.error() : opens.error();
    }
    TRY(found.verdict,
        EvaluateRead(request.conditions, found.version.etag, found.version.modified));
    if (found.verdict == ReadVerdict::kNotModified) return found;
    if (!selected) return selected.error();
    if (request.parts_page) {
        TRY(ReadParts(tx, *request.parts_page, found));
    }
    if (request.with_body) {
        TRY(found.content, LocateContent(tx, found.version, found.range, std::move(whole)));
        found.content.customer_key = request.customer_key;
    }
    return found;
}

}  // namespace

Task<Result<GetResult>> Objects::Get(GetRequest request) {
    for (int attempt = 1;; ++attempt) {
        const auto cost = request.parts_page ? db::Cost::kScan : db::Cost::kPoint;
        CO_TRY(Found found, co_await core_.database.Read(cost, [&](db::Transaction& tx) {
            return Find(core_, tx, request);
        }));
        GetResult result;
        result.not_modified = found.verdict == ReadVerdict::kNotModified;
        result.partial = found.partial;
        result.range = found.range;
        result.part_checksum = found.part_checksum;
        result.parts = std::move(found.parts);
        result.expiration = std::move(found.expiration);
        if (request.with_body && !result.not_modified) {
            Result<std::unique_ptr<ByteSource>> body =
                co_await OpenContent(core_, std::move(found.content));
            if (!body) {
                if (body.error().kind() != ErrorKind::kNotFound) co_return body.error();
                if (attempt < kMaxAttempts) continue;
                co_return Error(ErrorKind::kCorrupt, "the bytes of an object are not on its store");
            }
            result.body = std::move(body).value();
        }
        if (found.told && !result.not_modified) co_await NoteRead(core_, request, found.version);
        result.info = ToInfo(std::move(found.version));
        result.info.versioned = found.versioned;
        co_return result;
    }
}

Task<Result<std::optional<VersionInfo>>> Objects::FindDeleteMarker(
    BucketName bucket, ObjectKey key, std::optional<std::string> version_id) {
    using Marker = std::optional<VersionInfo>;
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<Marker> {
            TRY(const catalog::Bucket row, catalog::FindBucket(tx, bucket.text()));
            TRY(std::optional<catalog::Version> version,
                version_id ? catalog::FindVersion(tx, row.id, key.bytes(), *version_id)
                           : catalog::FindCurrent(tx, row.id, key.bytes()));
            if (!version || !version->delete_marker) return Marker();
            return Marker(ToInfo(*std::move(version)));
        });
}

}  // namespace coffer::service
