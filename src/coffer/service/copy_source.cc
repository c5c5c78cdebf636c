#include "coffer/service/copy_source.h"

#include <algorithm>
#include <utility>

#include "coffer/runtime/buffer_pool.h"

namespace coffer::service {

Error CopySourceTooLarge() {
    return Error(ErrorKind::kInvalid, "InvalidRequest",
                 "the specified copy source is larger than the maximum allowable size for a copy "
                 "source: 5368709120");
}

Result<FoundVersion> ResolveSource(db::Transaction& tx, const NamedObject& source) {
    Result<FoundVersion> found = ResolveVersion(tx, source);
    if (found || found.error().code() != "MethodNotAllowed") return found;
    return Error(ErrorKind::kInvalid, "InvalidRequest",
                 "the source of a copy request may not specifically refer to a delete marker by "
                 "version id");
}

Task<Result<SourceDigests>> DigestSource(Core& core, ReadableContent content,
                                         std::optional<codec::ChecksumAlgorithm> algorithm) {
    CO_TRY(const std::unique_ptr<ByteSource> source,
           co_await OpenContent(core, std::move(content)));
    CO_TRY(const runtime::Buffer buffer, core.buffers.Take());
    const std::unique_ptr<codec::Hasher> md5 = codec::NewMd5();
    const std::unique_ptr<codec::Hasher> checksum =
        algorithm ? codec::NewHasher(*algorithm) : nullptr;
    for (;;) {
        CO_TRY(const size_t n, co_await source->Read(buffer.span()));
        if (n == 0) break;
        md5->Update(buffer.span().first(n));
        if (checksum) checksum->Update(buffer.span().first(n));
    }
    SourceDigests digests;
    const std::string raw = md5->Finish();
    std::ranges::copy(AsBytes(raw), digests.md5.begin());
    if (checksum)
        digests.checksum = Checksum{*algorithm, ChecksumType::kFullObject, checksum->Finish()};
    co_return digests;
}

Task<Result<Ingested>> IngestSource(Core& core, ReadableContent content, ExpectedContent expected,
                                    std::optional<ChosenEncryption> encryption) {
    CO_TRY(const std::unique_ptr<ByteSource> source,
           co_await OpenContent(core, std::move(content)));
    co_return co_await Ingest(core, std::move(expected), *source, std::move(encryption));
}

}  // namespace coffer::service
