// Objects::Copy.

#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/uploads.h"
#include "coffer/service/conditions.h"
#include "coffer/service/content_source.h"
#include "coffer/service/copy_source.h"
#include "coffer/service/core.h"
#include "coffer/service/ingest.h"
#include "coffer/service/objects.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

// How often a copy begins again because its source was replaced while it was read.
constexpr int kMaxAttempts = 8;

Result<> CheckRequest(const CopyRequest& request) {
    const bool onto_itself = request.source.bucket == request.bucket &&
                             request.source.key == request.key && !request.source.version_id;
    if (onto_itself && !request.replace_headers && !request.encryption && !request.names_class) {
        return Error(
            ErrorKind::kInvalid, "InvalidRequest",
            "this copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect "
            "location or encryption attributes");
    }
    return Ok();
}

// Whether the tags that the source has may become the copy's.
Result<> CheckTags(const CopyRequest& request, const catalog::Bucket& bucket,
                   const catalog::Version& source) {
    if (request.replace_tags || source.headers.tags.empty()) return Ok();
    if (!request.may_copy_tags) return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
    return Expect(request.tags_grounds, bucket, source);
}

// What to read before the transaction: where a checksum is asked for that the source does not have,
// or where the bytes are to be encrypted anew.
struct Plan {
    catalog::BucketId bucket{};  // where the copy goes
    catalog::Version source;
    std::string source_version_id;
    std::optional<ChosenEncryption> encryption;  // of the copy
    bool anew = false;                           // the copy gets bytes of its own
    std::optional<ReadableContent> to_read;
};

Result<Plan> MakePlan(Core& core, db::Transaction& tx, const CopyRequest& request) {
    Plan plan;
    TRY(const catalog::Bucket bucket, FindSameBucket(tx, request.bucket, request.grounds));
    plan.bucket = bucket.id;
    TRY(core.locks->Check(tx, bucket, request.lock, core.clock.Now()));
    TRY(const AclRules::Rules rules, core.acls->Read(tx, bucket));
    TRY(AclRules::ForObject(rules, bucket, request.acl));
    TRY(core.lifecycle->Get(tx, bucket));  // so that it is known when the transaction asks
    TRY(FoundVersion source, ResolveSource(tx, request.source));
    plan.source_version_id = ToldVersionId(source.bucket, source.version);
    plan.source = std::move(source.version);
    TRY(CheckTags(request, source.bucket, plan.source));
    TRY(CheckCustomerKey(plan.source.encryption, request.source_customer_key));
    TRY(EvaluateCopySource(request.source_conditions, plan.source.etag, plan.source.modified));
    if (plan.source.size_bytes > kMaxCopyBytes) return CopySourceTooLarge();
    TRY(plan.encryption, core.encryptor.Choose(tx, bucket, request.encryption, true));
    plan.anew = !InOneDomain(plan.source.encryption, request.source_customer_key, plan.encryption);
    const auto& has = plan.source.checksum;
    if (plan.anew || (request.checksum && (!has || has->algorithm != *request.checksum))) {
        TRY(plan.to_read, LocateContent(tx, plan.source, {0, plan.source.size_bytes}));
        plan.to_read->customer_key = request.source_customer_key;
    }
    return plan;
}

// What was read for a copy.
struct Prepared {
    std::optional<Checksum> checksum;  // that the source does not have
    std::optional<Ingested> anew;
};

Task<Result<Prepared>> Prepare(Core& core, const CopyRequest& request, Plan& plan) {
    Prepared prepared;
    if (!plan.to_read) co_return prepared;
    if (!plan.anew) {
        CO_TRY(SourceDigests digests,
               co_await DigestSource(core, *std::move(plan.to_read), request.checksum));
        prepared.checksum = std::move(digests.checksum);
        co_return prepared;
    }
    ExpectedContent content{.size_bytes = plan.source.size_bytes, .checksum = request.checksum};
    // The copy is of one part, so that its checksum can only be of all bytes.
    if (!content.checksum && plan.source.checksum)
        content.checksum = plan.source.checksum->algorithm;
    CO_TRY(prepared.anew, co_await IngestSource(core, *std::move(plan.to_read), std::move(content),
                                                plan.encryption));
    co_return prepared;
}

