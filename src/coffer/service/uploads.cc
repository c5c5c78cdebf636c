// Uploads: create, put a part, copy a part, abort.

#include "coffer/service/uploads.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/base/random.h"
#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/hex.h"
#include "coffer/service/conditions.h"
#include "coffer/service/copy_source.h"
#include "coffer/service/core.h"
#include "coffer/service/extents.h"
#include "coffer/service/ingest.h"
#include "coffer/service/lock_rules.h"
#include "coffer/service/open_upload.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

constexpr int kMaxAttempts = 8;

std::string NewUploadId() {
    std::array<std::byte, 16> random;
    FillRandom(random);
    return codec::ToHex(random);
}

// What AWS has each algorithm do (docs.aws.amazon.com, "Checking object integrity": full object and
// composite).
Result<ChecksumType> ChooseType(std::optional<codec::ChecksumAlgorithm> algorithm,
                                std::optional<ChecksumType> wanted) {
    using codec::ChecksumAlgorithm;
    if (!algorithm) return wanted.value_or(ChecksumType::kFullObject);
    const bool only_full = *algorithm == ChecksumAlgorithm::kCrc64Nvme;
    const bool only_composite =
        *algorithm == ChecksumAlgorithm::kSha1 || *algorithm == ChecksumAlgorithm::kSha256;
    const ChecksumType type =
        wanted.value_or(only_full ? ChecksumType::kFullObject : ChecksumType::kComposite);
    if ((only_full && type == ChecksumType::kComposite) ||
        (only_composite && type == ChecksumType::kFullObject)) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     fmt::format("the {} checksum type cannot be used with the {} checksum "
                                 "algorithm",
                                 type == ChecksumType::kComposite ? "COMPOSITE" : "FULL_OBJECT",
                                 codec::ChecksumName(*algorithm)));
    }
    return type;
}

Result<> CheckPartNumber(int number) {
    if (number >= 1 && number <= kMaxPartNumber) return Ok();
    return Error(ErrorKind::kInvalid, "InvalidArgument",
                 "part number must be an integer between 1 and 10000, inclusive");
}

// The upload's algorithm is computed for every part; a part that brings another one is refused.
Result<> AgreeOnChecksum(const catalog::Upload& upload, ExpectedContent& content) {
    if (!upload.checksum) return Ok();
    if (content.checksum && *content.checksum != *upload.checksum) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     fmt::format("checksum type mismatch occurred, expected checksum type: {}, "
                                 "actual checksum type: {}",
                                 codec::ChecksumName(*upload.checksum),
                                 codec::ChecksumName(*content.checksum)));
    }
    content.checksum = upload.checksum;
    return Ok();
}

Result<catalog::Part> InsertPart(db::Transaction& tx, const PutPartRequest& request,
                                 Ingested& ingested, Timestamp now) {
    TRY(const catalog::Upload upload, FindOpenUpload(tx, request.upload));
    TRY(const catalog::BlobId blob, Record(tx, ingested));
    catalog::Part part{request.part_number, ingested.size_bytes, ingested.etag, now, {}};
    if (upload.checksum && ingested.checksum) part.checksum = ingested.checksum->raw;
    TRY(catalog::PutPart(tx, upload.id, part, {{blob, 0, ingested.size_bytes}}));
    return part;
}

// How the parts of an upload are encrypted, by a key of the client's that has been checked.
std::optional<ChosenEncryption> EncryptionOfParts(const catalog::Upload& upload,
                                                  const std::optional<AeadKey>& customer_key) {
    if (!upload.encryption) return std::nullopt;
    return ChosenEncryption{*upload.encryption, customer_key};
}

// A copy of a part, as the catalogue has its source.
struct PartPlan {
    catalog::Upload upload;
    catalog::Version source;
    std::string source_version_id;
    std::vector<catalog::Extent> extents;
    catalog::Part part;
    std::optional<ReadableContent> to_read;  // where a digest is needed that is not stored, or:
    bool anew = false;                       // the part gets bytes of its own
};

