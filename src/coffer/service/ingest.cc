#include "coffer/service/ingest.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/copies.h"
#include "coffer/service/reclaimer.h"

namespace coffer::service {
namespace {

Error TooLarge() {
    return Error(ErrorKind::kTooLarge, "EntityTooLarge",
                 "your proposed upload exceeds the maximum allowed object size of 5 GiB; "
                 "use a multipart upload");
}

// Ends a body that is longer than any one upload may be.
class LimitedSource final : public ByteSource {
  public:
    explicit LimitedSource(ByteSource& source) : source_(source) {}

    Task<Result<size_t>> Read(ByteSpan out) override {
        CO_TRY(const size_t n, co_await source_.Read(out));
        total_ += n;
        if (total_ > kMaxPutBytes) co_return TooLarge();
        co_return n;
    }

  private:
    ByteSource& source_;
    uint64_t total_ = 0;
};

Error BadDigest(std::string_view what) {
    return Error(ErrorKind::kInvalid, "BadDigest",
                 fmt::format("the {} that you specified did not match what was received", what));
}

// What arrived against what was promised.
Result<> Check(const ExpectedContent& content, const store::Digests& digests) {
    if (content.size_bytes && *content.size_bytes != digests.size_bytes) {
        return Error(ErrorKind::kInvalid, "IncompleteBody",
                     "you did not provide the number of bytes specified by the Content-Length "
                     "HTTP header");
    }
    if (content.sha256 && *content.sha256 != digests.sha256) {
        return Error(ErrorKind::kInvalid, "XAmzContentSHA256Mismatch",
                     "the provided 'x-amz-content-sha256' header does not match what was computed");
    }
    if (content.md5 && *content.md5 != digests.md5) return BadDigest("Content-MD5");
    if (content.checksum && content.checksum_value) {
        TRY(const std::string expected, content.checksum_value());
        if (expected != digests.checksum)
            return BadDigest(fmt::format("{} checksum", codec::ChecksumName(*content.checksum)));
    }
    return Ok();
}

// Whether the content's bytes need not be written again: the catalogue says that they are there,
// and so does the store. A read would tell more, but costs as much as the object is long.
Task<Result<bool>> IsThere(Core& core, codec::Sha256Digest sha256, uint64_t size_bytes) {
    CO_TRY(const std::optional<catalog::Copy> copy,
           co_await core.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
               return catalog::FindCopyOf(tx, sha256, catalog::kEngineStore);
           }));
    if (!copy || copy->state != catalog::CopyState::kLive) co_return false;
    const Result<store::CopyStat> stat = co_await core.store.Stat(copy->key);
    if (stat && stat.value().sha256 == sha256 && stat.value().size_bytes == size_bytes)
        co_return true;
    const Error error =
        stat ? Error(ErrorKind::kCorrupt, "the copy is of another blob") : stat.error();
    if (error.kind() != ErrorKind::kCorrupt && error.kind() != ErrorKind::kNotFound)
        co_return error;
    co_await core.damage.Report(*copy, sha256, error, std::nullopt);
    co_return false;
}

}  // namespace

Task<Result<Ingested>> Ingest(Core& core, ExpectedContent content, ByteSource& body) {
    if (content.size_bytes && *content.size_bytes > kMaxPutBytes) co_return TooLarge();
    LimitedSource limited(body);
    CO_TRY(std::unique_ptr<store::Staged> staged,
           co_await core.store.Stage(
               limited, {.size_bytes = content.size_bytes, .checksum = content.checksum}));
    const store::Digests digests = staged->digests();
    CO_TRY(Check(content, digests));

    Ingested ingested;
    ingested.blob.sha256 = digests.sha256;
    ingested.md5 = digests.md5;
    ingested.blob.size_bytes = digests.size_bytes;
    if (content.checksum) {
        ingested.checksum =
            Checksum{*content.checksum, ChecksumType::kFullObject, digests.checksum};
    }
    ingested.hold = co_await core.gate.Share(digests.sha256);
    CO_TRY(const bool there, co_await IsThere(core, digests.sha256, digests.size_bytes));
    if (!there) {
        Result<std::string> committed = co_await core.store.Commit(std::move(staged));
        if (!committed) {
            core.reclaimer.NoteOrphan();  // how far it came is not known
            co_return committed.error();
        }
        ingested.copy_key = std::move(committed).value();
    }
    co_return std::move(ingested);
}

Result<catalog::BlobId> Record(db::Transaction& tx, Ingested& ingested) {
    TRY(catalog::AddedBlob added,
        catalog::AddBlob(tx, ingested.blob, catalog::kEngineStore, ingested.copy_key));
    ingested.spare_key = std::move(added.spare_key);
    return added.id;
}

Task<void> Settle(Core& core, Ingested ingested) {
    if (!ingested.spare_key) co_return;
    ingested.hold = BlobGate::Hold();
    co_await core.reclaimer.DropSpare(ingested.blob.sha256, *std::move(ingested.spare_key));
}

Task<void> Abandon(Core& core, Ingested ingested) {
    if (!ingested.copy_key) co_return;
    ingested.hold = BlobGate::Hold();
    co_await core.reclaimer.DropSpare(ingested.blob.sha256, *std::move(ingested.copy_key));
}

}  // namespace coffer::service
