#include "coffer/service/ingest.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/copies.h"
#include "coffer/service/copy_condition.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/sealed_stream.h"

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

// A blob that the catalogue has, and its copy here.
struct Stored {
    catalog::Blob blob;
    catalog::Copy copy;
};

// The stored blob of the same content: of the same bytes, or, where they are encrypted, of what is
// known by the same name in its domain.
Task<Result<std::optional<Stored>>> FindStored(Core& core, catalog::Blob blob) {
    co_return co_await core.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<std::optional<Stored>> {
            TRY(std::optional<catalog::Blob> row, blob.content
                                                      ? catalog::FindBlobOf(tx, *blob.content)
                                                      : catalog::FindBlob(tx, blob.sha256));
            if (!row) return std::optional<Stored>();
            TRY(std::optional<catalog::Copy> copy,
                catalog::FindCopy(tx, row->id, catalog::kEngineStore));
            if (!copy) return std::optional<Stored>();
            return std::optional<Stored>({*std::move(row), *std::move(copy)});
        });
}

// Whether a stored blob's bytes need not be written again: the catalogue says that they are there,
// and so does the store. A read would tell more, but costs as much as the object is long; where one
// has failed, the catalogue says so.
Task<Result<bool>> IsThere(Core& core, Stored stored) {
    if (stored.copy.state != catalog::CopyState::kLive) co_return false;
    const catalog::Blob& blob = stored.blob;
    const Result<store::CopyStat> stat = co_await core.store.Stat(stored.copy.key);
    if (stat && stat.value().sha256 == blob.sha256 && stat.value().size_bytes == blob.size_bytes)
        co_return true;
    const Error error =
        stat ? Error(ErrorKind::kCorrupt, "the copy is of another blob") : stat.error();
    // What the disk does not give is as good as gone: the bytes at hand take its place.
    if (!ConditionOf(error)) co_return error;
    co_await core.damage.Report(stored.copy, blob.sha256, error, std::nullopt);
    co_return false;
}

// Makes the staged bytes durable, unless the same content is there already; then `ingested` names
// the blob that has it. Holds whichever it is.
Task<Result<>> Keep(Core& core, std::unique_ptr<store::Staged> staged, Ingested& ingested) {
    if (ingested.blob.content) {
        // What has the content has other bytes, and another digest to hold it by.
        CO_TRY(const auto known, co_await FindStored(core, ingested.blob));
        if (known) {
            ingested.hold = co_await core.gate.Share(known->blob.sha256);
            CO_TRY(const bool there, co_await IsThere(core, *known));
            if (there) {
                ingested.blob = known->blob;
                co_return Ok();
            }
        }
        ingested.hold = co_await core.gate.Share(ingested.blob.sha256);
    } else {
        ingested.hold = co_await core.gate.Share(ingested.blob.sha256);
        CO_TRY(const auto known, co_await FindStored(core, ingested.blob));
        if (known) {
            CO_TRY(const bool there, co_await IsThere(core, *known));
            if (there) co_return Ok();
        }
    }
    Result<std::string> committed = co_await core.store.Commit(std::move(staged));
    if (!committed) {
        core.reclaimer.NoteOrphan();  // how far it came is not known
        co_return committed.error();
    }
    ingested.copy_key = std::move(committed).value();
    co_return Ok();
}

// What came, as it was staged.
struct Taken {
    std::unique_ptr<store::Staged> staged;
    store::Digests plain;  // before its encryption
    catalog::Blob blob;
};

Task<Result<Taken>> TakePlain(Core& core, store::StageHints hints, ByteSource& body) {
    CO_TRY(std::unique_ptr<store::Staged> staged, co_await core.store.Stage(body, hints));
    const store::Digests digests = staged->digests();
    catalog::Blob blob;
    blob.sha256 = digests.sha256;
    blob.size_bytes = digests.size_bytes;
    co_return Taken{std::move(staged), digests, std::move(blob)};
}

Task<Result<Taken>> TakeSealed(Core& core, store::StageHints hints, ByteSource& body,
                               ChosenEncryption encryption) {
    CO_TRY(NewBlobKey key, co_await core.encryptor.NewKey(encryption));
    SealingSource sealing(body, key.key, hints, core.pool, core.buffers);
    store::StageHints sealed;
    sealed.sha256_of_source = [&sealing] { return sealing.TakeSealedSha256(); };
    if (hints.size_bytes) sealed.size_bytes = codec::SealedSize(*hints.size_bytes);
    CO_TRY(Taken taken, co_await TakePlain(core, sealed, sealing));
    taken.plain = sealing.TakeDigests();
    CO_TRY(taken.blob.content, core.encryptor.ContentOf(encryption.kept, taken.plain.sha256));
    taken.blob.seal = std::move(key.seal);
    co_return taken;
}

}  // namespace

Task<Result<Ingested>> Ingest(Core& core, ExpectedContent content, ByteSource& body,
                              std::optional<ChosenEncryption> encryption) {
    if (content.size_bytes && *content.size_bytes > kMaxPutBytes) co_return TooLarge();
    LimitedSource limited(body);
    const store::StageHints hints{.size_bytes = content.size_bytes, .checksum = content.checksum};
    Result<Taken> taken = encryption ? co_await TakeSealed(core, hints, limited, *encryption)
                                     : co_await TakePlain(core, hints, limited);
    if (!taken) co_return taken.error();
    const store::Digests& plain = taken.value().plain;
    CO_TRY(Check(content, plain));

    Ingested ingested;
    if (encryption) ingested.encryption = std::move(encryption->kept);
    ingested.blob = std::move(taken.value().blob);
    ingested.size_bytes = plain.size_bytes;
    ingested.etag = EtagOf(ingested.encryption, plain.md5);
    if (content.checksum) {
        ingested.checksum = Checksum{*content.checksum, ChecksumType::kFullObject, plain.checksum};
    }
    CO_TRY(co_await Keep(core, std::move(taken.value().staged), ingested));
    co_return std::move(ingested);
}

Result<catalog::BlobId> Record(db::Transaction& tx, Ingested& ingested) {
    TRY(catalog::AddedBlob added,
        catalog::AddBlob(tx, ingested.blob, catalog::kEngineStore, ingested.copy_key));
    ingested.spare = std::move(added.spare);
    return added.id;
}

Task<void> Settle(Core& core, Ingested ingested) {
    if (!ingested.spare) co_return;
    ingested.hold = BlobGate::Hold();
    co_await core.reclaimer.DropSpare(ingested.spare->sha256, std::move(ingested.spare->key));
}

Task<void> Abandon(Core& core, Ingested ingested) {
    if (!ingested.copy_key) co_return;
    ingested.hold = BlobGate::Hold();
    co_await core.reclaimer.DropSpare(ingested.blob.sha256, *std::move(ingested.copy_key));
}

}  // namespace coffer::service