// What of a copied part is known without reading it; else what to read.
Result<> DescribeCopy(db::Transaction& tx, const CopyPartRequest& request, store::ByteRange range,
                      PartPlan& plan) {
    plan.anew = !InOneDomain(plan.source.encryption, request.source_customer_key,
                             EncryptionOfParts(plan.upload, request.customer_key));
    const bool whole = range.length == plan.source.size_bytes;
    const auto& has = plan.source.checksum;
    const bool has_checksum =
        !plan.upload.checksum || (whole && has && has->algorithm == *plan.upload.checksum &&
                                  has->type == ChecksumType::kFullObject);
    const bool has_etag = (whole && plan.source.blob) || !EtagIsMd5(plan.upload.encryption);
    if (plan.anew || !has_checksum || !has_etag) {
        TRY(plan.to_read, LocateContent(tx, plan.source, range));
        plan.to_read->customer_key = request.source_customer_key;
        return Ok();
    }
    plan.part.etag = whole && plan.source.blob ? plan.source.etag : RandomEtag();
    if (plan.upload.checksum) plan.part.checksum = has->raw;
    return Ok();
}

Result<PartPlan> PlanPart(db::Transaction& tx, const CopyPartRequest& request) {
    PartPlan plan;
    TRY(plan.upload, FindOpenUpload(tx, request.upload));
    TRY(CheckUploadKey(plan.upload.encryption, request.customer_key));
    TRY(FoundVersion source, ResolveSource(tx, request.source));
    plan.source_version_id = ToldVersionId(source.bucket, source.version);
    plan.source = std::move(source.version);
    TRY(CheckCustomerKey(plan.source.encryption, request.source_customer_key));
    TRY(EvaluateCopySource(request.source_conditions, plan.source.etag, plan.source.modified));
    const uint64_t size = plan.source.size_bytes;
    const store::ByteRange range = request.range.value_or(store::ByteRange{0, size});
    if (range.offset > size || range.length > size - range.offset) {
        return Error(
            ErrorKind::kInvalid, "CopyRangeBeyondSource",
            fmt::format("Range specified is not valid for source object of size: {}", size));
    }
    if (range.length > kMaxCopyBytes) return CopySourceTooLarge();
    TRY(const std::vector<catalog::Extent> extents, catalog::ReadExtents(tx, plan.source));
    plan.extents = ClipExtents(extents, range);
    plan.part.number = request.part_number;
    plan.part.size_bytes = range.length;
    TRY(DescribeCopy(tx, request, range, plan));
    return plan;
}

// Reads what the plan says is to be read, and completes the part by it.
Task<Result<std::optional<Ingested>>> ReadCopiedPart(Core& core, const CopyPartRequest& request,
                                                     PartPlan& plan) {
    if (!plan.to_read) co_return std::optional<Ingested>();
    if (plan.anew) {
        CO_TRY(Ingested ingested,
               co_await IngestSource(
                   core, *std::move(plan.to_read),
                   {.size_bytes = plan.part.size_bytes, .checksum = plan.upload.checksum},
                   EncryptionOfParts(plan.upload, request.customer_key)));
        plan.part.etag = ingested.etag;
        if (ingested.checksum) plan.part.checksum = ingested.checksum->raw;
        co_return std::optional<Ingested>(std::move(ingested));
    }
    CO_TRY(const SourceDigests digests,
           co_await DigestSource(core, *std::move(plan.to_read), plan.upload.checksum));
    plan.part.etag = EtagOf(plan.upload.encryption, digests.md5);
    if (digests.checksum) plan.part.checksum = digests.checksum->raw;
    co_return std::optional<Ingested>();
}

Result<> InsertCopiedPart(db::Transaction& tx, const CopyPartRequest& request, PartPlan& plan,
                          std::optional<Ingested>& anew) {
    TRY(const catalog::Upload upload, FindOpenUpload(tx, request.upload));
    TRY(const FoundVersion source, ResolveSource(tx, request.source));
    if (source.version.sequence != plan.source.sequence)
        return Error(ErrorKind::kUnavailable, "the source was replaced");
    if (anew) {
        TRY(const catalog::BlobId blob, Record(tx, *anew));
        return catalog::PutPart(tx, upload.id, plan.part, {{blob, 0, plan.part.size_bytes}});
    }
    for (const catalog::Extent& extent : plan.extents) {
        TRY(catalog::AddReferences(tx, extent.blob, 1));
    }
    return catalog::PutPart(tx, upload.id, plan.part, plan.extents);
}

}  // namespace

