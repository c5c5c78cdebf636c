// Objects::Put, Delete and DeleteMany.

#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/conditions.h"
#include "coffer/service/core.h"
#include "coffer/service/ingest.h"
#include "coffer/service/objects.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

using MaybeEncryption = std::optional<ChosenEncryption>;

// Where a body goes, and how it is to be encrypted.
struct Destination {
    catalog::BucketId bucket{};
    MaybeEncryption encryption;
};

// Refuses, before a body is read, what the transaction would refuse after it.
Result<Destination> CheckBeforeBody(const Core& core, db::Transaction& tx,
                                    const PutRequest& request) {
    TRY(const catalog::Bucket bucket, FindSameBucket(tx, request.bucket, request.grounds));
    TRY(core.locks->Check(tx, bucket, request.headers.lock, core.clock.Now()));
    TRY(const AclRules::Rules rules, core.acls->Read(tx, bucket));
    TRY(AclRules::ForObject(rules, bucket, request.acl));
    if (bucket.quota_bytes > 0 && request.content.size_bytes.value_or(0) > bucket.quota_bytes)
        return QuotaExceeded();
    // So that they are known when the transaction asks.
    TRY(core.lifecycle->Get(tx, bucket));
    TRY(core.notifications->Prepare(tx, bucket));
    if (request.conditions.if_match || request.conditions.if_none_match) {
        TRY(const std::optional<std::string> etag, CurrentEtag(tx, bucket.id, request.key));
        TRY(EvaluateWrite(request.conditions, etag));
    }
    TRY(auto encryption, core.encryptor.Choose(tx, bucket, request.encryption, true));
    return Destination{bucket.id, std::move(encryption)};
}

Result<Published> InsertObject(const Core& core, db::Transaction& tx, const PutRequest& request,
                               catalog::BucketId judged, Ingested& ingested, Timestamp now) {
    TRY(const catalog::Bucket bucket, FindSameBucket(tx, request.bucket, judged));
    catalog::Version version;
    version.key = request.key.bytes();
    version.size_bytes = ingested.size_bytes;
    version.etag = ingested.etag;
    version.modified = now;
    version.headers = request.headers;
    TRY(const AclRules::Rules rules, core.acls->ReadForWrite(tx, bucket));
    TRY(version.headers.acl, AclRules::ForObject(rules, bucket, request.acl));
    version.checksum = ingested.checksum;
    version.encryption = ingested.encryption;
    TRY(version.blob, Record(tx, ingested));
    TRY(Published published, Publish(core, tx, bucket, std::move(version), request.conditions));
    TRY(core.notifications->Note(tx, bucket, request.event, published.version, now,
                                 request.origin));
    return published;
}

Result<> CheckDelete(const catalog::Bucket& bucket, const DeleteRequest& request,
                     const catalog::Version& version) {
    if (!version.delete_marker) {  // which is nobody's
        TRY(Expect(request.grounds, bucket, version));
    }
    TRY(EvaluateWrite({.if_match = request.if_match, .if_none_match = {}}, version.etag));
    const auto seconds = [](Timestamp t) { return std::chrono::floor<std::chrono::seconds>(t); };
    if (request.if_match_modified &&
        seconds(*request.if_match_modified) != seconds(version.modified)) {
        return Error(ErrorKind::kPreconditionFailed, "PreconditionFailed",
                     "the object was modified at another time than "
                     "x-amz-if-match-last-modified-time says");
    }
    if (request.if_match_size && *request.if_match_size != version.size_bytes) {
        return Error(ErrorKind::kPreconditionFailed, "PreconditionFailed",
                     "the object has another size than x-amz-if-match-size says");
    }
    return Ok();
}

Result<DeleteResult> DeleteNamed(const Core& core, db::Transaction& tx,
                                 const catalog::Bucket& bucket, const DeleteRequest& request,
                                 Timestamp now) {
    DeleteResult result{.version_id = *request.version_id};
    TRY(const std::optional<catalog::Version> version,
        catalog::FindVersion(tx, bucket.id, request.key.bytes(), *request.version_id));
    if (!version) return result;
    TRY(CheckDelete(bucket, request, *version));
    TRY(catalog::DeleteVersion(tx, *version, {now, request.bypass_governance}));
    TRY(core.lifecycle->NoteChange(tx, bucket, version->key, now));
    TRY(core.notifications->Note(tx, bucket, codec::ObjectEvent::kDelete, *version, now,
                                 request.origin));
    result.delete_marker = version->delete_marker;
    return result;
}