// What the copy is made of, and what follows from that.
Result<> Refer(db::Transaction& tx, const Plan& plan, Prepared& prepared,
               catalog::Version& version) {
    version.encryption.reset();
    if (plan.encryption) version.encryption = plan.encryption->kept;
    if (prepared.checksum) version.checksum = prepared.checksum;
    if (prepared.anew) {
        TRY(version.blob, Record(tx, *prepared.anew));
        version.content.reset();
        version.parts_count = 0;
        version.etag = prepared.anew->etag;
        version.checksum = prepared.anew->checksum;
        return Ok();
    }
    // References first: the source may be what is replaced.
    if (version.blob) {
        TRY(catalog::AddReferences(tx, *version.blob, 1));
    }
    if (version.content) {
        // Those of its parts are of the source's algorithm.
        const auto checksums =
            prepared.checksum ? catalog::PartChecksums::kDrop : catalog::PartChecksums::kKeep;
        TRY(version.content, catalog::CopyContent(tx, *version.content, checksums));
    }
    return Ok();
}

Result<Published> InsertCopy(const Core& core, db::Transaction& tx, const CopyRequest& request,
                             const Plan& plan, Prepared& prepared, Timestamp now) {
    TRY(FoundVersion source, ResolveSource(tx, request.source));
    catalog::Version version = std::move(source.version);
    if (version.sequence != plan.source.sequence)
        return Error(ErrorKind::kUnavailable, "the source was replaced");
    TRY(const catalog::Bucket bucket, FindSameBucket(tx, request.bucket, plan.bucket));
    version.key = request.key.bytes();
    version.modified = now;
    TRY(CheckTags(request, source.bucket, version));
    Tags tags = std::move(version.headers.tags);
    if (request.replace_headers) version.headers = *request.replace_headers;
    version.headers.tags = request.replace_tags ? *request.replace_tags : std::move(tags);
    version.headers.lock = request.lock;
    TRY(Refer(tx, plan, prepared, version));
    TRY(const AclRules::Rules rules, core.acls->ReadForWrite(tx, bucket));
    TRY(version.headers.acl, AclRules::ForObject(rules, bucket, request.acl));
    TRY(Published published, Publish(core, tx, bucket, std::move(version), request.conditions));
    TRY(core.notifications->Note(tx, bucket, codec::ObjectEvent::kCopy, published.version, now,
                                 request.origin));
    return published;
}

}  // namespace

Task<Result<CopyResult>> Objects::Copy(CopyRequest request) {
    CO_TRY(CheckRequest(request));
    for (int attempt = 1;; ++attempt) {
        CO_TRY(Plan plan, co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
            return MakePlan(core_, tx, request);
        }));
        Result<Prepared> read = co_await Prepare(core_, request, plan);
        if (!read) {
            if (read.error().kind() == ErrorKind::kNotFound && attempt < kMaxAttempts) continue;
            co_return read.error();
        }
        Prepared& prepared = read.value();
        const Timestamp now = core_.clock.Now();
        const Result<Published> published = co_await core_.database.Write([&](db::Transaction& tx) {
            return InsertCopy(core_, tx, request, plan, prepared, now);
        });
        if (!published) {
            if (prepared.anew) co_await Abandon(core_, *std::move(prepared.anew));
            const bool replaced = published.error().kind() == ErrorKind::kUnavailable;
            if (replaced && attempt < kMaxAttempts) continue;
            co_return published.error();
        }
        if (prepared.anew) co_await Settle(core_, *std::move(prepared.anew));
        if (published.value().replaced) core_.reclaimer.Wake();
        const catalog::Version& version = published.value().version;
        co_return CopyResult{.etag = version.etag,
                             .modified = version.modified,
                             .version_id = published.value().version_id,
                             .source_version_id = plan.source_version_id,
                             .checksum = version.checksum,
                             .parts_count = version.parts_count,
                             .expiration = published.value().expiration,
                             .encryption = version.encryption};
    }
}

}  // namespace coffer::service
