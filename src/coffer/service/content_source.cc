#include "coffer/service/content_source.h"

#include <utility>

#include "coffer/base/check.h"
#include "coffer/catalog/blobs.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/extents.h"

namespace coffer::service {
namespace {

class ContentSource final : public ByteSource {
  public:
    ContentSource(store::Store& store, std::vector<catalog::LocatedExtent> extents,
                  std::vector<BlobGate::Hold> holds)
        : store_(store), extents_(std::move(extents)), holds_(std::move(holds)) {}

    Task<Result<>> OpenNext() {
        const catalog::LocatedExtent& located = extents_[next_++];
        left_ = located.extent.length_bytes;
        CO_TRY(current_,
               co_await store_.Read(located.copy.key, {located.extent.offset_bytes, left_}));
        co_return Ok();
    }

    Task<Result<size_t>> Read(ByteSpan out) override {
        if (left_ == 0) {
            if (next_ == extents_.size()) co_return size_t{0};
            CO_TRY(co_await OpenNext());
        }
        CO_TRY(const size_t n, co_await current_->Read(out));
        COFFER_CHECK(n <= left_);
        if (n == 0) co_return Error(ErrorKind::kCorrupt, "a store gave fewer bytes than asked for");
        left_ -= n;
        co_return n;
    }

  private:
    store::Store& store_;
    std::vector<catalog::LocatedExtent> extents_;  // none is empty
    std::vector<BlobGate::Hold> holds_;
    size_t next_ = 0;  // extent to open next
    std::unique_ptr<ByteSource> current_;
    uint64_t left_ = 0;  // bytes that current_ still has
};

// Between locating and holding, the bytes may have been removed. Of one extent the store tells; of
// several, whether the version is still there, since some may be gone when the first is not.
Task<Result<>> CheckStillThere(Core& core, const catalog::Version& version) {
    CO_TRY(const auto now, co_await core.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
        return catalog::FindVersion(tx, version.bucket, version.key, version.version_id);
    }));
    if (!now || now->sequence != version.sequence)
        co_return Error(ErrorKind::kNotFound, "the version was replaced");
    co_return Ok();
}

}  // namespace

Result<ReadableContent> LocateContent(db::Transaction& tx, const catalog::Version& version,
                                      store::ByteRange range) {
    ReadableContent content{version, {}};
    TRY(const std::vector<catalog::Extent> extents, catalog::ReadExtents(tx, version));
    for (const catalog::Extent& extent : ClipExtents(extents, range)) {
        TRY(catalog::LocatedExtent located, catalog::Locate(tx, extent, catalog::kEngineStore));
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
        CO_TRY(co_await CheckStillThere(core, content.version));
    }
    const bool empty = content.extents.empty();
    auto source =
        std::make_unique<ContentSource>(core.store, std::move(content.extents), std::move(holds));
    if (!empty) {
        CO_TRY(co_await source->OpenNext());
    }
    co_return std::unique_ptr<ByteSource>(std::move(source));
}

}  // namespace coffer::service