Result<DeleteResult> DeleteOne(const Core& core, db::Transaction& tx, const catalog::Bucket& bucket,
                               const DeleteRequest& request, Timestamp now) {
    TRY(Expect(request.grounds, bucket));
    if (request.version_id) return DeleteNamed(core, tx, bucket, request, now);
    TRY(const std::optional<catalog::Version> current,
        catalog::FindCurrent(tx, bucket.id, request.key.bytes()));
    if (current) {
        TRY(CheckDelete(bucket, request, *current));
    }
    if (bucket.versioning == Versioning::kUnversioned) {
        if (current) {
            TRY(catalog::DeleteVersion(tx, *current, {now, request.bypass_governance}));
            TRY(core.lifecycle->NoteChange(tx, bucket, current->key, now));
            TRY(core.notifications->Note(tx, bucket, codec::ObjectEvent::kDelete, *current, now,
                                         request.origin));
        }
        return DeleteResult();
    }
    catalog::Version marker;
    marker.key = request.key.bytes();
    marker.delete_marker = true;
    marker.modified = now;
    TRY(Published published, Stack(tx, *core.lifecycle, bucket, std::move(marker), current));
    TRY(core.notifications->Note(tx, bucket, codec::ObjectEvent::kDeleteMarker, published.version,
                                 now, request.origin));
    return DeleteResult{.delete_marker = true, .version_id = std::move(published.version_id)};
}

}  // namespace

Task<Result<PutResult>> Objects::Put(PutRequest request, ByteSource& body) {
    CO_TRY(Destination destination,
           co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
               return CheckBeforeBody(core_, tx, request);
           }));
    CO_TRY(Ingested ingested,
           co_await Ingest(core_, request.content, body, std::move(destination.encryption)));
    const Timestamp now = core_.clock.Now();
    const Result<Published> published = co_await core_.database.Write([&](db::Transaction& tx) {
        return InsertObject(core_, tx, request, destination.bucket, ingested, now);
    });
    if (!published) {
        co_await Abandon(core_, std::move(ingested));
        co_return published.error();
    }
    co_await Settle(core_, std::move(ingested));
    if (published.value().replaced) core_.reclaimer.Wake();
    const catalog::Version& version = published.value().version;
    co_return PutResult{.etag = version.etag,
                        .version_id = published.value().version_id,
                        .checksum = version.checksum,
                        .size_bytes = version.size_bytes,
                        .expiration = published.value().expiration,
                        .encryption = version.encryption};
}

Task<Result<std::string>> Objects::SetTags(NamedObject object, Tags tags, Origin origin) {
    const Timestamp now = core_.clock.Now();
    const auto event =
        tags.empty() ? codec::ObjectEvent::kDeleteTagging : codec::ObjectEvent::kPutTagging;
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<std::string> {
        TRY(FoundVersion found, ResolveVersion(tx, object));
        found.version.headers.tags = tags;
        TRY(catalog::ChangeHeaders(tx, found.version));
        TRY(core_.lifecycle->NoteChange(tx, found.bucket, found.version.key, now));
        TRY(core_.notifications->Note(tx, found.bucket, event, found.version, now, origin));
        return ToldVersionId(found.bucket, found.version);
    });
}

Task<Result<DeleteResult>> Objects::Delete(DeleteRequest request) {
    const Timestamp now = core_.clock.Now();
    CO_TRY(DeleteResult result, co_await core_.database.Write(
                                    [&](db::Transaction& tx) -> Result<DeleteResult> {
                                        TRY(const catalog::Bucket bucket,
                                            catalog::FindBucket(tx, request.bucket.text()));
                                        return DeleteOne(core_, tx, bucket, request, now);
                                    },
                                    db::Purpose::kFreesSpace));
    core_.reclaimer.Wake();
    co_return result;
}

Task<Result<std::vector<Result<DeleteResult>>>> Objects::DeleteMany(
    BucketName bucket, std::vector<DeleteRequest> requests, std::optional<Grounds> grounds) {
    using Results = std::vector<Result<DeleteResult>>;
    const Timestamp now = core_.clock.Now();
    CO_TRY(Results results,
           co_await core_.database.Write(
               [&](db::Transaction& tx) -> Result<Results> {
                   TRY(const catalog::Bucket row, FindSameBucket(tx, bucket, grounds));
                   Results each;
                   each.reserve(requests.size());
                   for (const DeleteRequest& request : requests) {
                       Result<DeleteResult> result = DeleteOne(core_, tx, row, request, now);
                       // A condition or a lock that refuses it has changed nothing; anything else
                       // undoes the whole.
                       if (!result && result.error().code().empty()) return result.error();
                       each.push_back(std::move(result));
                   }
                   return each;
               },
               db::Purpose::kFreesSpace));
    core_.reclaimer.Wake();
    co_return results;
}

}  // namespace coffer::service
