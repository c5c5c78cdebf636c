// Objects::Copy.

#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/uploads.h"
#include "coffer/service/conditions.h"
#include "coffer/service/content_source.h"
#include "coffer/service/copy_source.h"
#include "coffer/service/core.h"
#include "coffer/service/objects.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

// How often a copy begins again because its source was replaced while it was read.
constexpr int kMaxAttempts = 8;

Result<> CheckRequest(const CopyRequest& request) {
    const bool onto_itself = request.source_bucket == request.bucket &&
                             request.source_key == request.key && !request.source_version_id;
    if (onto_itself && !request.replace_headers) {
        return Error(
            ErrorKind::kInvalid, "InvalidRequest",
            "this copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect "
            "location or encryption attributes");
    }
    return Ok();
}

// What to read before the transaction, where a checksum is asked for that the source does not have.
struct Plan {
    catalog::Version source;
    std::string source_version_id;
    std::optional<ReadableContent> to_read;
};

Result<Plan> MakePlan(const Core& core, db::Transaction& tx, const CopyRequest& request) {
    Plan plan;
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
    TRY(core.locks->Check(tx, bucket, request.lock, core.clock.Now()));
    TRY(core.lifecycle->Get(tx, bucket));  // so that it is known when the transaction asks
    TRY(FoundVersion source,
        ResolveSource(tx, request.source_bucket, request.source_key, request.source_version_id));
    plan.source_version_id = ToldVersionId(source.bucket, source.version);
    plan.source = std::move(source.version);
    TRY(EvaluateCopySource(request.source_conditions, plan.source.etag, plan.source.modified));
    if (plan.source.size_bytes > kMaxCopyBytes) return CopySourceTooLarge();
    const auto& has = plan.source.checksum;
    if (request.checksum && (!has || has->algorithm != *request.checksum)) {
        TRY(plan.to_read, LocateContent(tx, plan.source, {0, plan.source.size_bytes}));
    }
    return plan;
}

Result<Published> InsertCopy(const Core& core, db::Transaction& tx, const CopyRequest& request,
                             const Plan& plan, const std::optional<Checksum>& checksum,
                             Timestamp now) {
    TRY(FoundVersion source,
        ResolveSource(tx, request.source_bucket, request.source_key, request.source_version_id));
    catalog::Version version = std::move(source.version);
    if (version.sequence != plan.source.sequence)
        return Error(ErrorKind::kUnavailable, "the source was replaced");
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
    // References first: the source may be what is replaced.
    if (version.blob) {
        TRY(catalog::AddReferences(tx, *version.blob, 1));
    }
    if (version.content) {
        TRY(version.content, catalog::CopyContent(tx, *version.content));
    }
    version.key = request.key.bytes();
    version.modified = now;
    Tags tags = std::move(version.headers.tags);
    if (request.replace_headers) version.headers = *request.replace_headers;
    version.headers.tags = request.replace_tags ? *request.replace_tags : std::move(tags);
    version.headers.lock = request.lock;
    if (checksum) version.checksum = checksum;
    return Publish(core, tx, bucket, std::move(version), request.conditions);
}

}  // namespace

Task<Result<CopyResult>> Objects::Copy(CopyRequest request) {
    CO_TRY(CheckRequest(request));
    for (int attempt = 1;; ++attempt) {
        CO_TRY(Plan plan, co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
            return MakePlan(core_, tx, request);
        }));
        std::optional<Checksum> checksum;
        if (plan.to_read) {
            Result<SourceDigests> digests =
                co_await DigestSource(core_, *std::move(plan.to_read), request.checksum);
            if (!digests) {
                if (digests.error().kind() == ErrorKind::kNotFound && attempt < kMaxAttempts)
                    continue;
                co_return digests.error();
            }
            checksum = digests.value().checksum;
        }
        const Timestamp now = core_.clock.Now();
        const Result<Published> published = co_await core_.database.Write([&](db::Transaction& tx) {
            return InsertCopy(core_, tx, request, plan, checksum, now);
        });
        if (!published) {
            const bool replaced = published.error().kind() == ErrorKind::kUnavailable;
            if (replaced && attempt < kMaxAttempts) continue;
            co_return published.error();
        }
        if (published.value().replaced) core_.reclaimer.Wake();
        const catalog::Version& version = published.value().version;
        co_return CopyResult{.etag = version.etag,
                             .modified = version.modified,
                             .version_id = published.value().version_id,
                             .source_version_id = plan.source_version_id,
                             .checksum = version.checksum,
                             .expiration = published.value().expiration};
    }
}

}  // namespace coffer::service
