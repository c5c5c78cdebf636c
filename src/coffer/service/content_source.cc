#include "coffer/service/content_source.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/catalog/blobs.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/copy_condition.h"
#include "coffer/service/extents.h"
#include "coffer/service/sealed_stream.h"

namespace coffer::service {
namespace {

// A store that does not answer now says nothing of the copy, and another one may answer. What is
// left (no descriptor, no buffer) is the server's.
bool IsOfTheStore(const Error& error) {
    return error.kind() == ErrorKind::kTimeout || error.kind() == ErrorKind::kUnavailable;
}

// As whoever reads the object is told: that bytes are gone is not its absence, nor is what a store
// refuses something that the client did.
Error AsReadError(const Error& error) {
    if (error.kind() == ErrorKind::kIo || IsOfTheStore(error)) return error;
    return Error(ErrorKind::kCorrupt, error.message());
}

class ContentSource final : public ByteSource {
  public:
    ContentSource(Core& core, ReadableContent content, std::vector<BlobGate::Hold> holds)
        : core_(core), content_(std::move(content)), holds_(std::move(holds)) {}

    // Begins the next extent.
    Task<Result<>> OpenNext() {
        left_ = content_.extents[next_++].extent.length_bytes;
        copy_ = 0;
        failure_.reset();
        key_.reset();
        if (extent().blob.seal) {
            CO_TRY(key_, core_.encryptor.KeyOf(*extent().blob.seal, content_.customer_key));
        }
        co_return co_await OpenCopy();
    }

    Task<Result<size_t>> Read(ByteSpan out) override {
        if (left_ == 0) {
            if (next_ == content_.extents.size()) co_return size_t{0};
            CO_TRY(co_await OpenNext());
        }
        for (;;) {
            Result<size_t> n = co_await current_->Read(out);
            if (n && n.value() == 0)
                n = Error(ErrorKind::kCorrupt, "a store gave fewer bytes than asked for");
            if (n) {
                COFFER_CHECK(n.value() <= left_);
                left_ -= n.value();
                co_return n;
            }
            // What was given out was checked: another copy goes on where this one ends.
            CO_TRY(co_await GiveUpCopy(n.error()));
            CO_TRY(co_await OpenCopy());
        }
    }

  private:
    const catalog::LocatedExtent& extent() const { return content_.extents[next_ - 1]; }

    // Opens what is left of the extent in the first copy that can be opened, from copy_ on.
    Task<Result<>> OpenCopy() {
        const uint64_t offset = extent().extent.offset_bytes + extent().extent.length_bytes - left_;
        while (copy_ < extent().copies.size()) {
            const catalog::Copy& copy = extent().copies[copy_];
            store::Store* const store = core_.stores.Find(copy.store);
            if (store == nullptr) {
                ++copy_;
                continue;
            }
            auto opened = key_ ? co_await OpenSealed(*store, copy.key, extent().blob.size_bytes,
                                                     *key_, {offset, left_}, core_.buffers)
                               : co_await store->Read(copy.key, {offset, left_});
            if (opened) {
                current_ = std::move(opened).value();
                co_return Ok();
            }
            CO_TRY(co_await GiveUpCopy(opened.error()));
        }
        co_return failure_.value_or(
            Error(ErrorKind::kUnavailable, "no store that is open here has the bytes"));
    }

    // Notes what is wrong with the current copy, and goes on to the next one. Fails where that is
    // of no use.
    Task<Result<>> GiveUpCopy(Error error) {
        const std::optional<CopyCondition> condition = ConditionOf(error);
        if (!condition && !IsOfTheStore(error)) co_return error;
        if (condition) {
            const Wanted wanted{content_.bucket, content_.key};
            const bool damaged = co_await core_.damage.Report(extent().copies[copy_],
                                                              extent().blob.sha256, error, wanted);
            if (!damaged && condition == CopyCondition::kMissing) {  // it is elsewhere by now
                if (co_await FindAgain()) co_return Ok();
                co_return error;
            }
        }
        if (!failure_) failure_ = AsReadError(error);  // the first one is the one to tell
        ++copy_;
        co_return Ok();
    }

    // Whether the current extent has other copies than when it was located: a compaction moves what
    // is small, also while somebody holds it.
    Task<bool> FindAgain() {
        const auto now = co_await core_.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
            return catalog::Locate(tx, extent().extent);
        });
        if (!now || now.value().blob.sha256 != extent().blob.sha256) co_return false;
        const auto key = [](const catalog::Copy& copy) { return std::pair(copy.store, copy.key); };
        if (std::ranges::equal(now.value().copies, extent().copies, {}, key, key)) co_return false;
        content_.extents[next_ - 1].copies = now.value().copies;
        copy_ = 0;
        co_return true;
    }

    Core& core_;
    ReadableContent content_;  // no extent is empty
    std::vector<BlobGate::Hold> holds_;
    size_t next_ = 0;               // extent to open next
    size_t copy_ = 0;               // of the current extent, that is being read
    std::optional<Error> failure_;  // of an earlier copy of it
    std::optional<AeadKey> key_;    // of its blob, where that is encrypted
    std::unique_ptr<ByteSource> current_;
    uint64_t left_ = 0;  // bytes of the current extent that are to come
};

// Between locating and holding, the bytes may have been removed. Of one extent the store tells; of
// several, whether the version is still there, since some may be gone when the first is not.
Task<Result<>> CheckStillThere(Core& core, const ReadableContent& content) {
    CO_TRY(const auto now, co_await core.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
        return catalog::FindVersion(tx, content.bucket, content.key, content.version_id);
    }));
    if (!now || now->sequence != content.sequence)
        co_return Error(ErrorKind::kNotFound, "the version was replaced");
    co_return Ok();
}

}  // namespace

Result<ReadableContent> LocateContent(db::Transaction& tx, const catalog::Version& version,
                                      store::ByteRange range,
                                      std::optional<catalog::LocatedExtent> whole) {
    ReadableContent content{version.bucket, version.key, version.version_id, version.sequence, {}};
    if (whole) {
        whole->extent.offset_bytes += range.offset;
        whole->extent.length_bytes = range.length;
        if (range.length > 0) content.extents.push_back(*std::move(whole));
        return content;
    }
    TRY(const std::vector<catalog::Extent> extents, catalog::ReadExtents(tx, version));
    for (const catalog::Extent& extent : ClipExtents(extents, range)) {
        TRY(catalog::LocatedExtent located, catalog::Locate(tx, extent));
        content.extents.push_back(std::move(located));
    }
    return content;
}

Task<Result<std::unique_ptr<ByteSource>>> OpenContent(Core& core, ReadableContent content) {
    std::vector<BlobGate::Hold> holds;
    holds.reserve(content.extents.size());
    for (const catalog::LocatedExtent& located : content.extents)
        holds.push_back(co_await core.gate.Share(located.blob.sha256));
    if (content.extents.size() > 1) {
        CO_TRY(co_await CheckStillThere(core, content));
    }
    const bool empty = content.extents.empty();
    auto source = std::make_unique<ContentSource>(core, std::move(content), std::move(holds));
    if (!empty) {
        CO_TRY(co_await source->OpenNext());
    }
    co_return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace coffer::service