Task<Result<UploadInfo>> Uploads::Create(CreateUploadRequest request) {
    CO_TRY(const ChecksumType type, ChooseType(request.checksum, request.checksum_type));
    catalog::Upload upload;
    upload.upload_id = NewUploadId();
    upload.key = request.key.bytes();
    upload.initiated = core_.clock.Now();
    upload.headers = std::move(request.headers);
    upload.initiator = std::move(request.initiator);
    if (const auto& retention = upload.headers.lock.retention) {
        CO_TRY(CheckRetainUntil(*retention, upload.initiated));
    }
    upload.checksum = request.checksum;
    upload.checksum_type = type;
    CO_TRY(UploadInfo info,
           co_await core_.database.Write([&](db::Transaction& tx) -> Result<UploadInfo> {
               TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
               if (upload.headers.lock != codec::ObjectLock()) {
                   TRY(core_.locks->Expect(tx, bucket));
               }
               catalog::Upload row = upload;
               row.bucket = bucket.id;
               TRY(auto chosen, core_.encryptor.Choose(tx, bucket, request.encryption, false));
               if (chosen) row.encryption = std::move(chosen->kept);
               TRY(const AclRules::Rules rules, core_.acls->ReadForWrite(tx, bucket));
               TRY(row.headers.acl, AclRules::ForObject(rules, bucket, request.acl));
               TRY(row, catalog::InsertUpload(tx, std::move(row)));
               UploadInfo created = ToInfo(row);
               TRY(created.abort, core_.lifecycle->NoteUpload(tx, bucket, row));
               return created;
           }));
    co_return info;
}

Task<Result<PartInfo>> Uploads::PutPart(PutPartRequest request, ByteSource& body) {
    CO_TRY(CheckPartNumber(request.part_number));
    CO_TRY(const catalog::Upload upload,
           co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
               return FindOpenUpload(tx, request.upload);
           }));
    CO_TRY(CheckUploadKey(upload.encryption, request.customer_key));
    CO_TRY(AgreeOnChecksum(upload, request.content));
    CO_TRY(Ingested ingested, co_await Ingest(core_, request.content, body,
                                              EncryptionOfParts(upload, request.customer_key)));
    const Timestamp now = core_.clock.Now();
    const Result<catalog::Part> part = co_await core_.database.Write(
        [&](db::Transaction& tx) { return InsertPart(tx, request, ingested, now); });
    if (!part) {
        co_await Abandon(core_, std::move(ingested));
        co_return part.error();
    }
    PartInfo info = ToInfo(part.value(), upload.checksum);
    // A checksum that the part brought along is told back, also where the upload keeps none.
    info.checksum = ingested.checksum;
    info.encryption = upload.encryption;
    co_await Settle(core_, std::move(ingested));
    core_.reclaimer.Wake();
    co_return info;
}

Task<Result<CopyPartResult>> Uploads::CopyPart(CopyPartRequest request) {
    CO_TRY(CheckPartNumber(request.part_number));
    for (int attempt = 1;; ++attempt) {
        CO_TRY(PartPlan plan,
               co_await core_.database.Read(
                   db::Cost::kPoint, [&](db::Transaction& tx) { return PlanPart(tx, request); }));
        Result<std::optional<Ingested>> anew = co_await ReadCopiedPart(core_, request, plan);
        if (!anew) {
            if (anew.error().kind() == ErrorKind::kNotFound && attempt < kMaxAttempts) continue;
            co_return anew.error();
        }
        plan.part.modified = core_.clock.Now();
        const Result<> inserted = co_await core_.database.Write(
            [&](db::Transaction& tx) { return InsertCopiedPart(tx, request, plan, anew.value()); });
        if (!inserted) {
            if (anew.value()) co_await Abandon(core_, *std::move(anew.value()));
            const bool replaced = inserted.error().kind() == ErrorKind::kUnavailable;
            if (replaced && attempt < kMaxAttempts) continue;
            co_return inserted.error();
        }
        if (anew.value()) co_await Settle(core_, *std::move(anew.value()));
        core_.reclaimer.Wake();
        PartInfo info = ToInfo(plan.part, plan.upload.checksum);
        info.encryption = plan.upload.encryption;
        co_return CopyPartResult{std::move(info), std::move(plan.source_version_id)};
    }
}

Task<Result<UploadInfo>> Uploads::Get(UploadId id) {
    CO_TRY(const catalog::Upload upload,
           co_await core_.database.Read(
               db::Cost::kPoint, [&](db::Transaction& tx) { return FindOpenUpload(tx, id); }));
    co_return ToInfo(upload);
}

Task<Result<>> Uploads::Abort(UploadId id) {
    CO_TRY(co_await core_.database.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(const catalog::Upload upload, FindOpenUpload(tx, id));
            TRY(catalog::DeleteContent(tx, upload.id));
            return Ok();
        },
        db::Purpose::kFreesSpace));
    core_.reclaimer.Wake();
    co_return Ok();
}

}  // namespace coffer::service
